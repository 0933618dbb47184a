//! What others may have made of the file of a secret: a folder, a link, a pipe, a socket, another mode or owner.

use super::{FILE, IdentityError, NOON, State, check, forget};
use crate::files::{Deletion, FileError};
use std::fs;
#[cfg(unix)]
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

/// Something that is done to the file of a secret.
type Change = fn(&Path);

#[cfg(unix)]
fn become_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn away(path: &Path) -> PathBuf {
    let away = path.with_file_name("away");
    fs::rename(path, &away).unwrap();
    away
}

const CHANGES: &[(Change, FileError)] = &[
    (|path| fs::create_dir(away(path).with_file_name(FILE)).unwrap(), FileError::NotAFile),
    (|path| fs::OpenOptions::new().write(true).open(path).unwrap().set_len(1 << 30).unwrap(), FileError::TooLarge),
];

/// Windows has no modes, and makes no symbolic link without a right of its own.
#[cfg(unix)]
const CHANGES_OF_UNIX: &[(Change, FileError)] = &[
    (
        |path| {
            away(path);
            assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
        },
        FileError::NotAFile,
    ),
    (
        |path| {
            away(path);
            drop(std::os::unix::net::UnixListener::bind(path).unwrap());
        },
        FileError::NotAFile,
    ),
    (|path| symlink(away(path), path).unwrap(), FileError::Link),
    (|path| symlink(away(path).with_file_name(FILE), path).unwrap(), FileError::Link),
    (|path| symlink(away(path).with_file_name("nothing"), path).unwrap(), FileError::Link),
    (|path| become_mode(path, 0o644), FileError::OthersRead),
    (|path| become_mode(path, 0o640), FileError::OthersRead),
    (|path| become_mode(path, 0o604), FileError::OthersRead),
    (|path| become_mode(path, 0o666), FileError::OthersWrite),
    (|path| become_mode(path, 0o620), FileError::OthersWrite),
    (|path| become_mode(path, 0o602), FileError::OthersWrite),
    (|path| become_mode(path.parent().unwrap(), 0o777), FileError::OthersWrite),
    (|path| become_mode(path.parent().unwrap(), 0o770), FileError::OthersWrite),
];

#[cfg(windows)]
const CHANGES_OF_UNIX: &[(Change, FileError)] = &[];

#[test]
fn a_foreign_file_is_not_a_secret() {
    for (nth, (change, expected)) in CHANGES.iter().chain(CHANGES_OF_UNIX).enumerate() {
        let state = State::new();
        state.secret(NOON);
        change(&state.file());
        check(&state, IdentityError::File(*expected), &format!("row {nth}"));
    }
    #[cfg(unix)]
    if rustix::process::getuid().is_root() {
        let state = State::new();
        state.secret(NOON);
        chown(state.file(), Some(12_345), None).unwrap();
        check(&state, IdentityError::File(FileError::Owner), "somebody else's");
    }
}

// Windows has no modes.
#[cfg(unix)]
#[test]
fn only_the_person_can_read_a_secret() {
    let state = State::new();
    state.secret(NOON);
    assert_eq!(fs::metadata(state.file()).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_cannot_be_used_can_be_forgotten() {
    let state = State::new();
    state.secret(NOON);
    fs::write(state.path().join("queue"), "").unwrap();
    #[cfg(unix)]
    become_mode(&state.file(), 0o666);
    #[cfg(windows)]
    scruple_fixtures::files::make_read_only(&state.file());
    assert_eq!(forget(state.path(), Deletion::AfterNo), Ok(()));
    fs::write(state.file(), "damaged").unwrap();
    assert_eq!(forget(state.path(), Deletion::AfterNo), Ok(()));
    #[cfg(unix)]
    symlink("queue", state.file()).unwrap();
    assert_eq!(forget(state.path(), Deletion::AfterNo), Ok(()));
    assert!(state.path().join("queue").exists() && !state.file().is_symlink());
    assert_eq!(fs::read_dir(state.path()).unwrap().count(), 1, "under no other name either");
}

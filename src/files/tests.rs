//! Files of a person's own: written whole under the lock, by threads and by processes that are killed.

mod folders;
mod whole;

use super::lock::Lock;
use super::{FileError, Folder, read_anyones};
use folders::{FILE, names, open, process, read};
use proptest::prelude::*;
use scruple_fixtures::process::{say, wait};
use std::fs::{self, File, TryLockError};
use std::io::Read as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use tempfile::tempdir;
use whole::{count, write};

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Not a test: what a second process does, as the variable `FOLDER_ROLE` says, in the folder of `FOLDER_PATH`.
#[test]
fn the_process() {
    let Some(role) = std::env::var_os("FOLDER_ROLE") else { return };
    let path = std::env::var_os("FOLDER_PATH").unwrap();
    let path = Path::new(&path);
    match role.to_str().unwrap().split_once(' ').unwrap() {
        ("write", content) => write(&open(path), content.as_bytes()),
        ("masked", mask) => {
            rustix::process::umask(rustix::fs::Mode::from_raw_mode(
                rustix::fs::RawMode::from_str_radix(mask, 8).unwrap(),
            ));
            write(&open(path), b"content");
        }
        ("half", content) => {
            let folder = open(path);
            let content = |_| {
                wait();
                content.as_bytes().to_vec()
            };
            folder.lock().unwrap().write_over(FILE, content).unwrap();
        }
        ("hold", _) => {
            let folder = open(path);
            let _lock = folder.lock().unwrap();
            wait();
        }
        ("count", times) => {
            wait();
            (0..times.parse().unwrap()).for_each(|_| count(path));
            say("counted");
        }
        other => panic!("what is {other:?}?"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]
    #[test]
    fn no_file_is_absent_behind_a_link_without_a_target(way in prop::collection::vec((0..6_usize, any::<bool>()), 1..6)) {
        let place = tempdir().unwrap();
        let outside = tempdir().unwrap();
        let (mut path, mut there, mut expected) = (place.path().to_owned(), place.path().to_owned(), Ok(true));
        for (nth, (kind, is_relative)) in way.into_iter().enumerate() {
            let name = format!("name{nth}");
            path.push(&name);
            if expected != Ok(true) {
                continue;
            }
            let behind = outside.path().join(&name);
            match kind {
                0 => {
                    let up = there.ancestors().skip(1).map(|_| "..").collect::<PathBuf>();
                    let relative = up.join(behind.strip_prefix("/").unwrap());
                    fs::create_dir(&behind).unwrap();
                    symlink(if is_relative { &relative } else { &behind }, there.join(&name)).unwrap();
                    there = behind;
                }
                1 => {
                    symlink(if is_relative { Path::new("gone") } else { &behind }, there.join(&name)).unwrap();
                    expected = Err(FileError::DanglingLink);
                }
                2 => expected = Ok(false),
                _ => {
                    there.push(&name);
                    fs::create_dir(&there).unwrap();
                }
            }
        }
        prop_assert_eq!(Folder::open(&path).map(|found| found.is_some()), expected);
        let file = path.join("file");
        let of_file = if expected == Ok(true) { Ok(false) } else { expected };
        prop_assert_eq!(read_anyones(&file).map(|found| found.is_some()), of_file);
        prop_assert_eq!(Folder::make(&path).err(), expected.err());
    }
}

#[test]
fn modes_are_private_with_any_umask() {
    for mask in ["0", "22", "77", "377", "777"] {
        let place = tempdir().unwrap();
        let deep = place.path().join("a/b/c");
        process(&format!("masked {mask}"), &deep).end();
        assert_eq!(mode(&deep.join(FILE)), 0o600, "{mask}");
        let made = deep.ancestors().take_while(|folder| *folder != place.path());
        made.for_each(|folder| assert_eq!(mode(folder), 0o700, "{mask}: {folder:?}"));
    }
}

#[test]
fn a_reader_never_sees_half_a_file() {
    let place = tempdir().unwrap();
    let folder = open(place.path());
    let contents = [vec![b'a'; 200_000], vec![b'b'; 300]];
    write(&folder, &contents[0]);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut times = 0;
                    while !is_over.load(Ordering::Relaxed) || times == 0 {
                        let found = read(&folder).expect("it is always there");
                        assert!(contents.contains(&found), "half a file of {} bytes", found.len());
                        times += 1;
                    }
                })
            })
            .collect();
        (0..60).for_each(|nth| write(&folder, &contents[nth % 2]));
        is_over.store(true, Ordering::Relaxed);
        readers.into_iter().for_each(|reader| reader.join().unwrap());
    });
}

#[test]
fn a_lock_ends_with_its_process() {
    let place = tempdir().unwrap();
    let folder = open(place.path());
    let mut holder = process("hold it", place.path());
    assert_eq!(holder.hear().as_deref(), Some("waiting"));
    let is_held = || matches!(File::open(place.path()).unwrap().try_lock(), Err(TryLockError::WouldBlock));
    assert!(is_held());
    assert_eq!(folder.lock().err(), Some(FileError::Busy), "nobody waits for ever");
    assert_eq!(read(&folder), None, "readers do not wait");
    holder.kill();
    let lock = folder.lock().unwrap();
    assert!(is_held(), "by this process too");
    drop(lock);
    assert!(!is_held());
    assert_eq!(names(place.path()), [""; 0], "it leaves nothing behind");
}

#[test]
fn the_remains_of_a_killed_process_are_removed_by_the_next() {
    type Next = fn(&Folder) -> Option<&'static str>;
    let nexts: [Next; 3] = [
        |folder| folder.lock().unwrap().write(FILE, |_| b"new".to_vec()).map(|()| Some("new")).unwrap(),
        |folder| folder.lock().unwrap().write_over(FILE, |_| b"new".to_vec()).map(|()| Some("new")).unwrap(),
        |folder| folder.lock().unwrap().erase(FILE).map(|()| None).unwrap(),
    ];
    for next in nexts {
        let place = tempdir().unwrap();
        let folder = open(place.path());
        write(&folder, b"old");
        // None of these is a temporary file of this one.
        let others = [".some.toml", ".some.toml.bak", ".some.toml.0123456789ABCDEFG", ".other.toml.0123456789abcdef"];
        others.iter().for_each(|name| fs::write(place.path().join(name), "x").unwrap());
        for _ in 0..2 {
            let mut killed = process("half a secret", place.path());
            assert_eq!(killed.hear().as_deref(), Some("waiting"));
            let left = names(place.path());
            let left = left.iter().find(|name| **name != FILE && !others.contains(&name.as_str())).unwrap();
            assert_eq!(mode(&place.path().join(left)), 0o600, "before the first byte");
            killed.kill();
            assert_eq!(read(&folder).as_deref(), Some(b"old".as_slice()));
        }
        let left = names(place.path()).len() - others.len() - 1;
        assert!(left >= 1, "something is left of the last one at least: {left}");
        let expected = next(&folder);
        assert_eq!(read(&folder).as_deref(), expected.map(str::as_bytes));
        let mut there: Vec<_> = others.into_iter().chain(expected.map(|_| FILE)).collect();
        there.sort_unstable();
        assert_eq!(names(place.path()), there);
    }
}

/// What a file holds after a change, through a handle from before.
#[track_caller]
fn check_overwritten(change: impl FnOnce(&Folder), expected: &[u8]) {
    let place = tempdir().unwrap();
    let folder = open(place.path());
    write(&folder, b"a secret");
    let mut old = File::open(place.path().join(FILE)).unwrap();
    change(&folder);
    let mut bytes = Vec::new();
    old.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, expected);
}

#[test]
fn an_old_secret_is_overwritten() {
    check_overwritten(|folder| folder.lock().unwrap().write_over(FILE, |_| b"new".to_vec()).unwrap(), &[0; 8]);
    check_overwritten(|folder| folder.lock().unwrap().erase(FILE).unwrap(), &[0; 8]);
    check_overwritten(|folder| write(folder, b"new"), b"a secret");
}

#[test]
fn a_file_with_a_second_name_is_left_unchanged() {
    let place = tempdir().unwrap();
    let folder = open(place.path());
    let kept = place.path().join("kept");
    type Change = fn(&Lock<'_>) -> Result<(), FileError>;
    let changes: [Change; 2] = [|lock| lock.write_over(FILE, |_| b"new".to_vec()), |lock| lock.erase(FILE)];
    for change in changes {
        write(&folder, b"a backup");
        fs::hard_link(place.path().join(FILE), &kept).unwrap();
        change(&folder.lock().unwrap()).unwrap();
        assert_eq!(fs::read(&kept).unwrap(), b"a backup");
        // Nor does anything go through a link.
        let _ = fs::remove_file(place.path().join(FILE));
        symlink("kept", place.path().join(FILE)).unwrap();
        change(&folder.lock().unwrap()).unwrap();
        assert_eq!(fs::read(&kept).unwrap(), b"a backup");
        assert!(!place.path().join(FILE).is_symlink());
        fs::remove_file(&kept).unwrap();
    }
}

#[test]
fn a_folder_is_made_only_where_one_can_be() {
    let place = tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    fs::write(at("file"), "").unwrap();
    symlink(at("loop"), at("loop")).unwrap();
    fs::create_dir(at("open")).unwrap();
    fs::set_permissions(at("open"), fs::Permissions::from_mode(0o777)).unwrap();
    fs::create_dir(at("real")).unwrap();
    symlink("real", at("link")).unwrap();
    symlink("nothing", at("dangling")).unwrap();
    for (path, expected) in [
        ("file", Err(FileError::NotAFolder)),
        ("file/below", Err(FileError::NotAFolder)),
        ("loop", Err(FileError::Link)),
        ("loop/below", Err(FileError::Link)),
        ("open", Err(FileError::OthersWrite)),
        ("link", Ok(())),
        ("link/below", Ok(())),
        ("new/below", Ok(())),
    ] {
        assert_eq!(Folder::make(&at(path)).map(drop), expected, "{path}");
    }
    for path in ["dangling", "dangling/below"] {
        assert_eq!(Folder::make(&at(path)).map(drop), Err(FileError::DanglingLink), "{path}");
    }
    assert_eq!(mode(&at("open")), 0o777, "what was there is left as it is");
    assert!(at("real/below").is_dir());
    assert!(Folder::open(&at("nothing")).unwrap().is_none());
    assert!(!at("nothing").exists());
}

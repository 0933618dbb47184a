//! What the tests of every system share.

use crate::files::{Access, FileError, Folder};
use scruple_fixtures::process::{Process, of_test};
use std::ffi::OsStr;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::time::SystemTime;
use tempfile::tempdir;

pub const FILE: &str = "some.toml";
const TEMPORARY: &str = ".some.toml";

pub fn open(path: &Path) -> Folder {
    Folder::make(path).unwrap()
}

pub fn read(folder: &Folder) -> Option<Vec<u8>> {
    folder.read(FILE, Access::Secret).unwrap().map(|(bytes, _)| bytes)
}

/// The names in a folder, sorted.
pub fn names(path: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A process of the test `the_process`, in this role.
pub fn process(role: &str, path: &Path) -> Process {
    let variables = [("FOLDER_ROLE", OsStr::new(role)), ("FOLDER_PATH", path.as_os_str())];
    Process::start(of_test("files::tests::the_process").envs(variables))
}

/// A process that recorded before a reset must not bring its deleted ids into the folder of the next one.
#[test]
fn a_folder_that_was_deleted_and_made_again_is_another() {
    let place = tempdir().unwrap();
    let (path, next) = (place.path().join("queue"), place.path().join("next"));
    let folder = open(&path);
    fs::write(path.join(FILE), "x").unwrap();
    // A number in the file system may be used again: the next folder is made before the first one is deleted.
    open(&next);
    open(place.path()).remove_tree("queue").unwrap();
    fs::rename(&next, &path).unwrap();
    let gone = Some(FileError::System(ErrorKind::NotFound));
    assert_eq!(folder.create(FILE).err(), gone);
    assert_eq!(folder.create_held(TEMPORARY, FILE).err(), gone);
    assert_eq!(folder.touch(FILE, SystemTime::now()).err(), gone);
    assert_eq!(folder.write_in_place(FILE, b"x").err(), gone);
    assert_eq!(folder.is_writable().err(), gone);
    assert_eq!(folder.make_below("inner").err(), gone);
    assert_eq!(folder.lock().and_then(|lock| lock.write(FILE, |_| b"x".to_vec())).err(), gone);
    assert_eq!(folder.append(FILE, b"x").err(), gone);
    assert_eq!(folder.try_lock_file(FILE).err(), gone);
    assert_eq!(names(&path), [""; 0]);
    // What is in the other folder stays.
    fs::write(path.join(FILE), "of the next").unwrap();
    let _ = folder.remove(FILE);
    let _ = folder.lock().and_then(|lock| lock.erase(FILE));
    let _ = folder.remove_tree(FILE);
    assert_eq!(read(&folder), None);
    assert_eq!(names(&path), [FILE]);
}

#[test]
fn a_new_file_is_held_under_its_only_name() {
    let place = tempdir().unwrap();
    let folder = open(place.path());
    let held = folder.create_held(TEMPORARY, FILE).unwrap().unwrap();
    assert_eq!(names(place.path()), [FILE]);
    assert!(folder.try_lock_ours(FILE).is_none());
    assert!(folder.create_held(TEMPORARY, FILE).unwrap().is_none(), "the name is taken");
    assert_eq!(names(place.path()), [FILE]);
    held.get().unwrap().write_all(b"line\n").unwrap();
    assert_eq!(read(&folder).as_deref(), Some(&b"line\n"[..]));
    drop(held);
    assert!(folder.try_lock_ours(FILE).is_some());
}

#[test]
fn the_folders_inside_another_are_made_and_found_again() {
    let place = tempdir().unwrap();
    let path = place.path().join("state");
    let inside = |names| Folder::make_inside(&path, names);
    let first = inside(["queue", "receiver"]).unwrap();
    let second = inside(["queue", "receiver"]).unwrap();
    first.append(FILE, b"x").unwrap();
    assert_eq!(read(&second).as_deref(), Some(&b"x"[..]));
    assert_eq!(names(&path.join("queue/receiver")), [FILE]);
    fs::write(path.join("file"), "x").unwrap();
    assert_eq!(inside(["file", "receiver"]).err(), Some(FileError::NotAFolder));
}

//! Files of a person's own on Windows: locks by share modes, replacement, and deletion while others have files open.

mod folders;
mod whole;

use super::folder::read_anyones;
use super::{Access, Deletion, FileError, Folder};
use folders::{FILE, names, open, process, read};
use scruple_fixtures::files::make_read_only;
use scruple_fixtures::process::{say, wait};
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime};
use tempfile::tempdir;
use whole::count;

/// Not a test: what a second process does, as the variable `FOLDER_ROLE` says, in the folder of `FOLDER_PATH`.
#[test]
fn the_process() {
    let Some(role) = std::env::var_os("FOLDER_ROLE") else { return };
    let path = std::env::var_os("FOLDER_PATH").unwrap();
    let path = Path::new(&path);
    let folder = open(path);
    match role.to_str().unwrap() {
        "lock" => {
            let _lock = folder.lock().unwrap();
            wait();
        }
        "record" => {
            let held = folder.create_held(".temporary", FILE).unwrap().unwrap();
            let mut file = held.get().unwrap();
            file.write_all(b"first\n").unwrap();
            wait();
            // Whether another has deleted it or not, it does not disturb.
            file.write_all(b"second\n").unwrap();
        }
        "count 10" => {
            wait();
            (0..10).for_each(|_| count(path));
            say("counted");
        }
        other => panic!("what is {other:?}?"),
    }
}

#[test]
fn a_lock_excludes_others_leaves_no_file_and_ends_with_its_process() {
    let place = tempdir().unwrap();
    let folder = open(place.path());
    let mut other = process("lock", place.path());
    assert_eq!(other.hear().as_deref(), Some("waiting"));
    assert_eq!(folder.lock_soon().err(), Some(FileError::Busy));
    folder.lock_to_delete().unwrap().erase(FILE).unwrap();
    other.kill();
    let lock = folder.lock().unwrap();
    assert_eq!(folder.lock_soon().err(), Some(FileError::Busy), "two of one process exclude each other too");
    drop(lock);
    folder.lock().unwrap();
    assert_eq!(names(place.path()), [""; 0]);
}

#[test]
fn what_a_process_records_is_read_by_others_and_taken_by_none() {
    let place = tempdir().unwrap();
    let folder = open(place.path());
    let mut other = process("record", place.path());
    assert_eq!(other.hear().as_deref(), Some("waiting"));
    assert_eq!(read(&folder).as_deref(), Some(&b"first\n"[..]), "no lock stops a reader");
    assert!(folder.open_ours(FILE).is_some());
    assert!(folder.try_lock_ours(FILE).is_none());
    assert_eq!(folder.create(FILE).err(), Some(FileError::System(ErrorKind::AlreadyExists)));
    other.kill();
    let (held, found) = folder.try_lock_ours(FILE).unwrap();
    assert_eq!(found.size, 6);
    assert!(folder.try_lock_ours(FILE).is_none(), "not twice");
    let is_deleted = folder.watch(FILE);
    assert!(!is_deleted(&held));
    drop(held);
    assert!(folder.try_lock_ours(FILE).is_some());
}

#[test]
fn a_file_is_deleted_while_its_process_records() {
    let place = tempdir().unwrap();
    let state = open(place.path());
    let inside = place.path().join("queue/receiver");
    fs::create_dir_all(inside.join("deep")).unwrap();
    fs::write(inside.join("deep/file"), "x").unwrap();
    make_read_only(&inside.join("deep/file"));
    let mut other = process("record", &inside);
    assert_eq!(other.hear().as_deref(), Some("waiting"));
    fs::write(inside.join("taken"), "x").unwrap();
    let receiver = open(&inside);
    let (held, _) = receiver.try_lock_ours("taken").unwrap();
    let is_deleted = receiver.watch("taken");
    state.remove_tree("queue").unwrap();
    assert!(!place.path().join("queue").exists(), "nobody finds it any more");
    assert!(is_deleted(&held), "an uploader that has it notices");
    drop(held);
    other.go_on();
    other.end();
    state.remove_tree("queue").unwrap();
    assert_eq!(names(place.path()), [""; 0]);
    assert_eq!(state.remove_tree("queue"), Ok(()), "what is not there need not be deleted");
}

#[test]
fn a_file_is_replaced_under_the_lock_and_its_old_content_overwritten() {
    let place = tempdir().unwrap();
    let folder = open(place.path());
    let old = place.path().join("old");
    folder.lock().unwrap().write(FILE, |_| b"secret".to_vec()).unwrap();
    fs::hard_link(place.path().join(FILE), &old).unwrap();
    folder.lock().unwrap().write_over(FILE, |_| b"new".to_vec()).unwrap();
    assert_eq!(read(&folder).as_deref(), Some(&b"new"[..]));
    assert_eq!(fs::read(&old).unwrap(), [0; 6], "through another name");
    // A mark that a backup or a person has set stops nothing.
    let again = place.path().join("again");
    fs::hard_link(place.path().join(FILE), &again).unwrap();
    make_read_only(&again);
    folder.lock().unwrap().write_over(FILE, |_| b"newer".to_vec()).unwrap();
    assert_eq!(
        (fs::read(&again).unwrap(), names(place.path())),
        (vec![0; 3], ["again", "old", FILE].map(str::to_owned).to_vec())
    );
    fs::remove_file(again).unwrap();
    fs::write(place.path().join(".some.toml.0123456789abcdef"), "of a killed process").unwrap();
    folder.lock().unwrap().erase(FILE).unwrap();
    assert_eq!(names(place.path()), ["old"]);
    Folder::erase(place.path(), FILE, Deletion::AtStart).unwrap();
}

/// A reader may have a file open for a moment, as a listing of what waits does.
#[test]
fn a_reader_with_an_open_file_stops_no_deletion() {
    let place = tempdir().unwrap();
    let folder = open(place.path());
    folder.lock().unwrap().write(FILE, |_| b"content".to_vec()).unwrap();
    let reader = folder.open_ours(FILE).unwrap();
    folder.lock().unwrap().erase(FILE).unwrap();
    drop(reader);
    assert_eq!(read(&folder), None);
    assert_eq!(names(place.path()), [""; 0]);
}

#[test]
fn a_folder_a_device_and_a_path_through_a_file_are_no_files() {
    let place = tempdir().unwrap();
    let folder = open(place.path());
    fs::create_dir(place.path().join(FILE)).unwrap();
    assert_eq!(folder.read(FILE, Access::Mine).err(), Some(FileError::NotAFile));
    assert_eq!(Folder::read_at(place.path(), FILE, Access::Mine).err(), Some(FileError::NotAFile));
    assert_eq!(read_anyones(Path::new(r"\\.\NUL")).err(), Some(FileError::NotAFile));
    assert_eq!(read_anyones(&place.path().join("none")), Ok(None));
    fs::write(place.path().join("file"), "x").unwrap();
    assert_eq!(Folder::open(&place.path().join("file")).err(), Some(FileError::NotAFolder));
    assert_eq!(Folder::read_at(&place.path().join("file"), FILE, Access::Mine).err(), Some(FileError::NotAFolder));
    assert_eq!(read_anyones(&place.path().join("file/below")).err(), Some(FileError::NotAFolder));
    assert_eq!(Folder::read_at(&place.path().join("none/none"), FILE, Access::Mine).unwrap(), None);
    assert!(Folder::open(&place.path().join("none/none")).unwrap().is_none());
    assert!(folder.below("none").unwrap().is_none());
}

#[test]
fn a_lock_of_a_file_is_waited_for() {
    let place = tempdir().unwrap();
    let folder = open(place.path());
    assert!(folder.wait_for_file("lock", Duration::ZERO).unwrap().is_none(), "it is not made");
    let held = folder.try_lock_file("lock").unwrap().unwrap();
    assert!(folder.try_lock_file("lock").unwrap().is_none());
    assert_eq!(folder.wait_for_file("lock", Duration::ZERO).err(), Some(FileError::Busy));
    thread::scope(|scope| {
        let waiting = scope.spawn(|| folder.wait_for_file("lock", scruple_fixtures::LONG).unwrap().is_some());
        drop(held);
        assert!(waiting.join().unwrap());
    });
}

#[test]
fn a_time_is_set_and_a_no_is_written_in_place() {
    let place = tempdir().unwrap();
    let folder = open(place.path());
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    folder.touch("stamp", time).unwrap();
    assert_eq!(folder.look("stamp").unwrap().modified, time);
    fs::write(place.path().join(FILE), "a long content of before").unwrap();
    folder.write_in_place(FILE, b"no").unwrap();
    assert_eq!(read(&folder).as_deref(), Some(&b"no"[..]));
    fs::hard_link(place.path().join(FILE), place.path().join("backup")).unwrap();
    assert_eq!(folder.write_in_place(FILE, b"x").err(), Some(FileError::NotAFile));
    assert!(folder.try_lock_ours(FILE).is_none(), "a file with two names is not ours");
}

#[test]
fn a_path_with_blanks_other_letters_and_many_characters_is_one_as_any() {
    let place = tempdir().unwrap();
    let mut path = place.path().join("Jänes Order 字");
    (0..8).for_each(|nth| path.push(format!("{nth}{}", "x".repeat(40))));
    let folder = open(&path);
    folder.lock().unwrap().write(FILE, |_| b"content".to_vec()).unwrap();
    assert_eq!(read(&folder).as_deref(), Some(&b"content"[..]));
}

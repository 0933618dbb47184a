//! Files are written and read whole, on every system.

use super::folders::{FILE, names, open, process, read};
use crate::files::{Access, FileError, Folder, read_anyones};
use crate::limits::{MAX_FOREIGN_FILE, MAX_OWN_FILE};
use proptest::prelude::*;
use scruple_fixtures::process::Process;
use std::fs::{self, File};
use std::path::Path;
use std::thread;
use tempfile::tempdir;

pub fn write(folder: &Folder, content: &[u8]) {
    folder.lock().unwrap().write(FILE, |_| content.to_vec()).unwrap();
}

/// Adds one to the number in the file.
pub fn count(path: &Path) {
    let folder = open(path);
    let lock = folder.lock().unwrap();
    let number: u32 = read(&folder).map_or(0, |bytes| String::from_utf8(bytes).unwrap().parse().unwrap());
    lock.write(FILE, |_| (number + 1).to_string().into_bytes()).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]
    #[test]
    fn written_content_is_read_back(contents in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..10_000), 1..4)) {
        let place = tempdir().unwrap();
        let folder = open(place.path());
        prop_assert_eq!(read(&folder), None);
        for (nth, content) in contents.iter().enumerate() {
            let lock = folder.lock().unwrap();
            let mut written = None;
            let content = |mark| { written = Some(mark); content.clone() };
            if nth % 2 == 0 { lock.write(FILE, content).unwrap() } else { lock.write_over(FILE, content).unwrap() }
            let (read, mark) = folder.read(FILE, Access::Secret).unwrap().unwrap();
            prop_assert_eq!(&read, &contents[nth]);
            prop_assert_eq!(Some(mark), written, "the file knew which it would be");
            #[cfg(unix)]
            prop_assert_eq!(mark.inode, std::os::unix::fs::MetadataExt::ino(&place.path().join(FILE).metadata().unwrap()));
            drop(lock);
            prop_assert_eq!(names(place.path()), [FILE], "and nothing else is there");
        }
    }
}

#[test]
fn no_change_is_lost_between_threads_and_processes() {
    let place = tempdir().unwrap();
    let mut processes: Vec<_> = (0..4).map(|_| process("count 10", place.path())).collect();
    for process in &mut processes {
        assert_eq!(process.hear().as_deref(), Some("waiting"));
    }
    processes.iter_mut().for_each(Process::go_on);
    thread::scope(|scope| {
        (0..4).for_each(|_| drop(scope.spawn(|| (0..10).for_each(|_| count(place.path())))));
    });
    processes.into_iter().for_each(|process| assert_eq!(process.end(), ["counted"]));
    assert_eq!(fs::read_to_string(place.path().join(FILE)).unwrap(), "80");
    assert_eq!(names(place.path()), [FILE]);
}

#[test]
fn a_failed_write_keeps_the_old_file() {
    let place = tempdir().unwrap();
    let folder = open(place.path());
    fs::create_dir(place.path().join(FILE)).unwrap();
    let lock = folder.lock().unwrap();
    for result in [lock.write(FILE, |_| Vec::new()), lock.write_over(FILE, |_| Vec::new()), lock.erase(FILE)] {
        assert_eq!(result, Err(FileError::NotAFile));
        // The lock of a folder is a file on Windows.
        let left: Vec<_> = names(place.path()).into_iter().filter(|name| cfg!(unix) || name != ".lock").collect();
        assert_eq!(left, [FILE]);
    }
    fs::remove_dir(place.path().join(FILE)).unwrap();
    assert_eq!(lock.erase(FILE), Ok(()), "what is not there need not be erased");
    drop(lock);
    assert_eq!(folder.is_writable(), Ok(()));
    assert_eq!(names(place.path()), [""; 0]);
}

#[test]
fn a_file_is_read_up_to_its_limit() {
    let place = tempdir().unwrap();
    let folder = open(place.path());
    let file = place.path().join(FILE);
    write(&folder, b"");
    for (length, own, anyones) in [
        (0, None, None),
        (MAX_FOREIGN_FILE, None, None),
        (MAX_FOREIGN_FILE + 1, None, Some(FileError::TooLarge)),
        (MAX_OWN_FILE, None, Some(FileError::TooLarge)),
        (MAX_OWN_FILE + 1, Some(FileError::TooLarge), Some(FileError::TooLarge)),
    ] {
        File::options().write(true).open(&file).unwrap().set_len(length).unwrap();
        assert_eq!(folder.read(FILE, Access::Secret).err(), own, "{length}");
        assert_eq!(read_anyones(&file).err(), anyones, "{length}");
    }
}

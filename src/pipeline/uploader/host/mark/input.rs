//! Standard input as the file of a mark.

#[cfg_attr(target_os = "linux", path = "memory.rs")]
#[cfg_attr(not(target_os = "linux"), path = "unlinked.rs")]
mod nameless;
#[cfg(all(test, target_os = "linux"))]
#[path = "unlinked.rs"]
mod nameless_of_others;

pub(super) use nameless::make;

use rustix::fs::{Mode, OFlags, open};
use rustix::io::pread;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// Writes at a position.
pub(super) fn write(file: &File, bytes: &[u8], at: u64) -> io::Result<usize> {
    file.write_at(bytes, at)
}

/// Reads the beginning of standard input, if it is such a file: the input of another program is not read.
pub(super) fn read(bytes: &mut [u8]) -> Option<usize> {
    let input = rustix::stdio::stdin();
    if nameless::is_one(input) { pread(input, bytes, 0).ok() } else { None }
}

/// Closes the file with the mark: standard input is empty then.
pub(in super::super) fn close() {
    if let Ok(empty) = open("/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()) {
        let _ = rustix::stdio::dup2_stdin(empty);
    }
}

#[cfg(test)]
mod tests {
    use super::nameless;
    #[cfg(not(target_os = "linux"))]
    use super::nameless as nameless_of_others;
    #[cfg(target_os = "linux")]
    use super::nameless_of_others;
    use std::fs::{self, File};
    use std::io::Write as _;
    use std::os::fd::AsFd as _;

    #[test]
    fn only_a_file_without_a_name_is_believed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("input");
        fs::write(&path, "words uploader 0000000000000001").unwrap();
        let named = File::open(&path).unwrap();
        let folder = File::open(folder.path()).unwrap();
        let (pipe, _end) = std::io::pipe().unwrap();
        for other in [named.as_fd(), folder.as_fd(), pipe.as_fd()] {
            assert!(!nameless::is_one(other) && !nameless_of_others::is_one(other));
        }
        for make in [nameless::make, nameless_of_others::make] {
            let mut file = make(7).unwrap();
            file.write_all(b"words").unwrap();
            assert_eq!(file.metadata().unwrap().len(), 5);
        }
        assert!(nameless::is_one(nameless::make(7).unwrap().as_fd()));
        assert!(nameless_of_others::is_one(nameless_of_others::make(7).unwrap().as_fd()));
        fs::remove_file(&path).unwrap();
        assert!(nameless_of_others::is_one(named.as_fd()), "the last name is gone");
    }
}

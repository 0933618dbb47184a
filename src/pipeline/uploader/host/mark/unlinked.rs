//! The file of a mark on systems without files in memory: a file that has lost its only name.

use std::fs::{File, OpenOptions, remove_file};
use std::os::fd::BorrowedFd;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::PathBuf;

/// Makes an empty one; the number is in the name that it has for a moment.
pub(in super::super) fn make(number: u64) -> Option<File> {
    // A variable may name a folder that is not there.
    [std::env::temp_dir(), PathBuf::from("/tmp")].into_iter().find_map(|folder| {
        let path = folder.join(format!(".scruple-upload.{number:016x}"));
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path).ok()?;
        remove_file(path).ok()?;
        Some(file)
    })
}

/// Whether it is one.
pub(super) fn is_one(file: BorrowedFd<'_>) -> bool {
    let found = file.try_clone_to_owned().and_then(|file| File::from(file).metadata());
    found.is_ok_and(|found| found.is_file() && found.nlink() == 0)
}

//! Standard input as the file of a mark, on Windows: a temporary file, which the system deletes when all who have it open
//! have ended.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, stdin};
use std::os::windows::fs::{FileExt as _, OpenOptionsExt as _};
use std::os::windows::io::AsHandle as _;
use winapi_util::file::typ;

const FILE_FLAG_DELETE_ON_CLOSE: u32 = 0x0400_0000;

/// Makes an empty one; the number is in its name.
pub(super) fn make(number: u64) -> Option<File> {
    let path = std::env::temp_dir().join(format!("scruple-upload.{number:016x}"));
    let mut options = OpenOptions::new();
    // Nobody else opens it; a child has the handle.
    options.read(true).write(true).create_new(true).share_mode(0).custom_flags(FILE_FLAG_DELETE_ON_CLOSE);
    options.open(path).ok()
}

/// Writes at a position.
pub(super) fn write(file: &File, bytes: &[u8], at: u64) -> io::Result<usize> {
    file.seek_write(bytes, at)
}

/// Reads the beginning of standard input, if that is a file as small as one with a mark, and leaves its position: it may be
/// the input of another program.
pub(super) fn read(bytes: &mut [u8]) -> Option<usize> {
    let mut input = File::from(stdin().as_handle().try_clone_to_owned().ok()?);
    let is_small = input.metadata().ok()?.len() <= bytes.len() as u64;
    if !typ(&input).ok()?.is_disk() || !is_small {
        return None;
    }
    let position = input.stream_position().ok()?;
    let length = input.seek_read(bytes, 0).ok();
    input.seek(SeekFrom::Start(position)).ok()?;
    length
}

/// The file stays open until the uploader ends.
pub(in super::super) fn close() {}

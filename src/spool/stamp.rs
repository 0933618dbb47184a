//! The stamp: its modification time is the time of the last attempt to upload.

use crate::files::{FileError, Folder};
use crate::limits::STAMP_CLOCK_SKEW;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// The file's name.
const STAMP: &str = "stamp";

/// Whether an upload is due: the last attempt was more than `every` ago, an hour by default, or the stamp is more than
/// a minute ahead. It reads one file's metadata, which is the only check of a recording process.
///
/// A stamp that can't be read, or that is not a regular file, means no: an attempt could not be noted in it.
pub fn is_due(state: &Path, now: SystemTime, every: Duration) -> bool {
    match std::fs::symlink_metadata(state.join(STAMP)) {
        Ok(found) if found.is_file() => found.modified().is_ok_and(|tried| match now.duration_since(tried) {
            Ok(since) => since >= every,
            Err(ahead) => ahead.duration() > STAMP_CLOCK_SKEW,
        }),
        Ok(_) => false,
        Err(error) => error.kind() == ErrorKind::NotFound,
    }
}

/// The time until an upload is due; `None` if it is due, or never will be.
pub fn due_in(state: &Path, now: SystemTime, every: Duration) -> Option<Duration> {
    if is_due(state, now, every) {
        return None;
    }
    let tried = std::fs::symlink_metadata(state.join(STAMP)).ok()?.modified().ok()?;
    tried.checked_add(every)?.duration_since(now).ok()
}

/// Notes an attempt to upload. The state folder must exist.
///
/// # Errors
/// If the stamp can't be written, or is not a regular file: then do not upload, since the next process would try again
/// at once.
pub fn touch_stamp(state: &Path, now: SystemTime) -> Result<(), FileError> {
    let state = Folder::open(state)?.ok_or(FileError::System(ErrorKind::NotFound))?;
    state.mine()?;
    state.touch(STAMP, now)
}

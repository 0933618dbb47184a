//! The stamp: its modification time is the time of the last attempt to upload.
//!
//! An attempt is noted twice. When it begins, the stamp says that the next one is due in a minute; when it has ended, after
//! the whole interval. A process may end before its upload does: that attempt counts for the minute only. Otherwise
//! programs that are shorter than an upload would use up each interval and send nothing.

use crate::files::{FileError, Folder};
use crate::limits::{STAMP_CLOCK_SKEW, UNFINISHED_ATTEMPT};
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// The file's name.
pub(crate) const STAMP: &str = "stamp";

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

/// Notes the start of an attempt: until [`end_attempt`], the next one is due in a minute, or after `every` if that is
/// shorter. The state folder must exist.
///
/// # Errors
/// If the stamp can't be written, or is not a regular file: then do not upload, since the next process would try again
/// at once.
pub fn begin_attempt(state: &Path, now: SystemTime, every: Duration) -> Result<(), FileError> {
    let state = Folder::open(state)?.ok_or(FileError::System(ErrorKind::NotFound))?;
    state.mine()?;
    let noted = now.checked_sub(every.saturating_sub(UNFINISHED_ATTEMPT)).unwrap_or(now);
    state.touch(STAMP, noted)
}

/// Notes the end of an attempt, whatever its result: the next one is due after the whole interval. Consent is asked under
/// the lock that a deletion takes.
///
/// # Errors
/// If the stamp can't be written, or is not a regular file.
pub fn end_attempt(state: &Path, now: SystemTime, ask: &dyn Fn() -> bool) -> Result<(), FileError> {
    let state = Folder::open(state)?.ok_or(FileError::System(ErrorKind::NotFound))?;
    let _lock = state.lock()?;
    if ask() { state.touch(STAMP, now) } else { Ok(()) }
}

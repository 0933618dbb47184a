//! The stamp: a file whose time says when an upload was last tried.

use crate::files::{FileError, Folder};
use crate::limits::STAMP_CLOCK_SKEW;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// The file's name.
const STAMP: &str = "stamp";

/// Whether an upload is due: none was tried within `every`, which is an hour by default, or the stamp's time
/// is more than a minute ahead. One look at one file, which is all that a recording process does.
///
/// A stamp that can't be looked at, or that is no regular file, says no: nothing could be noted in it.
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

/// How long it is until an upload is due; `None` if it is due, or never will be.
pub fn due_in(state: &Path, now: SystemTime, every: Duration) -> Option<Duration> {
    if is_due(state, now, every) {
        return None;
    }
    let tried = std::fs::symlink_metadata(state.join(STAMP)).ok()?.modified().ok()?;
    tried.checked_add(every)?.duration_since(now).ok()
}

/// Notes that an upload is tried now. The state folder must be there.
///
/// # Errors
/// When the stamp can't be written, or is not a regular file: then nothing should be uploaded, since the next process
/// would try again at once.
pub fn touch_stamp(state: &Path, now: SystemTime) -> Result<(), FileError> {
    let state = Folder::open(state)?.ok_or(FileError::System(ErrorKind::NotFound))?;
    state.mine()?;
    state.touch(STAMP, now)
}

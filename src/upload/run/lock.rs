//! The lock that allows only one uploader.

use crate::files::{FileError, Folder, Locked};
use std::path::Path;
use std::time::Duration;

/// The locked file.
pub(crate) const LOCK: &str = "upload.lock";

/// Takes the lock; `None` if another uploader has it.
pub(super) fn take(folder: &Folder) -> Result<Option<Locked>, FileError> {
    folder.try_lock_file(LOCK)
}

/// Waits for the end of a running uploader, at most this long. While the returned lock is held, no other starts; `None`
/// if there was never an uploader.
///
/// # Errors
/// [`FileError::Busy`] if it has not ended.
pub(crate) fn wait_for_end(state: &Path, within: Duration) -> Result<Option<Locked>, FileError> {
    Folder::open(state)?.map_or(Ok(None), |folder| folder.wait_for_file(LOCK, within))
}

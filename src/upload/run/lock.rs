//! The lock of the one uploader that runs.

use crate::files::{FileError, Folder, Locked};
use std::path::Path;
use std::time::Duration;

/// The file whose lock is held.
pub(crate) const LOCK: &str = "upload.lock";

/// Takes it; `None` if another uploader has it.
pub(super) fn take(folder: &Folder) -> Result<Option<Locked>, FileError> {
    folder.try_lock_file(LOCK)
}

/// Waits for the end of an uploader that is under way, for so long. As long as the lock is held that is returned, none
/// begins; none is returned where there was never an uploader.
///
/// # Errors
/// [`FileError::Busy`] if it has not ended.
pub(crate) fn wait_for_end(state: &Path, within: Duration) -> Result<Option<Locked>, FileError> {
    Folder::open(state)?.map_or(Ok(None), |folder| folder.wait_for_file(LOCK, within))
}

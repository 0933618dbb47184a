//! Tells a missing file from a broken path.

use super::{FileError, file_error};
use rustix::fd::{BorrowedFd, OwnedFd};
use rustix::fs::{AtFlags, FileType};
use rustix::io::Errno;
use std::path::Path;

/// Opens a path below a folder; `None` if no entry has that name.
///
/// `ENOENT` alone does not say so: the system also returns it for a symbolic link on the path without a target, as when
/// a disk is not mounted. The file behind such a link is unknown, which is an error.
pub(super) fn opened(
    folder: BorrowedFd<'_>,
    path: &Path,
    open: impl Fn() -> Result<OwnedFd, Errno>,
) -> Result<Option<OwnedFd>, FileError> {
    match open() {
        Err(Errno::NOENT) => {}
        opened => return opened.map(Some).map_err(file_error),
    }
    if !ends_at_link(folder, path)? {
        return Ok(None);
    }
    // The link may have got its target meanwhile.
    match open() {
        Err(Errno::NOENT) => Ok(None),
        opened => opened.map(Some).map_err(file_error),
    }
}

/// Whether the last existing name on the path is a symbolic link, and has a target.
fn ends_at_link(folder: BorrowedFd<'_>, path: &Path) -> Result<bool, FileError> {
    for name in path.ancestors().filter(|name| !name.as_os_str().is_empty()) {
        match rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => {}
            Err(error) => return Err(file_error(error)),
            Ok(found) if FileType::from_raw_mode(found.st_mode) != FileType::Symlink => return Ok(false),
            Ok(_) => {
                return match rustix::fs::statat(folder, name, AtFlags::empty()) {
                    Ok(_) => Ok(true),
                    Err(Errno::NOENT) => Err(FileError::DanglingLink),
                    Err(error) => Err(file_error(error)),
                };
            }
        }
    }
    Ok(false)
}

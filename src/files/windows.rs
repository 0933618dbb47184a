//! A private folder on Windows, and the files in it.
//!
//! Files are reached by their whole path: the standard library has no other way there. A folder is not held open, since
//! it could not be deleted then. So its identity is compared before a use, or as soon as a file in it is open, which keeps
//! it in place: another folder of its name, made after a deletion, is not taken for it. Private means: inside the
//! profile of the person, with the access that its folders hand down. No list of access rights is read. A reparse point,
//! such as a link or a junction, is refused.
//!
//! Windows refuses what Unix allows, so three rules hold here:
//!
//! - A lock is a share mode, which ends with its process: the holder of a file has opened it for writing, and lets others
//!   read and delete it, but not write. A lock of `LockFileEx`, as the standard library takes it, would also stop the
//!   readers of queued records.
//! - No folder is renamed: one with an open file can't be. Its files are deleted one by one.
//! - No file is renamed over one that this process has open.
//!
//! Windows API: `CreateFileW`, "Creating and opening files".

#[path = "windows/entries.rs"]
mod entries;
#[path = "windows/grown.rs"]
#[cfg(feature = "upload")]
mod grown;
#[path = "windows/opened.rs"]
mod opened;
#[path = "windows/owned.rs"]
mod owned;
#[path = "windows/replaced.rs"]
mod replaced;
#[path = "windows/tree.rs"]
mod tree;

pub(super) use opened::file_id;
pub(crate) use opened::read_anyones;
pub(crate) use owned::Owned;

use super::{FileError, Inode, is_spelled_out};
use opened::{folder, inode};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Whether a folder is still there after a deletion, if another process has a file in it open.
pub(crate) const FOLDERS_STAY: bool = true;

/// Whether a file can be replaced while this process has it open.
pub(crate) const REPLACES_OPEN_FILES: bool = false;

/// A folder that was there.
pub(crate) struct Folder {
    path: PathBuf,
    inode: Inode,
}

impl Folder {
    /// Opens a folder; `None` if there is none. Links above the last two names of the path are followed, since people
    /// keep their profile elsewhere; a link without a target is an error.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, FileError> {
        if !is_spelled_out(path)
            && let Some(parent) = path.parent()
            && folder(parent)?.is_none()
        {
            return Ok(None);
        }
        Self::at_path(path.to_owned())
    }

    /// Opens the folder with this path; `None` if there is none.
    fn at_path(path: PathBuf) -> Result<Option<Self>, FileError> {
        Ok(folder(&path)?.map(|found| Self { inode: inode(&found), path }))
    }

    /// Whether its path still leads to it.
    fn is_there(&self) -> bool {
        Inode::of(&self.path) == Some(self.inode)
    }

    /// An error if its path leads to none or to another.
    fn there(&self) -> Result<(), FileError> {
        if self.is_there() { Ok(()) } else { Err(FileError::System(ErrorKind::NotFound)) }
    }

    /// Opens a private folder; missing folders on the path are made, and inherit the access of the one above.
    pub(crate) fn make(path: &Path) -> Result<Self, FileError> {
        Self::make_anyones(path)
    }

    /// The same: no list of access rights is read.
    pub(crate) fn make_anyones(path: &Path) -> Result<Self, FileError> {
        if let Some(folder) = Self::open(path)? {
            return Ok(folder);
        }
        let made = std::fs::create_dir_all(path);
        Self::open(path)?.ok_or_else(|| made.err().map_or(FileError::Denied, FileError::from))
    }

    /// Opens a private folder at the end of these names below another; missing ones are made.
    pub(crate) fn make_inside(path: &Path, names: [&str; 2]) -> Result<Self, FileError> {
        let inside = names.iter().fold(path.to_owned(), |path, name| path.join(name));
        // No link is on a path that is spelled out, so that the folders between need no look.
        if is_spelled_out(&inside)
            && let Some(folder) = Self::at_path(inside)?
        {
            return Ok(folder);
        }
        names.into_iter().try_fold(Self::make(path)?, |folder, name| folder.make_below(name))
    }

    /// The path of an entry.
    fn at(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Whether the person owns it, and no other user can add files to it: by its place in the profile.
    #[expect(clippy::unused_self, reason = "other systems look at the folder")]
    pub(crate) fn mine(&self) -> Result<(), FileError> {
        Ok(())
    }

    /// A folder can't be synced.
    #[expect(clippy::unused_self, reason = "other systems sync the folder")]
    pub(super) fn sync(&self) {}
}

/// Takes the lock of a file that this process has made: its share mode is the lock.
#[expect(clippy::unnecessary_wraps, reason = "it can fail on other systems")]
pub(super) fn hold(_: &File) -> io::Result<()> {
    Ok(())
}

/// Whether this process may write a file of this size: there is no limit.
#[expect(clippy::unnecessary_wraps, reason = "other systems have a limit")]
pub(crate) fn fits(_: u64) -> Result<(), FileError> {
    Ok(())
}

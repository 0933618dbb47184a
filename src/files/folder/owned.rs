//! A descriptor that stays open, checked against reuse of its number.
//!
//! A handle is only a number. A host that closes every descriptor, as a daemon does at its start, and then opens its
//! own files, gives them our numbers: our appends would go to the host's file, our requests to its peer, and our close
//! would close its file. So the file behind the number is compared by device and inode before each use, and before it
//! is closed.

use crate::files::Inode;
use rustix::fs::{Stat, fstat};
use rustix::io::Errno;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd as _, OwnedFd};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// An open descriptor of ours.
pub(crate) struct Owned<T: AsFd> {
    /// `None` only during the drop.
    handle: Option<T>,
    spot: Inode,
}

impl Inode {
    /// The identity of the file at a path, if it can be inspected.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let found = std::fs::metadata(path).ok()?;
        Some(Self { device: found.dev(), inode: found.ino() })
    }
}

impl<T: AsFd> Owned<T> {
    /// Wraps a new descriptor, with a number above the standard streams: the host's output to a stream that it has
    /// closed must not reach our file.
    pub(crate) fn new(handle: T) -> io::Result<Self>
    where
        T: From<OwnedFd>,
    {
        let is_streams = handle.as_fd().as_raw_fd() <= 2;
        Self::in_place(if is_streams { handle.as_fd().try_clone_to_owned()?.into() } else { handle })
    }

    /// Wraps a descriptor, and keeps its number.
    pub(crate) fn in_place(handle: T) -> io::Result<Self> {
        let spot = spot(&fstat(&handle)?);
        Ok(Self { handle: Some(handle), spot })
    }

    /// The handle, if it still refers to the same file.
    pub(crate) fn get(&self) -> io::Result<&T> {
        Ok(self.look()?.0)
    }

    fn look(&self) -> Result<(&T, Stat), Errno> {
        let handle = self.handle.as_ref().ok_or(Errno::BADF)?;
        let found = fstat(handle)?;
        if spot(&found) == self.spot { Ok((handle, found)) } else { Err(Errno::BADF) }
    }
}

impl Owned<File> {
    /// Whether another process has deleted the file, or the host has closed it.
    pub(super) fn is_deleted(&self) -> bool {
        !self.look().is_ok_and(|(_, found)| found.st_nlink > 0)
    }

    /// The handle of a file with at least this many bytes: the inode of a deleted file may have been reused.
    pub(crate) fn get_with(&self, bytes: u64) -> io::Result<&File> {
        let (file, found) = self.look()?;
        if u64::try_from(found.st_size).is_ok_and(|size| size >= bytes) { Ok(file) } else { Err(Errno::BADF.into()) }
    }
}

impl<T: AsFd> Drop for Owned<T> {
    fn drop(&mut self) {
        if self.look().is_err() {
            // The descriptor is closed, or is the host's now.
            std::mem::forget(self.handle.take());
        }
    }
}

#[expect(clippy::unnecessary_cast, reason = "the fields' types differ between systems")]
fn spot(found: &Stat) -> Inode {
    Inode { device: found.st_dev as u64, inode: found.st_ino as u64 }
}

//! A descriptor that stays open, and whether its number is still its own.
//!
//! A number is all that a handle has. A host that closes every descriptor, as a daemon does when it begins, and opens
//! files of its own gives them our numbers: what is appended then is appended to the host's file, what is sent goes to its
//! peer, and what is closed is the host's. So the file behind the number is compared before each use, by its device and
//! inode, and before it is closed.

use rustix::fs::{Stat, fstat};
use rustix::io::Errno;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd as _, OwnedFd};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// A descriptor of ours that stays open.
pub(crate) struct Owned<T: AsFd> {
    /// Until it is dropped.
    handle: Option<T>,
    spot: Inode,
}

/// What tells a folder from every other on this machine, until it is mounted again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Inode {
    pub device: u64,
    pub inode: u64,
}

impl Inode {
    /// What a path leads to, if it can be looked at.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let found = std::fs::metadata(path).ok()?;
        Some(Self { device: found.dev(), inode: found.ino() })
    }
}

impl<T: AsFd> Owned<T> {
    /// What was just opened. It gets a number above those of the standard streams: what a host writes to a stream that it
    /// has closed is not for us.
    pub(crate) fn new(handle: T) -> io::Result<Self>
    where
        T: From<OwnedFd>,
    {
        let is_streams = handle.as_fd().as_raw_fd() <= 2;
        Self::in_place(if is_streams { handle.as_fd().try_clone_to_owned()?.into() } else { handle })
    }

    /// The same with the number that it has.
    pub(crate) fn in_place(handle: T) -> io::Result<Self> {
        let spot = spot(&fstat(&handle)?);
        Ok(Self { handle: Some(handle), spot })
    }

    /// The handle, if it is still that of the same file.
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
    /// Whether another process has deleted it, or the host has closed it.
    pub(crate) fn is_deleted(&self) -> bool {
        !self.look().is_ok_and(|(_, found)| found.st_nlink > 0)
    }

    /// The same of a file that has at least so many bytes: the inode of a deleted one may be another's by now.
    pub(crate) fn get_with(&self, bytes: u64) -> io::Result<&File> {
        let (file, found) = self.look()?;
        if u64::try_from(found.st_size).is_ok_and(|size| size >= bytes) { Ok(file) } else { Err(Errno::BADF.into()) }
    }
}

impl<T: AsFd> Drop for Owned<T> {
    fn drop(&mut self) {
        if self.look().is_err() {
            // The descriptor is the host's now, or closed.
            std::mem::forget(self.handle.take());
        }
    }
}

#[expect(clippy::unnecessary_cast, reason = "the fields' types differ between systems")]
fn spot(found: &Stat) -> Inode {
    Inode { device: found.st_dev as u64, inode: found.st_ino as u64 }
}

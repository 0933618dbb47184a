//! What a file is known by.

use std::time::SystemTime;

/// Distinguishes a file from a copy of it, on another machine too: its number in the file system (an inode) and its
/// creation time. The device number is not part of it: it changes with each mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileId {
    /// The creation time in nanoseconds since the epoch; 0 if the file system does not know it.
    pub born: u64,
    pub inode: u64,
}

impl FileId {
    /// Whether they identify two files: an unknown value never differs.
    pub(crate) fn differs(self, other: Self) -> bool {
        self.inode != other.inode || (self.born != other.born && self.born != 0 && other.born != 0)
    }
}

/// Identifies a folder on this machine, until it is mounted again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Inode {
    pub device: u64,
    pub inode: u64,
}

/// The metadata of a file.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    pub(crate) size: u64,
    pub(crate) modified: SystemTime,
}

//! No folder: where the guards of private files are not built, nothing is read and nothing is written.

use super::{Access, Deletion, FileError, Locked};
use std::path::Path;

/// No folder.
pub(crate) struct Folder(std::convert::Infallible);

/// What tells a file from a copy of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileId {
    pub born: u64,
    pub inode: u64,
}

/// What tells a folder from every other on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AppendPoint {
    pub device: u64,
}

impl FileId {
    pub(crate) fn differs(self, other: Self) -> bool {
        self != other
    }
}

impl AppendPoint {
    pub(crate) fn of(_: &Path) -> Option<Self> {
        None
    }
}

/// No lock.
pub(crate) struct Lock<'f>(&'f Folder);

pub(crate) fn largest_file() -> u64 {
    u64::MAX
}

pub(crate) fn read_anyones(_: &Path) -> Result<Option<Vec<u8>>, FileError> {
    Err(FileError::Platform)
}

impl Folder {
    pub(crate) fn open(_: &Path) -> Result<Option<Self>, FileError> {
        Err(FileError::Platform)
    }

    pub(crate) fn make(_: &Path) -> Result<Self, FileError> {
        Err(FileError::Platform)
    }

    pub(crate) fn make_anyones(_: &Path) -> Result<Self, FileError> {
        Err(FileError::Platform)
    }

    pub(crate) fn write_in_place(&self, _: &str, _: &[u8]) -> Result<(), FileError> {
        match self.0 {}
    }

    pub(crate) fn lock_soon(&self) -> Result<Lock<'_>, FileError> {
        match self.0 {}
    }

    pub(crate) fn lock_to_delete(&self) -> Result<Lock<'_>, FileError> {
        match self.0 {}
    }

    pub(crate) fn erase(&self, _: &str, _: Deletion) -> Result<(), FileError> {
        match self.0 {}
    }

    pub(crate) fn read(&self, _: &str, _: Access) -> Result<Option<(Vec<u8>, FileId)>, FileError> {
        match self.0 {}
    }

    pub(crate) fn is_writable(&self) -> Result<(), FileError> {
        match self.0 {}
    }

    pub(crate) fn append(&self, _: &str, _: &[u8]) -> Result<(), FileError> {
        match self.0 {}
    }

    pub(crate) fn try_lock_file(&self, _: &str) -> Result<Option<Locked>, FileError> {
        match self.0 {}
    }

    pub(crate) fn wait_for_file(&self, _: &str, _: std::time::Duration) -> Result<Option<Locked>, FileError> {
        match self.0 {}
    }

    pub(crate) fn below(&self, _: &str) -> Result<Option<Self>, FileError> {
        match self.0 {}
    }

    pub(crate) fn make_below(&self, _: &str) -> Result<Self, FileError> {
        match self.0 {}
    }

    pub(crate) fn read_named(_: &Path) -> Result<Vec<u8>, FileError> {
        Err(FileError::Platform)
    }

    pub(crate) fn sizes(&self) -> Result<Vec<(String, u64)>, FileError> {
        match self.0 {}
    }

    pub(crate) fn lock(&self) -> Result<Lock<'_>, FileError> {
        match self.0 {}
    }
}

impl Lock<'_> {
    pub(crate) fn write(&self, _: &str, _: impl FnOnce(FileId) -> Vec<u8>) -> Result<(), FileError> {
        match self.0.0 {}
    }

    pub(crate) fn write_over(&self, _: &str, _: impl FnOnce(FileId) -> Vec<u8>) -> Result<(), FileError> {
        match self.0.0 {}
    }

    pub(crate) fn erase(&self, _: &str) -> Result<(), FileError> {
        match self.0.0 {}
    }
}

//! The replacement on platforms without the checks of private files: nothing is read and nothing is written.

#[path = "owned_unsupported.rs"]
mod owned;

pub(crate) use owned::Owned;

use super::{Access, Deletion, FileError, Locked};
use std::convert::Infallible;
use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// A folder, which can't be opened here.
pub(crate) struct Folder(Infallible);

/// A lock, which can't be taken here.
pub(crate) struct Lock<'f>(&'f Folder);

/// Distinguishes a file from a copy of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileId {
    pub born: u64,
    pub inode: u64,
}

impl FileId {
    pub(crate) fn differs(self, other: Self) -> bool {
        self != other
    }
}

/// The metadata of a file.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    pub(crate) size: u64,
    pub(crate) modified: SystemTime,
}

/// Identifies a folder on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Inode {
    pub device: u64,
}

impl Inode {
    pub(crate) fn of(_: &Path) -> Option<Self> {
        None
    }
}

pub(crate) fn fits(_: u64) -> Result<(), FileError> {
    Ok(())
}

pub(crate) fn read_anyones(_: &Path) -> Result<Option<Vec<u8>>, FileError> {
    Err(FileError::Platform)
}

/// Methods that are never called, since there is no folder.
macro_rules! never {
    ($($name:ident($($argument:ty),*) -> $result:ty;)*) => {
        $(pub(crate) fn $name(&self, $(_: $argument),*) -> $result {
            match self.0 {}
        })*
    };
}

impl Folder {
    pub(crate) fn open(_: &Path) -> Result<Option<Self>, FileError> {
        Err(FileError::Platform)
    }

    pub(crate) fn erase(_: &Path, _: &str, _: Deletion) -> Result<(), FileError> {
        Err(FileError::Platform)
    }

    pub(crate) fn make(_: &Path) -> Result<Self, FileError> {
        Err(FileError::Platform)
    }

    pub(crate) fn make_anyones(_: &Path) -> Result<Self, FileError> {
        Err(FileError::Platform)
    }

    pub(crate) fn read_named(_: &Path) -> Result<Vec<u8>, FileError> {
        Err(FileError::Platform)
    }

    never! {
        append(&str, &[u8]) -> Result<(), FileError>;
        below(&str) -> Result<Option<Self>, FileError>;
        create(&str) -> Result<File, FileError>;
        exists(&str) -> Result<bool, FileError>;
        is_writable() -> Result<(), FileError>;
        lock() -> Result<Lock<'_>, FileError>;
        lock_soon() -> Result<Lock<'_>, FileError>;
        lock_to_delete() -> Result<Lock<'_>, FileError>;
        look(&str) -> Option<Found>;
        make_below(&str) -> Result<Self, FileError>;
        mine() -> Result<(), FileError>;
        names(impl FnMut(&[u8]) -> bool) -> Result<(), FileError>;
        open_ours(&str) -> Option<File>;
        own_below(&str) -> Result<Option<Self>, FileError>;
        read(&str, Access) -> Result<Option<(Vec<u8>, FileId)>, FileError>;
        remove(&str) -> Result<(), FileError>;
        remove_tree(&str) -> Result<(), FileError>;
        rename(&str, &str) -> Result<(), FileError>;
        sizes() -> Result<Vec<(String, u64)>, FileError>;
        touch(&str, SystemTime) -> Result<(), FileError>;
        try_lock_file(&str) -> Result<Option<Locked>, FileError>;
        try_lock_ours(&str) -> Option<(Locked, Found)>;
        wait_for_file(&str, Duration) -> Result<Option<Locked>, FileError>;
        write_in_place(&str, &[u8]) -> Result<(), FileError>;
    }
}

impl Lock<'_> {
    pub(crate) fn write(&self, _: &str, _: impl FnOnce(FileId) -> Vec<u8>) -> Result<(), FileError> {
        match self.0.0 {}
    }

    pub(crate) fn write_unsynced(&self, _: &str, _: Vec<u8>) -> Result<(), FileError> {
        match self.0.0 {}
    }

    pub(crate) fn write_over(&self, _: &str, _: impl FnOnce(FileId) -> Vec<u8>) -> Result<(), FileError> {
        match self.0.0 {}
    }

    pub(crate) fn erase(&self, _: &str) -> Result<(), FileError> {
        match self.0.0 {}
    }
}

//! No queue: where the guards of private files are not built, nothing is written and nothing is read.

use super::Receiver;
use crate::files::{FileError, Kept, Locked};
use std::convert::Infallible;
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::SystemTime;

pub(super) const STAMP: &str = "stamp";

/// No folder.
pub(super) struct SpoolDir(Infallible);

/// What is known of a file.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) size: u64,
    pub(super) modified: SystemTime,
}

impl SpoolDir {
    pub(super) fn make(_: &Path, _: &Receiver) -> Result<Self, FileError> {
        Err(FileError::Platform)
    }

    pub(super) fn open(_: &Path, _: &Receiver) -> Result<Option<Self>, FileError> {
        Err(FileError::Platform)
    }

    pub(super) fn others(_: &Path, _: &Receiver) -> Result<Vec<Self>, FileError> {
        Err(FileError::Platform)
    }

    pub(super) fn create(&self, _: &str) -> io::Result<Kept<File>> {
        match self.0 {}
    }

    pub(super) fn exists(&self, _: &str) -> io::Result<bool> {
        match self.0 {}
    }

    pub(super) fn rename(&self, _: &str, _: &str) -> io::Result<()> {
        match self.0 {}
    }

    pub(super) fn remove(&self, _: &str) -> io::Result<()> {
        match self.0 {}
    }

    pub(super) fn names(&self, _: impl FnMut(&[u8])) -> Result<(), FileError> {
        match self.0 {}
    }

    pub(super) fn look(&self, _: &str) -> Option<Found> {
        match self.0 {}
    }

    pub(super) fn read(&self, _: &str) -> Option<File> {
        match self.0 {}
    }

    pub(super) fn hold(&self, _: &str) -> Option<(Locked, Found)> {
        match self.0 {}
    }
}

pub(super) fn has_name(_: &File) -> bool {
    false
}

pub(super) fn stamp(_: &Path) -> Result<File, FileError> {
    Err(FileError::Platform)
}

/// Deletes the queue, and what a killed process left of one.
///
/// # Errors
/// On this platform always.
pub fn forget(_: &Path) -> Result<(), FileError> {
    Err(FileError::Platform)
}

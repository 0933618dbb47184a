//! A lock that is released explicitly.
//!
//! A lock of `flock(2)` belongs to the open file description, which a forked process shares: closing the file here does
//! not release the lock while that process lives, which for a daemon can be weeks. So it is unlocked before it is
//! closed; only by the process that took it, since a forked copy could release it too.

use super::folder::hold;
use super::{FileError, Owned};
use crate::process::Process;
use std::fs::File;
use std::ops::Deref;

/// A file that this process has locked, until it is dropped.
pub(crate) struct Locked {
    file: Owned<File>,
    process: Process,
}

impl Locked {
    /// Takes the lock of a file that this process has made.
    pub(crate) fn take(file: File) -> Result<Self, FileError> {
        hold(&file)?;
        Ok(Self::new(Owned::new(file)?))
    }

    /// Wraps a file whose lock was just taken.
    pub(crate) fn new(file: Owned<File>) -> Self {
        Self { file, process: Process::this() }
    }
}

impl Deref for Locked {
    type Target = Owned<File>;

    fn deref(&self) -> &Owned<File> {
        &self.file
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        if self.process.is_this()
            && let Ok(file) = self.file.get()
        {
            let _ = file.unlock();
        }
    }
}

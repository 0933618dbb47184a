//! A lock that ends when this process says so.
//!
//! A lock of `flock(2)` belongs to the open file, of which a process that is forked meanwhile has a copy: to close it here
//! ends nothing as long as that process lives, as a daemon does for weeks. So it is given up before it is closed; by its
//! own process alone, since the copy could give it up too.

use super::Owned;
use crate::process::Process;
use std::fs::File;
use std::ops::Deref;

/// A file that this process has locked, until it is dropped.
pub(crate) struct Locked {
    file: Owned<File>,
    process: Process,
}

impl Locked {
    /// Of a file whose lock was just taken.
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

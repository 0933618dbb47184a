//! Files that are appended to, lock files, and files at a path from a variable.

use super::opened::{HELD, is_regular, regular, whole};
use super::{Folder, Owned};
use crate::files::{FileError, Locked};
use crate::limits::{LOCK_PAUSE, MAX_LISTED, MAX_OWN_FILE};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

impl Folder {
    /// Appends to a file, and makes a missing one.
    pub(crate) fn append(&self, name: &str, bytes: &[u8]) -> Result<(), FileError> {
        Ok(self.open_own(name, OpenOptions::new().append(true))?.0.write_all(bytes)?)
    }

    /// Takes the lock of a file, and makes a missing one; `None` if another process has the lock. The lock ends when
    /// the returned handle is dropped, or with the process.
    pub(crate) fn try_lock_file(&self, name: &str) -> Result<Option<Locked>, FileError> {
        match self.open_own(name, OpenOptions::new().read(true).write(true).share_mode(HELD)) {
            Ok((file, _)) => Ok(Some(Locked::new(Owned::new(file)?))),
            Err(FileError::Busy) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Waits at most this long for that lock; `None` if there is no such file, and makes none.
    pub(crate) fn wait_for_file(&self, name: &str, within: Duration) -> Result<Option<Locked>, FileError> {
        let deadline = Instant::now() + within;
        loop {
            match regular(OpenOptions::new().read(true).write(true).share_mode(HELD), &self.at(name)) {
                Ok(Some((file, _))) if self.is_there() => return Ok(Some(Locked::new(Owned::new(file)?))),
                Ok(_) => return Ok(None),
                Err(FileError::Busy) if Instant::now() < deadline => thread::sleep(LOCK_PAUSE),
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads a whole file at a path from a variable, of at most [`MAX_OWN_FILE`] bytes. Links are followed, and any
    /// user may own it. A pipe or a device is refused.
    pub(crate) fn read_named(path: &Path) -> Result<Vec<u8>, FileError> {
        if !std::fs::metadata(path)?.is_file() {
            return Err(FileError::NotAFile);
        }
        let file = File::open(path)?;
        if is_regular(&file)? { whole(&file, MAX_OWN_FILE) } else { Err(FileError::NotAFile) }
    }

    /// The names and sizes of its regular files, unsorted; at most [`MAX_LISTED`].
    pub(crate) fn sizes(&self) -> Result<Vec<(String, u64)>, FileError> {
        let mut names = Vec::new();
        self.names(|name| {
            names.extend(str::from_utf8(name).map(str::to_owned));
            names.len() < MAX_LISTED
        })?;
        let size = |name: String| self.look(&name).map(|found| (name, found.size));
        Ok(names.into_iter().filter_map(size).collect())
    }
}

//! Files that are appended to, lock files, and files at a path from a variable.

use super::{CAREFUL, Folder, file_error, fits, is_regular, whole};
use crate::files::{FileError, Locked, Owned};
use crate::limits::{LOCK_PAUSE, MAX_LISTED, MAX_OWN_FILE};
use rustix::fs::{AtFlags, CWD, Mode, OFlags, Stat};
use rustix::io::Errno;
use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

impl Folder {
    /// Appends to a file, and makes a missing one.
    pub(crate) fn append(&self, name: &str, bytes: &[u8]) -> Result<(), FileError> {
        let mut file = self.open_own(name, OFlags::WRONLY | OFlags::APPEND)?;
        fits(file.metadata()?.len().saturating_add(bytes.len() as u64))?;
        file.write_all(bytes)?;
        Ok(())
    }

    /// Takes the lock of a file, and makes a missing one; `None` if another process has the lock. The lock ends when
    /// the returned handle is dropped, or with the process.
    pub(crate) fn try_lock_file(&self, name: &str) -> Result<Option<Locked>, FileError> {
        let file = self.open_own(name, OFlags::RDWR)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Locked::new(Owned::new(file)?))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// Waits at most this long for that lock; `None` if there is no such file, and makes none.
    pub(crate) fn wait_for_file(&self, name: &str, within: Duration) -> Result<Option<Locked>, FileError> {
        let deadline = Instant::now() + within;
        let file = match self.open_regular(name, OFlags::RDWR) {
            Err(FileError::System(ErrorKind::NotFound)) => return Ok(None),
            opened => opened?,
        };
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Locked::new(Owned::new(file)?))),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => thread::sleep(LOCK_PAUSE),
                Err(TryLockError::WouldBlock) => return Err(FileError::Busy),
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
        }
    }

    /// Reads a whole file at a path from a variable, of at most [`MAX_OWN_FILE`] bytes. Links are followed, and any
    /// user may own it. A pipe or a device is not opened.
    pub(crate) fn read_named(path: &Path) -> Result<Vec<u8>, FileError> {
        let regular = |found: Result<Stat, Errno>| {
            found
                .map_err(file_error)
                .and_then(|found| if is_regular(&found) { Ok(found) } else { Err(FileError::NotAFile) })
        };
        regular(rustix::fs::stat(path))?;
        let flags = CAREFUL.difference(OFlags::NOFOLLOW);
        let file: File = rustix::fs::openat(CWD, path, flags, Mode::empty()).map_err(file_error)?.into();
        let found = regular(rustix::fs::fstat(&file))?;
        whole(&file, &found, MAX_OWN_FILE)
    }

    /// The names and sizes of its regular files, unsorted; at most [`MAX_LISTED`].
    pub(crate) fn sizes(&self) -> Result<Vec<(String, u64)>, FileError> {
        let mut sizes = Vec::new();
        for entry in rustix::fs::Dir::read_from(self.get()?).map_err(file_error)?.take(MAX_LISTED) {
            let entry = entry.map_err(file_error)?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            let found = rustix::fs::statat(self.get()?, name, AtFlags::SYMLINK_NOFOLLOW).map_err(file_error)?;
            if is_regular(&found) {
                sizes.push((name.to_owned(), u64::try_from(found.st_size).unwrap_or_default()));
            }
        }
        Ok(sizes)
    }
}

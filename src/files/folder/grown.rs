//! Files that grow, that are there for their lock, or that are named elsewhere: what an uploader reads and keeps.

use super::{Folder, file_error, fits, is_regular, owned, restore_mode, whole};
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
    /// Adds to the end of a file, which is made if there is none.
    pub(crate) fn append(&self, name: &str, bytes: &[u8]) -> Result<(), FileError> {
        let mut file = self.open_own(name, OFlags::WRONLY | OFlags::APPEND)?;
        let there = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        fits(there.saturating_add(bytes.len()))?;
        file.write_all(bytes)?;
        Ok(())
    }

    /// The lock of a file that is made if there is none; `None` if another process holds it. It ends when what is returned
    /// is dropped, or with the process.
    pub(crate) fn try_lock_file(&self, name: &str) -> Result<Option<Locked>, FileError> {
        let file = self.open_own(name, OFlags::RDWR)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Locked::new(Owned::new(file)?))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// Waits for the same lock of a file that is there, for so long: `None` if there is no such file, which is not made.
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

    /// A folder in this one; `None` if there is none. It is no link: what is behind one is not ours.
    pub(crate) fn below(&self, name: &str) -> Result<Option<Self>, FileError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match rustix::fs::openat(&self.0, name, flags, Mode::empty()) {
            Ok(folder) => Ok(Some(Self(folder.into()))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(file_error(error)),
        }
    }

    /// The same for the person's own files, made if there is none.
    pub(crate) fn make_below(&self, name: &str) -> Result<Self, FileError> {
        match rustix::fs::mkdirat(&self.0, name, Mode::RWXU) {
            // The umask may have taken something from the mode.
            Ok(()) => rustix::fs::chmodat(&self.0, name, Mode::RWXU, AtFlags::empty()).map_err(file_error)?,
            Err(Errno::EXIST) => {}
            Err(error) => return Err(file_error(error)),
        }
        let folder = self.below(name)?.ok_or(FileError::Denied)?;
        folder.mine()?;
        Ok(folder)
    }

    /// Reads a whole file that a variable names, of at most [`MAX_OWN_FILE`] bytes. Links are followed: it may be anyone's. A pipe
    /// or a device is not opened.
    pub(crate) fn read_named(path: &Path) -> Result<Vec<u8>, FileError> {
        let regular = |found: Result<Stat, Errno>| {
            if is_regular(&found.map_err(file_error)?) { Ok(()) } else { Err(FileError::NotAFile) }
        };
        regular(rustix::fs::stat(path))?;
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file: File = rustix::fs::openat(CWD, path, flags, Mode::empty()).map_err(file_error)?.into();
        regular(rustix::fs::fstat(&file))?;
        whole(&file, MAX_OWN_FILE)
    }

    /// A regular file of the person's own, which is made if there is none.
    fn open_own(&self, name: &str, flags: OFlags) -> Result<File, FileError> {
        let file = self.open_regular(name, flags | OFlags::CREATE)?;
        restore_mode(&file)?;
        Ok(file)
    }

    fn open_regular(&self, name: &str, flags: OFlags) -> Result<File, FileError> {
        let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file: File = rustix::fs::openat(&self.0, name, flags, Mode::RUSR | Mode::WUSR).map_err(file_error)?.into();
        let found = rustix::fs::fstat(&file).map_err(file_error)?;
        if !is_regular(&found) {
            return Err(FileError::NotAFile);
        }
        owned(&found)?;
        Ok(file)
    }

    /// The names and sizes of the regular files in it, in no order; at most [`MAX_LISTED`].
    pub(crate) fn sizes(&self) -> Result<Vec<(String, u64)>, FileError> {
        let mut sizes = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.0).map_err(file_error)?.take(MAX_LISTED) {
            let entry = entry.map_err(file_error)?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            let found = rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW).map_err(file_error)?;
            if is_regular(&found) {
                sizes.push((name.to_owned(), u64::try_from(found.st_size).unwrap_or_default()));
            }
        }
        Ok(sizes)
    }
}

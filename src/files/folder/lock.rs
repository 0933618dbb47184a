//! The lock of a folder, under which its files are written whole and removed.

use super::{CAREFUL, FileError, FileId, Folder, Owned, file_error, fits, is_regular};
use crate::files::{Deletion, Locked};
use crate::limits::{LOCK_PAUSE, LOCK_TRIES, LOCK_TRIES_AT_END, MAX_OWN_FILE};
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs::{File, TryLockError};
use std::io::Write as _;
use std::path::Path;
use std::thread;

/// The exclusive right to change the files of a folder.
pub(crate) struct Lock<'f> {
    folder: &'f Folder,
    _held: Locked,
}

impl Folder {
    /// Waits for its turn to change what is here. The lock ends when what is returned is dropped.
    pub(crate) fn lock(&self) -> Result<Lock<'_>, FileError> {
        let (lock, is_locked) = self.try_lock(LOCK_TRIES)?;
        if is_locked { Ok(lock) } else { Err(FileError::Busy) }
    }

    /// The same for a process that ends, which does not wait for long.
    pub(crate) fn lock_soon(&self) -> Result<Lock<'_>, FileError> {
        let (lock, is_locked) = self.try_lock(LOCK_TRIES_AT_END)?;
        if is_locked { Ok(lock) } else { Err(FileError::Busy) }
    }

    /// The same for a deletion after a no, which goes on without the lock if another process does not release it.
    pub(crate) fn lock_to_delete(&self) -> Result<Lock<'_>, FileError> {
        Ok(self.try_lock(LOCK_TRIES)?.0)
    }

    /// Removes a file of the folder at this path, and what killed processes left of it.
    pub(crate) fn erase(path: &Path, name: &str, when: Deletion) -> Result<(), FileError> {
        let Some(folder) = Self::open(path)? else { return Ok(()) };
        match when {
            Deletion::AfterNo => folder.lock_to_delete()?.erase(name),
            Deletion::AtStart if !folder.has(name)? => Ok(()),
            Deletion::AtStart => match folder.try_lock(1)? {
                (lock, true) => lock.erase(name),
                (_, false) => Ok(()),
            },
        }
    }

    fn try_lock(&self, tries: u32) -> Result<(Lock<'_>, bool), FileError> {
        // Another handle: a lock belongs to the handle, and two of one process have to wait for each other too.
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let held: File = rustix::fs::openat(self.get()?, ".", flags, Mode::empty()).map_err(file_error)?.into();
        let mut is_locked = false;
        for _ in 0..tries {
            match held.try_lock() {
                Ok(()) => {
                    is_locked = true;
                    break;
                }
                Err(TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
        }
        Ok((Lock { folder: self, _held: Locked::new(Owned::new(held)?) }, is_locked))
    }
}

impl Lock<'_> {
    /// Writes a whole file in place of what is there, and what killed processes left of it goes. It is on the disk before
    /// it is in its place, and in its place on the disk before this ends: what a person said outlives a loss of power.
    /// `content` is made once it is known which file will hold it.
    pub(crate) fn write(&self, name: &str, content: impl FnOnce(FileId) -> Vec<u8>) -> Result<(), FileError> {
        let folder = self.folder;
        // Best effort: a remaining temporary file does no harm.
        let _ = self.sweep(name);
        folder.temporary(name, content, |file, temporary| {
            file.sync_all()?;
            folder.rename(temporary, name)
        })?;
        // There are file systems that know no such thing.
        let _ = folder.get().map(File::sync_all);
        Ok(())
    }

    /// The same, and what the old file held is overwritten, as far as the file system writes in place. For what is read
    /// again under the lock if it was not understood without: a process with the old file open may read zeros.
    pub(crate) fn write_over(&self, name: &str, content: impl FnOnce(FileId) -> Vec<u8>) -> Result<(), FileError> {
        let old = self.held(name);
        self.write(name, content)?;
        old.as_ref().map(overwrite);
        Ok(())
    }

    /// Like [`Self::write`], without waiting for the disk: for counts that a power loss may take back.
    pub(crate) fn write_unsynced(&self, name: &str, content: Vec<u8>) -> Result<(), FileError> {
        let _ = self.sweep(name);
        self.folder.temporary(name, |_| content, |_, temporary| self.folder.rename(temporary, name))
    }

    /// Removes a file and what killed processes left of it, and overwrites what they held.
    pub(crate) fn erase(&self, name: &str) -> Result<(), FileError> {
        let mut is_removed = self.remove(OsStr::new(name))?;
        is_removed |= self.sweep(name)?;
        if is_removed {
            let _ = self.folder.get().map(File::sync_all);
        }
        Ok(())
    }

    /// Removes what killed processes left of a file, and whether there was any: no other process
    /// writes it while the lock is held.
    fn sweep(&self, name: &str) -> Result<bool, FileError> {
        let mut is_removed = false;
        for found in self.folder.temporaries(name)? {
            is_removed |= self.remove(&found)?;
        }
        Ok(is_removed)
    }

    /// Removes a file, and whether there was one.
    fn remove(&self, name: &OsStr) -> Result<bool, FileError> {
        let old = self.held(name);
        match rustix::fs::unlinkat(self.folder.get()?, name, AtFlags::empty()) {
            Ok(()) => {
                old.as_ref().map(overwrite);
                Ok(true)
            }
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(file_error(error)),
        }
    }

    /// A file that is about to lose its name, if it can be opened.
    fn held(&self, name: impl rustix::path::Arg) -> Option<File> {
        let flags = OFlags::WRONLY | CAREFUL;
        rustix::fs::openat(self.folder.get().ok()?, name, flags, Mode::empty()).map(File::from).ok()
    }
}

/// Overwrites a file that has lost its only name. It has to reach the disk: the system may
/// never write the content of a file that can't be opened any more.
fn overwrite(mut file: &File) {
    let Ok(found) = rustix::fs::fstat(file) else { return };
    if is_regular(&found) && found.st_nlink == 0 {
        let length = u64::try_from(found.st_size).unwrap_or_default().min(MAX_OWN_FILE);
        let zeros = vec![0; usize::try_from(length).unwrap_or_default()];
        if fits(length).is_ok() {
            let _ = file.write_all(&zeros).and_then(|()| file.sync_data());
        }
    }
}

//! The lock of a folder, under which its files are replaced and deleted.

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
    /// Waits for the lock, which ends when the returned value is dropped.
    pub(crate) fn lock(&self) -> Result<Lock<'_>, FileError> {
        let (lock, is_locked) = self.try_lock(LOCK_TRIES)?;
        if is_locked { Ok(lock) } else { Err(FileError::Busy) }
    }

    /// Waits for the lock, but not for long: the process is ending.
    pub(crate) fn lock_soon(&self) -> Result<Lock<'_>, FileError> {
        let (lock, is_locked) = self.try_lock(LOCK_TRIES_AT_END)?;
        if is_locked { Ok(lock) } else { Err(FileError::Busy) }
    }

    /// The lock for a deletion after a no, which continues without it if another process does not release it.
    pub(crate) fn lock_to_delete(&self) -> Result<Lock<'_>, FileError> {
        Ok(self.try_lock(LOCK_TRIES)?.0)
    }

    /// Deletes the file at this path, and the temporary files of killed processes.
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
        // A handle of its own: a lock belongs to the handle, and two locks of one process must exclude each other too.
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
    /// Replaces a file, and deletes the temporary files of killed processes. The content is synced before the rename,
    /// and the folder before the return: an answer survives a loss of power. `content` is called when the id of the new
    /// file is known.
    pub(crate) fn write(&self, name: &str, content: impl FnOnce(FileId) -> Vec<u8>) -> Result<(), FileError> {
        let folder = self.folder;
        // Best effort: a remaining temporary file does no harm.
        let _ = self.sweep(name);
        folder.temporary(name, content, |file, temporary| {
            file.sync_all()?;
            folder.rename(temporary, name)
        })?;
        // Some file systems can't sync a folder.
        let _ = folder.get().map(File::sync_all);
        Ok(())
    }

    /// Like [`Self::write`]; the old file's content is overwritten too, as far as the file system writes in place. A
    /// process with the old file open may read zeros, so a reader that can't parse it must read again under the lock.
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

    /// Deletes a file and the temporary files of killed processes, and overwrites their content.
    pub(crate) fn erase(&self, name: &str) -> Result<(), FileError> {
        let mut is_removed = self.remove(OsStr::new(name))?;
        is_removed |= self.sweep(name)?;
        if is_removed {
            let _ = self.folder.get().map(File::sync_all);
        }
        Ok(())
    }

    /// Deletes the temporary files of killed processes for this name; returns whether there were any. While the lock is
    /// held, no other process writes one.
    fn sweep(&self, name: &str) -> Result<bool, FileError> {
        let mut is_removed = false;
        for found in self.folder.temporaries(name)? {
            is_removed |= self.remove(&found)?;
        }
        Ok(is_removed)
    }

    /// Deletes a file; returns whether there was one.
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

    /// Opens a file before it is deleted or replaced, if possible.
    fn held(&self, name: impl rustix::path::Arg) -> Option<File> {
        let flags = OFlags::WRONLY | CAREFUL;
        rustix::fs::openat(self.folder.get().ok()?, name, flags, Mode::empty()).map(File::from).ok()
    }
}

/// Overwrites a file that has lost its only name, and syncs it: the system may never write back the content of a
/// deleted file.
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

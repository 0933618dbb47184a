//! The lock of a folder, under which its files are replaced and deleted.

use super::{Deletion, FileError, FileId, Folder, Locked};
use crate::limits::{LOCK_TRIES, LOCK_TRIES_AT_END};
use std::fs::File;
use std::path::Path;

/// The exclusive right to change the files of a folder.
pub(crate) struct Lock<'f> {
    folder: &'f Folder,
    /// `None` for a deletion after a no that could not wait longer.
    held: Option<Locked>,
}

impl Folder {
    /// Waits for the lock, which ends when the returned value is dropped.
    pub(crate) fn lock(&self) -> Result<Lock<'_>, FileError> {
        self.lock_within(LOCK_TRIES)
    }

    /// Waits for the lock, but not for long: the process is ending.
    pub(crate) fn lock_soon(&self) -> Result<Lock<'_>, FileError> {
        self.lock_within(LOCK_TRIES_AT_END)
    }

    /// The lock for a deletion after a no, which continues without it if another process does not release it.
    pub(crate) fn lock_to_delete(&self) -> Result<Lock<'_>, FileError> {
        self.lock_if_free(LOCK_TRIES)
    }

    /// Deletes the file at this path, and the temporary files of killed processes.
    pub(crate) fn erase(path: &Path, name: &str, when: Deletion) -> Result<(), FileError> {
        let Some(folder) = Self::open(path)? else { return Ok(()) };
        match when {
            Deletion::AfterNo => folder.lock_to_delete()?.erase(name),
            Deletion::AtStart if !folder.has(name)? => Ok(()),
            Deletion::AtStart => match folder.lock_within(1) {
                Err(FileError::Busy) => Ok(()),
                lock => lock?.erase(name),
            },
        }
    }

    fn lock_within(&self, tries: u32) -> Result<Lock<'_>, FileError> {
        let lock = self.lock_if_free(tries)?;
        if lock.held.is_some() { Ok(lock) } else { Err(FileError::Busy) }
    }

    fn lock_if_free(&self, tries: u32) -> Result<Lock<'_>, FileError> {
        Ok(Lock { folder: self, held: self.hold(tries)? })
    }
}

impl Lock<'_> {
    /// Replaces a file, and deletes the temporary files of killed processes. The content is synced before the rename,
    /// and the folder before the return: an answer survives a loss of power. `content` is called when the id of the new
    /// file is known.
    pub(crate) fn write(&self, name: &str, content: impl FnOnce(FileId) -> Vec<u8>) -> Result<(), FileError> {
        self.replace(name, content, |file, temporary| {
            file.sync_all()?;
            self.folder.rename(temporary, name)
        })?;
        self.folder.sync();
        Ok(())
    }

    /// Like [`Self::write`]; the old file's content is overwritten too, as far as the file system writes in place. A
    /// process with the old file open may read zeros, so a reader that can't parse it must read again under the lock.
    pub(crate) fn write_over(&self, name: &str, content: impl FnOnce(FileId) -> Vec<u8>) -> Result<(), FileError> {
        let mut old = None;
        self.replace(name, content, |file, temporary| {
            file.sync_all()?;
            old = self.folder.rename_over(temporary, name)?;
            Ok(())
        })?;
        self.folder.sync();
        if let Some(old) = old {
            self.folder.overwrite(old);
        }
        Ok(())
    }

    /// Like [`Self::write`], without waiting for the disk: for counts that a power loss may take back.
    pub(crate) fn write_unsynced(&self, name: &str, content: Vec<u8>) -> Result<(), FileError> {
        self.replace(name, |_| content, |_, temporary| self.folder.rename(temporary, name))
    }

    /// Deletes a file and the temporary files of killed processes, and overwrites their content.
    pub(crate) fn erase(&self, name: &str) -> Result<(), FileError> {
        let mut is_removed = self.folder.discard(name)?;
        is_removed |= self.sweep(name)?;
        if is_removed {
            self.folder.sync();
        }
        Ok(())
    }

    fn replace(
        &self,
        name: &str,
        content: impl FnOnce(FileId) -> Vec<u8>,
        place: impl FnOnce(&File, &str) -> Result<(), FileError>,
    ) -> Result<(), FileError> {
        // Best effort: a remaining temporary file does no harm.
        let _ = self.sweep(name);
        self.folder.temporary(name, content, place)
    }

    /// Deletes the temporary files of killed processes for this name; returns whether there were any. While the lock is
    /// held, no other process writes one.
    fn sweep(&self, name: &str) -> Result<bool, FileError> {
        let mut is_removed = false;
        for found in self.folder.temporaries(name)? {
            is_removed |= self.folder.discard(&found)?;
        }
        Ok(is_removed)
    }
}

//! Files that one process makes and another takes over, and their folders.

use super::{CAREFUL, FileError, Folder, Owned, file_error, is_regular, owned, restore_mode};
use crate::files::{Found, Locked};
use crate::limits::LOCK_PAUSE;
use rustix::fs::{AtFlags, Dir, Mode, OFlags, Stat};
use rustix::io::Errno;
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

impl Folder {
    /// Opens a folder in this one; `None` if there is none. A symbolic link is an error: its target may be foreign.
    pub(crate) fn below(&self, name: &str) -> Result<Option<Self>, FileError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | CAREFUL;
        match rustix::fs::openat(self.get()?, name, flags, Mode::empty()) {
            Ok(folder) => Self::new(folder).map(Some),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(file_error(error)),
        }
    }

    /// Opens a folder in this one that the person owns and no other user can add files to.
    pub(crate) fn own_below(&self, name: &str) -> Result<Option<Self>, FileError> {
        let folder = self.below(name)?;
        folder.as_ref().map_or(Ok(()), Self::mine)?;
        Ok(folder)
    }

    /// Opens a folder in this one, and makes a missing one.
    pub(crate) fn make_below(&self, name: &str) -> Result<Self, FileError> {
        match rustix::fs::mkdirat(self.get()?, name, Mode::RWXU) {
            // The umask may have reduced the mode.
            Ok(()) => rustix::fs::chmodat(self.get()?, name, Mode::RWXU, AtFlags::empty()).map_err(file_error)?,
            Err(Errno::EXIST) => {}
            Err(error) => return Err(file_error(error)),
        }
        self.own_below(name)?.ok_or(FileError::Denied)
    }

    /// Takes the lock of this folder; `None` if it is not free after these tries. A handle of its own: a lock belongs to
    /// the handle, and two locks of one process must exclude each other too.
    pub(in crate::files) fn hold(&self, tries: u32) -> Result<Option<Locked>, FileError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let held: File = rustix::fs::openat(self.get()?, ".", flags, Mode::empty()).map_err(file_error)?.into();
        for _ in 0..tries {
            match held.try_lock() {
                Ok(()) => return Ok(Some(Locked::new(Owned::new(held)?))),
                Err(TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
        }
        Ok(None)
    }

    /// Makes a file to append to; an existing one is an error.
    pub(crate) fn create(&self, name: &str) -> Result<File, FileError> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::APPEND | CAREFUL;
        let mode = Mode::RUSR | Mode::WUSR;
        let file: File = rustix::fs::openat(self.get()?, name, flags, mode).map_err(file_error)?.into();
        // The umask may have reduced the mode, and can't have extended it.
        if let Err(error) = rustix::fs::fchmod(&file, mode) {
            let _ = self.remove(name);
            return Err(file_error(error));
        }
        Ok(file)
    }

    /// Makes a file to append to, which this process holds as soon as it has its name; `None` if one of the names is taken.
    pub(crate) fn create_held(&self, temporary: &str, name: &str) -> Result<Option<Locked>, FileError> {
        let file = match self.create(temporary) {
            Err(FileError::System(ErrorKind::AlreadyExists)) => return Ok(None),
            file => file?,
        };
        let placed = Locked::take(file).and_then(|held| {
            let is_free = !self.exists(name)?;
            if is_free {
                self.rename(temporary, name)?;
            }
            Ok(is_free.then_some(held))
        });
        if !matches!(placed, Ok(Some(_))) {
            let _ = self.remove(temporary);
        }
        placed
    }

    /// Whether an entry has this name.
    pub(crate) fn exists(&self, name: &str) -> Result<bool, FileError> {
        match rustix::fs::statat(self.get()?, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(file_error(error)),
        }
    }

    pub(crate) fn rename(&self, from: &str, to: &str) -> Result<(), FileError> {
        let folder = self.get()?;
        rustix::fs::renameat(folder, from, folder, to).map_err(file_error)
    }

    pub(crate) fn remove(&self, name: &str) -> Result<(), FileError> {
        rustix::fs::unlinkat(self.get()?, name, AtFlags::empty()).map_err(file_error)
    }

    /// Calls `each` with every name in the folder, unsorted, until it returns false.
    pub(crate) fn names(&self, mut each: impl FnMut(&[u8]) -> bool) -> Result<(), FileError> {
        let entries = match Dir::read_from(self.get()?) {
            Ok(entries) => entries,
            // The folder was deleted meanwhile.
            Err(Errno::NOENT) => return Ok(()),
            Err(error) => return Err(file_error(error)),
        };
        for entry in entries {
            match entry {
                Ok(entry) if each(entry.file_name().to_bytes()) => {}
                Ok(_) | Err(Errno::NOENT) => return Ok(()),
                Err(error) => return Err(file_error(error)),
            }
        }
        Ok(())
    }

    /// The metadata of a file, if it may be one of ours.
    pub(crate) fn look(&self, name: &str) -> Option<Found> {
        ours(&rustix::fs::statat(self.get().ok()?, name, AtFlags::SYMLINK_NOFOLLOW).ok()?)
    }

    /// Opens a file of ours for reading, locked or not.
    pub(crate) fn open_ours(&self, name: &str) -> Option<File> {
        self.opened_ours(name, OFlags::RDONLY).map(|(file, _)| file)
    }

    /// Takes the lock of a file of ours: `None` if another process has it, or the file is foreign or deleted.
    pub(crate) fn try_lock_ours(&self, name: &str) -> Option<(Locked, Found)> {
        // Writable too: over a network, only a writable handle can be locked.
        let (file, _) = self.opened_ours(name, OFlags::RDWR)?;
        file.try_lock().ok()?;
        // The previous owner may have deleted or replaced the file: then this one has no name.
        let found = ours(&rustix::fs::fstat(&file).ok()?)?;
        Some((Locked::new(Owned::new(file).ok()?), found))
    }

    /// Returns a check of whether another process has deleted this file, which is locked here.
    #[expect(clippy::unused_self, reason = "other systems look up the name")]
    pub(crate) fn watch(&self, _: &str) -> impl Fn(&Locked) -> bool + Send + use<> {
        |held| held.is_deleted()
    }

    fn opened_ours(&self, name: &str, flags: OFlags) -> Option<(File, Found)> {
        // Checked before the open: to open a device may have effects.
        self.look(name)?;
        let file: File = rustix::fs::openat(self.get().ok()?, name, flags | CAREFUL, Mode::empty()).ok()?.into();
        let found = ours(&rustix::fs::fstat(&file).ok()?)?;
        Some((file, found))
    }

    /// Sets the time of a file of ours, and makes a missing one.
    pub(crate) fn touch(&self, name: &str, time: SystemTime) -> Result<(), FileError> {
        let file = self.open_own(name, OFlags::WRONLY)?;
        ours(&rustix::fs::fstat(&file).map_err(file_error)?).ok_or(FileError::NotAFile)?;
        Ok(file.set_modified(time)?)
    }

    /// Opens a regular file that the person owns, and makes a missing one.
    pub(super) fn open_own(&self, name: &str, flags: OFlags) -> Result<File, FileError> {
        let file = self.open_regular(name, flags | OFlags::CREATE)?;
        restore_mode(&file)?;
        Ok(file)
    }

    pub(super) fn open_regular(&self, name: &str, flags: OFlags) -> Result<File, FileError> {
        let mode = Mode::RUSR | Mode::WUSR;
        let file: File = rustix::fs::openat(self.get()?, name, flags | CAREFUL, mode).map_err(file_error)?.into();
        let found = rustix::fs::fstat(&file).map_err(file_error)?;
        if !is_regular(&found) {
            return Err(FileError::NotAFile);
        }
        owned(&found)?;
        Ok(file)
    }
}

/// Whether it is a regular file with one name that the person owns and no other user can have written.
fn ours(found: &Stat) -> Option<Found> {
    let is_ours = is_regular(found) && owned(found).is_ok() && found.st_nlink == 1;
    is_ours.then(|| Found { size: u64::try_from(found.st_size).unwrap_or_default(), modified: modified(found) })
}

#[expect(clippy::unnecessary_cast, reason = "the fields' types differ between systems")]
fn modified(found: &Stat) -> SystemTime {
    let seconds = Duration::from_secs((found.st_mtime as i64).unsigned_abs());
    let whole = if found.st_mtime < 0 { UNIX_EPOCH.checked_sub(seconds) } else { UNIX_EPOCH.checked_add(seconds) };
    let rest = Duration::from_nanos(found.st_mtime_nsec as u64);
    whole.and_then(|whole| whole.checked_add(rest)).unwrap_or(UNIX_EPOCH)
}

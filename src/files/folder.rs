//! A folder of the person's own, and the files in it.

mod errno;
#[cfg(feature = "upload")]
mod grown;
mod in_place;
mod missing;

use super::{Access, Deletion, FileError, Locked, Owned};
use crate::limits::{LOCK_PAUSE, LOCK_TRIES, LOCK_TRIES_AT_END, MAX_FOREIGN_FILE, MAX_OWN_FILE};
use errno::file_error;
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::thread;
use std::time::UNIX_EPOCH;

/// An open folder.
pub(crate) struct Folder(File);

/// What tells a file from a copy of it, on another machine too: its inode and when that was made. The device's number does
/// not: it changes with each mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileId {
    /// In nanoseconds since the epoch; 0 if the file system does not know.
    pub born: u64,
    pub inode: u64,
}

/// What tells a folder from every other on this machine, until it is mounted again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AppendPoint {
    pub device: u64,
    pub inode: u64,
}

impl FileId {
    fn of(file: &File) -> Result<Self, FileError> {
        let found = file.metadata()?;
        let born = found.created().ok().and_then(|born| born.duration_since(UNIX_EPOCH).ok());
        let born = born.and_then(|since| u64::try_from(since.as_nanos()).ok());
        Ok(Self { born: born.unwrap_or_default(), inode: found.ino() })
    }

    /// Whether they are of two files: what is not known tells none from another.
    pub(crate) fn differs(self, other: Self) -> bool {
        self.inode != other.inode || (self.born != other.born && self.born != 0 && other.born != 0)
    }
}

impl AppendPoint {
    /// What a path leads to, if it can be looked at.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let found = std::fs::metadata(path).ok()?;
        Some(Self { device: found.dev(), inode: found.ino() })
    }
}

impl Folder {
    /// Opens a folder; `None` if there is none. Links on the way to it are followed, since people keep their settings
    /// elsewhere; one without a target is trouble.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, FileError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = missing::opened(CWD, path, || rustix::fs::openat(CWD, path, flags, Mode::empty()))?;
        Ok(folder.map(|folder| Self(folder.into())))
    }

    /// Opens a folder for the person's own files; what is missing on the way to it is made, for nobody else.
    pub(crate) fn make(path: &Path) -> Result<Self, FileError> {
        let folder = Self::make_anyones(path)?;
        folder.mine()?;
        Ok(folder)
    }

    /// The same, where others may write too.
    pub(crate) fn make_anyones(path: &Path) -> Result<Self, FileError> {
        let mut refused = None;
        for folder in path.ancestors().collect::<Vec<_>>().into_iter().rev() {
            match rustix::fs::mkdirat(CWD, folder, Mode::RWXU) {
                // The umask may have taken something from the mode.
                Ok(()) => rustix::fs::chmodat(CWD, folder, Mode::RWXU, AtFlags::empty()).map_err(file_error)?,
                Err(Errno::EXIST) => {}
                // It may be there all the same: what is above a home folder is seldom one's own.
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        Self::open(path)?.ok_or_else(|| refused.map_or(FileError::Denied, file_error))
    }

    /// Reads a whole file of the person's own; `None` if there is none.
    pub(crate) fn read(&self, name: &str, whose: Access) -> Result<Option<(Vec<u8>, FileId)>, FileError> {
        let Some((file, found)) = open_file(&self.0, Path::new(name))? else { return Ok(None) };
        owned(&found)?;
        self.mine()?;
        if whose == Access::Secret && Mode::from_raw_mode(found.st_mode).intersects(Mode::RGRP | Mode::ROTH) {
            return Err(FileError::OthersRead);
        }
        Ok(Some((whole(&file, MAX_OWN_FILE)?, FileId::of(&file)?)))
    }

    /// Whether files can be written here, found out by writing one.
    pub(crate) fn is_writable(&self) -> Result<(), FileError> {
        self.temporary(
            "probe",
            |_| vec![b'\n'],
            |_, temporary| rustix::fs::unlinkat(&self.0, temporary, AtFlags::empty()).map_err(file_error),
        )
    }

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

    /// The same for what a no deletes: it goes on without the lock if another process, whoever's, does not give it up.
    pub(crate) fn lock_to_delete(&self) -> Result<Lock<'_>, FileError> {
        Ok(self.try_lock(LOCK_TRIES)?.0)
    }

    /// Removes a file, and what killed processes left of it.
    pub(crate) fn erase(&self, name: &str, when: Deletion) -> Result<(), FileError> {
        match when {
            Deletion::AfterNo => self.lock_to_delete()?.erase(name),
            Deletion::AtStart if !self.has(name)? => Ok(()),
            Deletion::AtStart => match self.try_lock(1)? {
                (lock, true) => lock.erase(name),
                (_, false) => Ok(()),
            },
        }
    }

    /// Whether there is a file of this name, or what a killed process left of one.
    fn has(&self, name: &str) -> Result<bool, FileError> {
        match rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Ok(true),
            Err(Errno::NOENT) => Ok(!self.temporaries(name)?.is_empty()),
            Err(error) => Err(file_error(error)),
        }
    }

    /// What killed processes left of a file.
    fn temporaries(&self, name: &str) -> Result<Vec<OsString>, FileError> {
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.0).map_err(file_error)? {
            let entry = entry.map_err(file_error)?;
            let found = OsStr::from_bytes(entry.file_name().to_bytes());
            if found.to_str().is_some_and(|found| is_temporary(found, name)) {
                names.push(found.to_owned());
            }
        }
        Ok(names)
    }

    fn try_lock(&self, tries: u32) -> Result<(Lock<'_>, bool), FileError> {
        // Another handle: a lock belongs to the handle, and two of one process have to wait for each other too.
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let held: File = rustix::fs::openat(&self.0, ".", flags, Mode::empty()).map_err(file_error)?.into();
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

    /// Makes a file under another name, and hands that name on.
    fn temporary(
        &self,
        name: &str,
        content: impl FnOnce(FileId) -> Vec<u8>,
        place: impl FnOnce(&File, &str) -> Result<(), FileError>,
    ) -> Result<(), FileError> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|_| FileError::System(ErrorKind::Other))?;
        let temporary = temporary(name, u64::from_ne_bytes(random));
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        let mut file: File = rustix::fs::openat(&self.0, &temporary, flags, mode).map_err(file_error)?.into();
        let written = || {
            // The umask may have taken something from the mode, and can't have added to it.
            rustix::fs::fchmod(&file, mode).map_err(file_error)?;
            FileId::of(&file)
        };
        let placed = written().and_then(|mark| {
            let content = content(mark);
            fits(content.len())?;
            file.write_all(&content)?;
            place(&file, &temporary)
        });
        if placed.is_err() {
            let _ = rustix::fs::unlinkat(&self.0, &temporary, AtFlags::empty());
        }
        placed
    }

    /// Itself, if it belongs to the person.
    pub(crate) fn owned(self) -> Result<Self, FileError> {
        match self.mine() {
            Ok(()) | Err(FileError::OthersWrite) => Ok(self),
            Err(other) => Err(other),
        }
    }

    /// The handle alone.
    pub(crate) fn into_file(self) -> File {
        self.0
    }

    /// Whether it belongs to the person, and nobody else can put files into it.
    pub(crate) fn mine(&self) -> Result<(), FileError> {
        let found = rustix::fs::fstat(&self.0).map_err(file_error)?;
        owned(&found)
    }
}

/// Reads a whole file that anyone may have written; `None` if there is none.
pub(crate) fn read_anyones(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    open_file(CWD, path)?.map(|(file, _)| whole(&file, MAX_FOREIGN_FILE)).transpose()
}

/// Opens a regular file, without waiting and not through a link.
fn open_file(folder: impl AsFd, name: &Path) -> Result<Option<(File, Stat)>, FileError> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let folder = folder.as_fd();
    let opened = missing::opened(folder, name, || rustix::fs::openat(folder, name, flags, Mode::empty()))?;
    let Some(file) = opened.map(File::from) else { return Ok(None) };
    let found = rustix::fs::fstat(&file).map_err(file_error)?;
    if is_regular(&found) { Ok(Some((file, found))) } else { Err(FileError::NotAFile) }
}

fn whole(file: &File, most: u64) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(FileError::TooLarge) } else { Ok(bytes) }
}

/// The right to change what is in a folder, which nobody else has at the same time.
pub(crate) struct Lock<'f> {
    folder: &'f Folder,
    _held: Locked,
}

impl Lock<'_> {
    /// Writes a whole file in place of what is there, and what killed processes left of it goes. It is on the disk before
    /// it is in its place, and in its place on the disk before this ends: what a person said outlives a loss of power.
    /// `content` is made once it is known which file will hold it.
    pub(crate) fn write(&self, name: &str, content: impl FnOnce(FileId) -> Vec<u8>) -> Result<(), FileError> {
        let folder = self.folder;
        // What can't be removed is in nobody's way.
        let _ = self.sweep(name);
        folder.temporary(name, content, |file, temporary| {
            file.sync_all()?;
            rustix::fs::renameat(&folder.0, temporary, &folder.0, name).map_err(file_error)
        })?;
        // There are file systems that know no such thing.
        let _ = folder.0.sync_all();
        Ok(())
    }

    /// The same, and what the old file held is overwritten, as far as the file system writes in place. For what is read
    /// again under the lock when it was not understood without: whoever has the old file open may find zeros.
    pub(crate) fn write_over(&self, name: &str, content: impl FnOnce(FileId) -> Vec<u8>) -> Result<(), FileError> {
        let old = self.held(name);
        self.write(name, content)?;
        old.as_ref().map(overwrite);
        Ok(())
    }

    /// Removes a file and what killed processes left of it, and overwrites what they held.
    pub(crate) fn erase(&self, name: &str) -> Result<(), FileError> {
        let mut is_removed = self.remove(OsStr::new(name))?;
        is_removed |= self.sweep(name)?;
        if is_removed {
            let _ = self.folder.0.sync_all();
        }
        Ok(())
    }

    /// Removes what killed processes left of a file, and whether there was any: while the lock is held, nobody else is
    /// writing it.
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
        match rustix::fs::unlinkat(&self.folder.0, name, AtFlags::empty()) {
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
        let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        rustix::fs::openat(&self.folder.0, name, flags, Mode::empty()).map(File::from).ok()
    }
}

/// Overwrites a file that has lost its only name. It has to reach the disk: what nobody can open any more is else never
/// written.
fn overwrite(mut file: &File) {
    let Ok(found) = rustix::fs::fstat(file) else { return };
    if is_regular(&found) && found.st_nlink == 0 {
        let length = u64::try_from(found.st_size).unwrap_or_default().min(MAX_OWN_FILE);
        let zeros = vec![0; usize::try_from(length).unwrap_or_default()];
        if fits(zeros.len()).is_ok() {
            let _ = file.write_all(&zeros).and_then(|()| file.sync_data());
        }
    }
}

/// The name under which a file is written before it is in its place.
fn temporary(name: &str, random: u64) -> String {
    format!(".{name}.{random:016x}")
}

fn is_temporary(found: &str, name: &str) -> bool {
    let random =
        found.strip_prefix('.').and_then(|rest| rest.strip_prefix(name)).and_then(|rest| rest.strip_prefix('.'));
    random.is_some_and(|random| random.len() == 16 && u64::from_str_radix(random, 16).is_ok())
}

/// Whether it belongs to the person, and nobody else can write to it.
fn owned(found: &Stat) -> Result<(), FileError> {
    if found.st_uid != rustix::process::getuid().as_raw() {
        Err(FileError::Owner)
    } else if Mode::from_raw_mode(found.st_mode).intersects(Mode::WGRP | Mode::WOTH) {
        Err(FileError::OthersWrite)
    } else {
        Ok(())
    }
}

fn is_regular(found: &Stat) -> bool {
    FileType::from_raw_mode(found.st_mode) == FileType::RegularFile
}

/// Gives a file back to its owner, which the umask may have kept from a new one: the next process could not open it.
pub(crate) fn restore_mode(file: &File) -> Result<(), FileError> {
    let mode = Mode::RUSR | Mode::WUSR;
    let found = rustix::fs::fstat(file).map_err(file_error)?;
    if !Mode::from_raw_mode(found.st_mode).contains(mode) {
        rustix::fs::fchmod(file, mode).map_err(file_error)?;
    }
    Ok(())
}

/// Whether this process may write so much: the system kills one that writes more (`RLIMIT_FSIZE`, `SIGXFSZ`).
fn fits(length: usize) -> Result<(), FileError> {
    let is_less = largest_file() < u64::try_from(length).unwrap_or(u64::MAX);
    if is_less { Err(FileError::System(ErrorKind::FileTooLarge)) } else { Ok(()) }
}

/// The largest file that this process may write, in bytes.
pub(crate) fn largest_file() -> u64 {
    rustix::process::getrlimit(rustix::process::Resource::Fsize).current.unwrap_or(u64::MAX)
}

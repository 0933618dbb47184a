//! The queue's folder: everything in it is reached through one handle, and no link is followed.

mod forget;

pub use forget::forget;

use super::Receiver;
use crate::files::{FileError, Folder, Locked, Owned, restore_mode};
use crate::limits::MAX_RECEIVERS;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const QUEUE: &str = "queue";
pub(super) const STAMP: &str = "stamp";

/// What no opening of a file goes without: no link, no waiting for the other end of a pipe.
const CAREFUL: OFlags = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// The open folder of one receiver's files. It stays the same one when it is renamed away and deleted: from then on
/// nothing can be made in it.
pub(super) struct SpoolDir(Owned<File>);

/// What is known of a file.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) size: u64,
    pub(super) modified: SystemTime,
}

impl SpoolDir {
    /// Makes what is missing of the folders, for nobody else.
    pub(super) fn make(state: &Path, receiver: &Receiver) -> Result<Self, FileError> {
        Folder::make(state)?;
        let mut folder = base(state)?.ok_or(FileError::Denied)?;
        for name in [QUEUE, &receiver.to_string()] {
            match rustix::fs::mkdirat(&folder, name, Mode::RWXU) {
                // The umask may have taken something from the mode.
                Ok(()) => rustix::fs::chmodat(&folder, name, Mode::RWXU, AtFlags::empty()).map_err(trouble)?,
                Err(Errno::EXIST) => {}
                Err(error) => return Err(trouble(error)),
            }
            folder = below(&folder, name)?.ok_or(FileError::Denied)?;
        }
        Ok(Self(Owned::new(folder)?))
    }

    /// Opens the folder if there is one, and makes nothing.
    pub(super) fn open(state: &Path, receiver: &Receiver) -> Result<Option<Self>, FileError> {
        let Some(state) = base(state)? else { return Ok(None) };
        let Some(queue) = below(&state, QUEUE)? else { return Ok(None) };
        let folder = below(&queue, &receiver.to_string())?;
        Ok(folder.map(|folder| Owned::new(folder).map(Self)).transpose()?)
    }

    /// Opens the folders of all other receivers, as far as they are as we make them.
    pub(super) fn others(state: &Path, receiver: &Receiver) -> Result<Vec<Self>, FileError> {
        let Some(state) = base(state)? else { return Ok(Vec::new()) };
        let Some(queue) = below(&state, QUEUE)? else { return Ok(Vec::new()) };
        let own = receiver.to_string();
        let mut others = Vec::new();
        for entry in Dir::read_from(&queue).map_err(trouble)? {
            let entry = entry.map_err(trouble)?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            if Receiver::is_name(name.as_bytes())
                && name != own
                && let Ok(Some(folder)) = below(&queue, name)
            {
                others.push(Self(Owned::new(folder)?));
            }
            if others.len() == MAX_RECEIVERS {
                break;
            }
        }
        Ok(others)
    }

    /// Makes a file to append to; there must be none of that name.
    pub(super) fn create(&self, name: &str) -> io::Result<Owned<File>> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::APPEND | CAREFUL;
        let mode = Mode::RUSR | Mode::WUSR;
        let file: File = rustix::fs::openat(self.0.get()?, name, flags, mode)?.into();
        // The umask may have taken something from the mode, and can't have added to it.
        rustix::fs::fchmod(&file, mode)?;
        Owned::new(file)
    }

    /// Whether there is anything of this name.
    pub(super) fn exists(&self, name: &str) -> io::Result<bool> {
        match rustix::fs::statat(self.0.get()?, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(rustix::fs::renameat(self.0.get()?, from, self.0.get()?, to)?)
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(self.0.get()?, name, AtFlags::empty())?)
    }

    /// Every name in the folder, in no order, kept nowhere.
    pub(super) fn names(&self, mut each: impl FnMut(&[u8])) -> Result<(), FileError> {
        let entries = match Dir::read_from(self.0.get()?) {
            Ok(entries) => entries,
            // It was deleted.
            Err(Errno::NOENT) => return Ok(()),
            Err(error) => return Err(trouble(error)),
        };
        for entry in entries {
            match entry {
                Ok(entry) => each(entry.file_name().to_bytes()),
                Err(Errno::NOENT) => return Ok(()),
                Err(error) => return Err(trouble(error)),
            }
        }
        Ok(())
    }

    /// What is known of a file that may be one of ours.
    pub(super) fn look(&self, name: &str) -> Option<Found> {
        ours(&rustix::fs::statat(self.0.get().ok()?, name, AtFlags::SYMLINK_NOFOLLOW).ok()?)
    }

    /// Opens a file of ours for reading, held or not.
    pub(super) fn read(&self, name: &str) -> Option<File> {
        self.look(name)?;
        let file: File =
            rustix::fs::openat(self.0.get().ok()?, name, OFlags::RDONLY | CAREFUL, Mode::empty()).ok()?.into();
        ours(&rustix::fs::fstat(&file).ok()?)?;
        Some(file)
    }

    /// Takes the lock of a file of ours: `None` if somebody has it, or the file is not, or no longer, one of ours.
    pub(super) fn hold(&self, name: &str) -> Option<(Locked, Found)> {
        // Before it is opened: opening a device can do things.
        self.look(name)?;
        // For writing too: where locks go over a network, only such a handle can have one.
        let file: File =
            rustix::fs::openat(self.0.get().ok()?, name, OFlags::RDWR | CAREFUL, Mode::empty()).ok()?.into();
        file.try_lock().ok()?;
        // Whoever had it before may have deleted it, or put another in its place: it has no name then.
        let found = ours(&rustix::fs::fstat(&file).ok()?)?;
        Some((Locked::new(Owned::new(file).ok()?), found))
    }
}

/// Whether a file was not deleted; what can't be told of it was.
pub(super) fn has_name(file: &File) -> bool {
    rustix::fs::fstat(file).is_ok_and(|found| found.st_nlink > 0)
}

/// The stamp, made if there is none.
pub(super) fn stamp(state: &Path) -> Result<File, FileError> {
    let state = base(state)?.ok_or(FileError::System(io::ErrorKind::NotFound))?;
    let flags = OFlags::WRONLY | OFlags::CREATE | CAREFUL;
    let stamp = match rustix::fs::openat(&state, STAMP, flags, Mode::RUSR | Mode::WUSR) {
        Ok(stamp) => stamp,
        // A pipe that nobody reads, or a socket.
        Err(Errno::NXIO) => return Err(FileError::NotAFile),
        Err(error) => return Err(trouble(error)),
    };
    let stamp = File::from(stamp);
    ours(&rustix::fs::fstat(&stamp).map_err(trouble)?).ok_or(FileError::NotAFile)?;
    restore_mode(&stamp)?;
    Ok(stamp)
}

/// The state folder, which may be reached by links: people keep it elsewhere.
fn base(state: &Path) -> Result<Option<File>, FileError> {
    let Some(state) = Folder::open(state)? else { return Ok(None) };
    state.mine()?;
    Ok(Some(state.into_file()))
}

fn below(parent: &File, name: &str) -> Result<Option<File>, FileError> {
    folder(rustix::fs::openat(parent, name, OFlags::RDONLY | OFlags::DIRECTORY | CAREFUL, Mode::empty()))
}

/// Only a folder of the person's own, which nobody else can put anything into.
fn folder(opened: Result<rustix::fd::OwnedFd, Errno>) -> Result<Option<File>, FileError> {
    let folder = match opened {
        Ok(folder) => folder,
        Err(Errno::NOENT) => return Ok(None),
        Err(error) => return Err(trouble(error)),
    };
    let found = rustix::fs::fstat(&folder).map_err(trouble)?;
    if found.st_uid != rustix::process::getuid().as_raw() {
        Err(FileError::Owner)
    } else if found.st_mode & 0o022 != 0 {
        Err(FileError::OthersWrite)
    } else {
        Ok(Some(folder.into()))
    }
}

/// A regular file of the person's own with one name, which nobody else can have written.
fn ours(found: &Stat) -> Option<Found> {
    let is_ours = FileType::from_raw_mode(found.st_mode) == FileType::RegularFile
        && found.st_uid == rustix::process::getuid().as_raw()
        && found.st_nlink == 1
        && found.st_mode & 0o022 == 0;
    is_ours.then(|| Found { size: u64::try_from(found.st_size).unwrap_or_default(), modified: modified(found) })
}

#[expect(clippy::unnecessary_cast, reason = "the fields' types differ between systems")]
fn modified(found: &Stat) -> SystemTime {
    let seconds = Duration::from_secs((found.st_mtime as i64).unsigned_abs());
    let whole = if found.st_mtime < 0 { UNIX_EPOCH.checked_sub(seconds) } else { UNIX_EPOCH.checked_add(seconds) };
    let rest = Duration::from_nanos(found.st_mtime_nsec as u64);
    whole.and_then(|whole| whole.checked_add(rest)).unwrap_or(UNIX_EPOCH)
}

fn trouble(error: Errno) -> FileError {
    match error {
        Errno::LOOP => FileError::Link,
        error => io::Error::from(error).into(),
    }
}

//! A folder of the person's own, and the files in it.

use super::{MOST, MOST_OF_ANYONES, Trouble, Whose};
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs::{File, TryLockError};
use std::io::{Read as _, Write as _};
use std::os::fd::AsFd;
use std::path::Path;
use std::thread;
use std::time::Duration;

/// How often a lock is asked for, and how long is waited in between: two seconds in all. It is held for microseconds.
const TRIES: u32 = 400;
const PAUSE: Duration = Duration::from_millis(5);

/// An open folder.
pub(crate) struct Folder(File);

/// What tells one file from every other on this machine, copies of it too: its device and its inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub device: u64,
    pub inode: u64,
}

impl Folder {
    /// Opens a folder; `None` if there is none. Links on the way to it are followed: people keep their settings
    /// elsewhere.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, Trouble> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match rustix::fs::openat(CWD, path, flags, Mode::empty()) {
            Ok(folder) => Ok(Some(Self(folder.into()))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(trouble(error)),
        }
    }

    /// Opens a folder for the person's own files; what is missing on the way to it is made, for nobody else.
    pub(crate) fn make(path: &Path) -> Result<Self, Trouble> {
        for folder in path.ancestors().collect::<Vec<_>>().into_iter().rev() {
            match rustix::fs::mkdirat(CWD, folder, Mode::RWXU) {
                // The umask may have taken something from the mode.
                Ok(()) => rustix::fs::chmodat(CWD, folder, Mode::RWXU, AtFlags::empty()).map_err(trouble)?,
                // It is there, or what is there is found out below.
                Err(Errno::EXIST | Errno::ISDIR | Errno::ACCESS | Errno::ROFS | Errno::PERM) => {}
                Err(error) => return Err(trouble(error)),
            }
        }
        let folder = Self::open(path)?.ok_or(Trouble::Denied)?;
        folder.mine()?;
        Ok(folder)
    }

    /// Reads a whole file of the person's own; `None` if there is none.
    pub(crate) fn read(&self, name: &str, whose: Whose) -> Result<Option<(Vec<u8>, Mark)>, Trouble> {
        let Some((file, found)) = open_file(&self.0, Path::new(name))? else { return Ok(None) };
        owned(found.st_uid, found.st_mode)?;
        self.mine()?;
        if whose == Whose::Secret && found.st_mode & 0o044 != 0 {
            return Err(Trouble::OthersRead);
        }
        Ok(Some((whole(&file, MOST)?, mark(&found))))
    }

    /// Writes a whole file in place of what is there. `content` is made once it is known which file will hold it.
    pub(crate) fn write(&self, name: &str, content: impl FnOnce(Mark) -> Vec<u8>) -> Result<(), Trouble> {
        self.temporary(name, content, |_, temporary| self.rename(temporary, name))
    }

    /// The same, on the disk before it is in its place: what a person said outlives a loss of power.
    pub(crate) fn write_through(&self, name: &str, content: &[u8]) -> Result<(), Trouble> {
        self.temporary(
            name,
            |_| content.to_vec(),
            |file, temporary| {
                file.sync_all()?;
                self.rename(temporary, name)
            },
        )
    }

    /// The same, and what the old file held is overwritten before it goes, as far as the file system writes in place.
    pub(crate) fn write_over(&self, name: &str, content: impl FnOnce(Mark) -> Vec<u8>) -> Result<(), Trouble> {
        let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let old = rustix::fs::openat(&self.0, name, flags, Mode::empty()).map(File::from);
        self.write(name, content)?;
        if let Ok(mut old) = old {
            let length = old.metadata()?.len().min(MOST);
            old.write_all(&vec![0; usize::try_from(length).unwrap_or_default()])?;
        }
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), Trouble> {
        rustix::fs::renameat(&self.0, from, &self.0, to).map_err(trouble)
    }

    /// Writes a whole file unless there is one: `false` if there is.
    pub(crate) fn write_new(&self, name: &str, content: impl FnOnce(Mark) -> Vec<u8>) -> Result<bool, Trouble> {
        self.temporary(name, content, |_, temporary| {
            let linked = rustix::fs::linkat(&self.0, temporary, &self.0, name, AtFlags::empty());
            let _ = rustix::fs::unlinkat(&self.0, temporary, AtFlags::empty());
            match linked {
                Ok(()) => Ok(true),
                Err(Errno::EXIST) => Ok(false),
                Err(error) => Err(trouble(error)),
            }
        })
    }

    /// Whether files can be written here, found out by writing one.
    pub(crate) fn is_writable(&self) -> Result<(), Trouble> {
        self.temporary(
            "probe",
            |_| vec![b'\n'],
            |_, temporary| rustix::fs::unlinkat(&self.0, temporary, AtFlags::empty()).map_err(trouble),
        )
    }

    /// Removes a file and what a killed process may have left of it.
    pub(crate) fn erase(&self, name: &str) -> Result<(), Trouble> {
        let left = format!(".{name}.");
        let mut names = vec![OsStr::new(name).to_owned()];
        let entries = rustix::fs::Dir::read_from(&self.0).map_err(trouble)?;
        for entry in entries {
            let entry = entry.map_err(trouble)?;
            if let Ok(found) = entry.file_name().to_str()
                && found.starts_with(&left)
            {
                names.push(found.into());
            }
        }
        for name in names {
            match rustix::fs::unlinkat(&self.0, &name, AtFlags::empty()) {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(error) => return Err(trouble(error)),
            }
        }
        Ok(())
    }

    /// Waits for its turn to change what is here. The lock ends when what is returned is dropped.
    pub(crate) fn lock(&self) -> Result<Lock, Trouble> {
        // Another handle: a lock belongs to the handle, and two of one process have to wait for each other too.
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder: File = rustix::fs::openat(&self.0, ".", flags, Mode::empty()).map_err(trouble)?.into();
        for _ in 0..TRIES {
            match folder.try_lock() {
                Ok(()) => return Ok(Lock { _folder: folder }),
                Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
        }
        Err(Trouble::Busy)
    }

    /// Makes a file under another name, and hands that name on.
    fn temporary<T>(
        &self,
        name: &str,
        content: impl FnOnce(Mark) -> Vec<u8>,
        place: impl FnOnce(&File, &str) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|_| Trouble::System(std::io::ErrorKind::Other))?;
        let temporary = format!(".{name}.{:016x}", u64::from_ne_bytes(random));
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        let mut file: File = rustix::fs::openat(&self.0, &temporary, flags, mode).map_err(trouble)?.into();
        let written = || {
            // The umask may have taken something from the mode, and can't have added to it.
            rustix::fs::fchmod(&file, mode).map_err(trouble)?;
            let mark = mark(&rustix::fs::fstat(&file).map_err(trouble)?);
            Ok::<_, Trouble>(mark)
        };
        let placed = written().and_then(|mark| {
            file.write_all(&content(mark))?;
            place(&file, &temporary)
        });
        if placed.is_err() {
            let _ = rustix::fs::unlinkat(&self.0, &temporary, AtFlags::empty());
        }
        placed
    }

    /// Whether it belongs to the person, and nobody else can put files into it.
    fn mine(&self) -> Result<(), Trouble> {
        let found = rustix::fs::fstat(&self.0).map_err(trouble)?;
        owned(found.st_uid, found.st_mode)
    }
}

/// Reads a whole file that anyone may have written; `None` if there is none.
pub(crate) fn read_anyones(path: &Path) -> Result<Option<Vec<u8>>, Trouble> {
    open_file(CWD, path)?.map(|(file, _)| whole(&file, MOST_OF_ANYONES)).transpose()
}

/// Opens a regular file, without waiting and not through a link.
fn open_file(folder: impl AsFd, name: &Path) -> Result<Option<(File, Stat)>, Trouble> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file: File = match rustix::fs::openat(folder, name, flags, Mode::empty()) {
        Ok(file) => file.into(),
        Err(Errno::NOENT) => return Ok(None),
        // A socket, or a device without a driver.
        Err(Errno::NXIO) => return Err(Trouble::NotAFile),
        Err(error) => return Err(trouble(error)),
    };
    let found = rustix::fs::fstat(&file).map_err(trouble)?;
    let is_file = FileType::from_raw_mode(found.st_mode) == FileType::RegularFile;
    if is_file { Ok(Some((file, found))) } else { Err(Trouble::NotAFile) }
}

fn whole(file: &File, most: u64) -> Result<Vec<u8>, Trouble> {
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(Trouble::TooLarge) } else { Ok(bytes) }
}

/// The right to change what is in a folder.
pub(crate) struct Lock {
    _folder: File,
}

fn owned(owner: u32, mode: u32) -> Result<(), Trouble> {
    if owner != rustix::process::getuid().as_raw() {
        Err(Trouble::Owner)
    } else if mode & 0o022 != 0 {
        Err(Trouble::OthersWrite)
    } else {
        Ok(())
    }
}

#[expect(clippy::unnecessary_cast, reason = "the fields' types differ between systems")]
fn mark(found: &Stat) -> Mark {
    Mark { device: found.st_dev as u64, inode: found.st_ino as u64 }
}

fn trouble(error: Errno) -> Trouble {
    match error {
        Errno::LOOP => Trouble::Link,
        error => std::io::Error::from(error).into(),
    }
}

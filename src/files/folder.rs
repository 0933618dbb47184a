//! A private folder, and the files in it.

mod entries;
mod errno;
#[cfg(feature = "upload")]
mod grown;
mod in_place;
mod missing;
mod owned;
mod replaced;
mod tree;

pub(crate) use owned::Owned;

use super::{Access, FileError, FileId};
use crate::limits::{MAX_FOREIGN_FILE, MAX_OWN_FILE};
use errno::file_error;
use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// The flags of every open of a file: do not follow links, do not block on pipes.
const CAREFUL: OFlags = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// Whether a folder is still there after a deletion, if another process has a file in it open.
pub(crate) const FOLDERS_STAY: bool = false;

/// Whether a file can be replaced while this process has it open.
pub(crate) const REPLACES_OPEN_FILES: bool = true;

/// An open folder. The handle still refers to it after it is renamed and deleted: then no file can be made in it.
pub(crate) struct Folder(Owned<File>);

/// The identity of an open file.
pub(super) fn file_id(file: &File) -> Result<FileId, FileError> {
    let found = file.metadata()?;
    let born = found.created().ok().and_then(|born| born.duration_since(UNIX_EPOCH).ok());
    let born = born.and_then(|since| u64::try_from(since.as_nanos()).ok());
    Ok(FileId { born: born.unwrap_or_default(), inode: found.ino() })
}

/// Takes the lock of a file that this process has made.
pub(super) fn hold(file: &File) -> io::Result<()> {
    Ok(file.try_lock()?)
}

impl Folder {
    fn new(folder: OwnedFd) -> Result<Self, FileError> {
        Ok(Self(Owned::new(folder.into())?))
    }

    /// The handle, if the host has not closed it.
    fn get(&self) -> Result<&File, FileError> {
        Ok(self.0.get()?)
    }

    /// Opens a folder; `None` if there is none. Links on the path are followed, since people keep their settings
    /// elsewhere; a link without a target is an error.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, FileError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = missing::opened(CWD, path, || rustix::fs::openat(CWD, path, flags, Mode::empty()))?;
        folder.map(Self::new).transpose()
    }

    /// Opens a private folder; missing folders on the path are made with mode 0700.
    pub(crate) fn make(path: &Path) -> Result<Self, FileError> {
        let folder = Self::make_anyones(path)?;
        folder.mine()?;
        Ok(folder)
    }

    /// Opens a folder that others may write to; missing ones are made.
    pub(crate) fn make_anyones(path: &Path) -> Result<Self, FileError> {
        if let Some(folder) = Self::open(path)? {
            return Ok(folder);
        }
        let mut refused = None;
        for folder in path.ancestors().collect::<Vec<_>>().into_iter().rev() {
            match rustix::fs::mkdirat(CWD, folder, Mode::RWXU) {
                // The umask may have reduced the mode.
                Ok(()) => rustix::fs::chmodat(CWD, folder, Mode::RWXU, AtFlags::empty()).map_err(file_error)?,
                Err(Errno::EXIST) => {}
                // The folder may exist nevertheless: people seldom own what is above a home folder.
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        Self::open(path)?.ok_or_else(|| refused.map_or(FileError::Denied, file_error))
    }

    /// Opens a private folder at the end of these names below another; missing ones are made, with mode 0700.
    pub(crate) fn make_inside(path: &Path, names: [&str; 2]) -> Result<Self, FileError> {
        names.into_iter().try_fold(Self::make(path)?, |folder, name| folder.make_below(name))
    }

    /// Reads a whole private file; `None` if there is none.
    pub(crate) fn read(&self, name: &str, whose: Access) -> Result<Option<(Vec<u8>, FileId)>, FileError> {
        let Some((file, found)) = open_file(self.get()?, Path::new(name))? else { return Ok(None) };
        owned(&found)?;
        self.mine()?;
        if whose == Access::Secret && Mode::from_raw_mode(found.st_mode).intersects(Mode::RGRP | Mode::ROTH) {
            return Err(FileError::OthersRead);
        }
        Ok(Some((whole(&file, &found, MAX_OWN_FILE)?, file_id(&file)?)))
    }

    /// Reads a whole private file in the folder with this path; `None` if one of them is missing.
    pub(crate) fn read_at(path: &Path, name: &str, whose: Access) -> Result<Option<Vec<u8>>, FileError> {
        let Some(folder) = Self::open(path)? else { return Ok(None) };
        Ok(folder.read(name, whose)?.map(|(bytes, _)| bytes))
    }

    /// Whether the person owns it, and no other user can add files to it.
    pub(crate) fn mine(&self) -> Result<(), FileError> {
        let found = rustix::fs::fstat(self.get()?).map_err(file_error)?;
        owned(&found)
    }

    /// Syncs the folder. Some file systems can't.
    pub(super) fn sync(&self) {
        let _ = self.get().map(File::sync_all);
    }
}

/// Reads a whole file that others may have written; `None` if there is none.
pub(crate) fn read_anyones(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    open_file(CWD, path)?.map(|(file, found)| whole(&file, &found, MAX_FOREIGN_FILE)).transpose()
}

/// Opens a regular file, without blocking and without following a link.
fn open_file(folder: impl AsFd, name: &Path) -> Result<Option<(File, Stat)>, FileError> {
    let flags = OFlags::RDONLY | CAREFUL;
    let folder = folder.as_fd();
    let opened = missing::opened(folder, name, || rustix::fs::openat(folder, name, flags, Mode::empty()))?;
    let Some(file) = opened.map(File::from) else { return Ok(None) };
    let found = rustix::fs::fstat(&file).map_err(file_error)?;
    if is_regular(&found) { Ok(Some((file, found))) } else { Err(FileError::NotAFile) }
}

/// The whole content of an open file, in one read of the size that was found and one that finds the end.
fn whole(file: &File, found: &Stat, most: u64) -> Result<Vec<u8>, FileError> {
    let size = u64::try_from(found.st_size).unwrap_or_default().min(most);
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(FileError::TooLarge) } else { Ok(bytes) }
}

/// Whether the person owns it, and no other user can write to it.
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

/// Restores the owner's access to a new file, which the umask may have removed: otherwise the next process could not
/// open it.
fn restore_mode(file: &File) -> Result<(), FileError> {
    let mode = Mode::RUSR | Mode::WUSR;
    let found = rustix::fs::fstat(file).map_err(file_error)?;
    if !Mode::from_raw_mode(found.st_mode).contains(mode) {
        rustix::fs::fchmod(file, mode).map_err(file_error)?;
    }
    Ok(())
}

/// Whether this process may write a file of this size: the system kills a process that exceeds the limit
/// (`RLIMIT_FSIZE`, `SIGXFSZ`).
pub(crate) fn fits(bytes: u64) -> Result<(), FileError> {
    let most = rustix::process::getrlimit(rustix::process::Resource::Fsize).current;
    if most.is_some_and(|most| most < bytes) { Err(FileError::System(ErrorKind::FileTooLarge)) } else { Ok(()) }
}

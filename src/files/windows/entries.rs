//! Files that one process makes and another takes over, and their folders.

use super::opened::{HELD, id, inode, is_absent, regular, whole, with_names, without_a_look};
use super::{Folder, Owned};
use crate::files::{Access, FileError, FileId, Found, Inode, Locked, is_spelled_out};
use crate::limits::{LOCK_PAUSE, MAX_OWN_FILE};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::Path;
use std::thread;
use std::time::SystemTime;
use winapi_util::file::Information;

/// The name of the file whose holder has the lock of a folder.
const LOCK: &str = ".lock";

const FILE_FLAG_DELETE_ON_CLOSE: u32 = 0x0400_0000;
const GENERIC_WRITE: u32 = 0x4000_0000;
const DELETE: u32 = 0x0001_0000;

impl Folder {
    /// Opens a folder in this one; `None` if there is none.
    pub(crate) fn below(&self, name: &str) -> Result<Option<Self>, FileError> {
        Self::at_path(self.at(name)).map(|found| found.filter(|_| self.is_there()))
    }

    /// Opens a folder in this one that the person owns and no other user can add files to.
    pub(crate) fn own_below(&self, name: &str) -> Result<Option<Self>, FileError> {
        self.below(name)
    }

    /// Opens a folder in this one, and makes a missing one.
    pub(crate) fn make_below(&self, name: &str) -> Result<Self, FileError> {
        if let Some(folder) = self.below(name)? {
            return Ok(folder);
        }
        let is_made = match std::fs::create_dir(self.at(name)) {
            Ok(()) => true,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => false,
            Err(error) => return Err(error.into()),
        };
        let found = self.below(name)?;
        if found.is_none() && is_made {
            // It is in another folder of this path.
            let _ = std::fs::remove_dir(self.at(name));
        }
        found.ok_or(FileError::System(ErrorKind::NotFound))
    }

    /// Takes the lock of this folder; `None` if it is not free after these tries. It leaves no file, and ends with its
    /// process: the system deletes the file when it closes it.
    pub(in crate::files) fn hold(&self, tries: u32) -> Result<Option<Locked>, FileError> {
        for _ in 0..tries {
            match self.try_hold()? {
                None => thread::sleep(LOCK_PAUSE),
                held => return Ok(held),
            }
        }
        Ok(None)
    }

    fn try_hold(&self) -> Result<Option<Locked>, FileError> {
        let mut options = OpenOptions::new();
        options.create(true).write(true).truncate(false).access_mode(GENERIC_WRITE | DELETE);
        options.share_mode(0).custom_flags(FILE_FLAG_DELETE_ON_CLOSE);
        match options.open(self.at(LOCK)) {
            Ok(held) => {
                self.there()?;
                Ok(Some(Locked::new(Owned::new(held)?)))
            }
            // While it is deleted, the name is there, and can't be opened.
            Err(error) if is_absent(&error) && self.path.is_dir() => Ok(None),
            Err(error) if error.kind() == ErrorKind::PermissionDenied && self.has_entry(LOCK) => Ok(None),
            Err(error) => match FileError::from(error) {
                FileError::Busy => Ok(None),
                error => Err(error),
            },
        }
    }

    /// Whether the folder lists this name, which may be that of a file that is being deleted.
    fn has_entry(&self, name: &str) -> bool {
        let mut has = false;
        let listed = self.names(|found| {
            has |= found == name.as_bytes();
            !has
        });
        listed.is_ok() && has
    }

    /// Makes a file to append to, which no other process can write to while it is open; an existing one is an error.
    pub(crate) fn create(&self, name: &str) -> Result<File, FileError> {
        let file = OpenOptions::new().append(true).create_new(true).share_mode(HELD).open(self.at(name))?;
        self.there().map(|()| file).inspect_err(|_| drop(std::fs::remove_file(self.at(name))))
    }

    /// Makes a file to append to, which this process holds; `None` if the name is taken. It is held from its first moment, so
    /// that it needs no temporary name.
    pub(crate) fn create_held(&self, _temporary: &str, name: &str) -> Result<Option<Locked>, FileError> {
        match self.create(name) {
            Err(FileError::System(ErrorKind::AlreadyExists)) => Ok(None),
            file => Locked::take(file?).map(Some),
        }
    }

    /// Reads a whole private file; `None` if there is none.
    pub(crate) fn read(&self, name: &str, _: Access) -> Result<Option<(Vec<u8>, FileId)>, FileError> {
        Ok(read(&self.at(name))?.filter(|_| self.is_there()))
    }

    /// Reads a whole private file in the folder with this path; `None` if one of them is missing. If another folder takes its
    /// place meanwhile, that one's file is as good.
    pub(crate) fn read_at(path: &Path, name: &str, _: Access) -> Result<Option<Vec<u8>>, FileError> {
        let file = path.join(name);
        if is_spelled_out(&file)
            && let Some(file) = without_a_look(&file)
        {
            return whole(&file, MAX_OWN_FILE).map(Some);
        }
        let is_there = is_spelled_out(path) || Self::open(path)?.is_some();
        Ok(if is_there { read(&file)?.map(|(bytes, _)| bytes) } else { None })
    }

    /// Whether an entry has this name.
    pub(crate) fn exists(&self, name: &str) -> Result<bool, FileError> {
        match std::fs::symlink_metadata(self.at(name)) {
            Ok(_) => Ok(self.is_there()),
            Err(error) if is_absent(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Renames a file that [`Self::create`] has made and that is still open, which keeps the folder in place.
    pub(crate) fn rename(&self, from: &str, to: &str) -> Result<(), FileError> {
        let renamed = std::fs::rename(self.at(from), self.at(to));
        renamed.map_err(|error| if self.at(to).is_dir() { FileError::NotAFile } else { error.into() })
    }

    pub(crate) fn remove(&self, name: &str) -> Result<(), FileError> {
        self.there()?;
        match std::fs::remove_file(self.at(name)) {
            // Another process deletes it.
            Err(error) if is_absent(&error) => Err(FileError::System(ErrorKind::NotFound)),
            removed => Ok(removed?),
        }
    }

    /// Calls `each` with every name in the folder, unsorted, until it returns false.
    pub(crate) fn names(&self, mut each: impl FnMut(&[u8]) -> bool) -> Result<(), FileError> {
        let entries = match std::fs::read_dir(&self.path) {
            Ok(entries) if self.is_there() => entries,
            // The folder was deleted meanwhile.
            Ok(_) => return Ok(()),
            Err(error) if is_absent(&error) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        for entry in entries {
            // The names of our files are ASCII.
            if entry?.file_name().to_str().is_some_and(|name| !each(name.as_bytes())) {
                break;
            }
        }
        Ok(())
    }

    /// The metadata of a file, if it may be one of ours.
    pub(crate) fn look(&self, name: &str) -> Option<Found> {
        let found = std::fs::symlink_metadata(self.at(name)).ok().filter(std::fs::Metadata::is_file)?;
        Some(Found { size: found.len(), modified: found.modified().ok()? })
    }

    /// Opens a file of ours for reading, locked or not.
    pub(crate) fn open_ours(&self, name: &str) -> Option<File> {
        Some(self.opened_ours(name, OpenOptions::new().read(true))?.0)
    }

    /// Takes the lock of a file of ours: `None` if another process has it, or the file is foreign or deleted.
    pub(crate) fn try_lock_ours(&self, name: &str) -> Option<(Locked, Found)> {
        let (file, found) = self.opened_ours(name, OpenOptions::new().read(true).write(true).share_mode(HELD))?;
        Some((Locked::new(Owned::new(file).ok()?), found))
    }

    /// Returns a check of whether another process has deleted this file, which is locked here. Its name is looked up: the
    /// system may count a name that is gone until nobody has the file open.
    pub(crate) fn watch(&self, name: &str) -> impl Fn(&Locked) -> bool + Send + use<> {
        let path = self.at(name);
        let is_named = move |found| Some(inode(&found)) == Inode::of(&path);
        move |held| !held.get().ok().and_then(with_names).is_some_and(&is_named)
    }

    /// A file with a second name is not ours.
    fn opened_ours(&self, name: &str, options: &mut OpenOptions) -> Option<(File, Found)> {
        self.look(name)?;
        let (file, found) = regular(options, &self.at(name)).ok()??;
        let found = file.metadata().ok().filter(|_| found.number_of_links() == 1 && self.is_there())?;
        let found = Found { size: found.len(), modified: found.modified().ok()? };
        Some((file, found))
    }

    /// Sets the time of a file of ours, and makes a missing one.
    pub(crate) fn touch(&self, name: &str, time: SystemTime) -> Result<(), FileError> {
        let (file, found) = self.open_own(name, OpenOptions::new().write(true))?;
        if found.number_of_links() == 1 { Ok(file.set_modified(time)?) } else { Err(FileError::NotAFile) }
    }

    /// Opens a regular file, and makes a missing one.
    pub(super) fn open_own(&self, name: &str, options: &mut OpenOptions) -> Result<(File, Information), FileError> {
        self.there()?;
        let opened = regular(options.create(true), &self.at(name))?.ok_or(FileError::Denied)?;
        self.there().map(|()| opened)
    }

    /// Writes a file in place, without a lock. It needs no space for a second file, and no space at all if the file
    /// exists. Only for content whose every beginning, even an empty one, has the meaning of the whole.
    pub(crate) fn write_in_place(&self, name: &str, content: &[u8]) -> Result<(), FileError> {
        let (mut file, found) = self.open_own(name, OpenOptions::new().write(true))?;
        // A file with a second name may be a backup.
        if found.number_of_links() != 1 {
            return Err(FileError::NotAFile);
        }
        file.set_len(0)?;
        // A failed write leaves a beginning.
        let _ = file.write_all(content);
        Ok(file.sync_all()?)
    }
}

fn read(path: &Path) -> Result<Option<(Vec<u8>, FileId)>, FileError> {
    let Some((file, found)) = regular(OpenOptions::new().read(true), path)? else { return Ok(None) };
    Ok(Some((whole(&file, MAX_OWN_FILE)?, id(&found))))
}

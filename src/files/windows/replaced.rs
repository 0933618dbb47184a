//! Replaces and deletes files, and overwrites the old content.

use super::Folder;
use super::opened::{is_absent, make_writable, regular};
use crate::files::{FileError, temporary};
use crate::limits::MAX_OWN_FILE;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};

/// The temporary name of a file that was replaced.
pub(in crate::files) struct OldFile(String);

impl Folder {
    /// Renames a file to a name that another may have, and returns the other. Between the two renames there is no file of
    /// that name: a process that is killed there loses the content, and a reader without the lock finds none.
    pub(in crate::files) fn rename_over(&self, from: &str, to: &str) -> Result<Option<OldFile>, FileError> {
        let old = self.set_aside(to)?;
        match self.rename(from, to) {
            Ok(()) => Ok(old),
            Err(error) => {
                let _ = old.map(|OldFile(old)| std::fs::rename(self.at(&old), self.at(to)));
                Err(error)
            }
        }
    }

    fn set_aside(&self, name: &str) -> Result<Option<OldFile>, FileError> {
        let aside = temporary::name(name)?;
        self.there()?;
        if self.at(name).is_dir() {
            return Err(FileError::NotAFile);
        }
        match std::fs::rename(self.at(name), self.at(&aside)) {
            Ok(()) => Ok(Some(OldFile(aside))),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Overwrites the content of a replaced file, and deletes it.
    pub(in crate::files) fn overwrite(&self, OldFile(name): OldFile) {
        let path = self.at(&name);
        if let Ok(found) = path.symlink_metadata() {
            make_writable(&path, &found);
        }
        if let Ok(Some((mut file, found))) = regular(OpenOptions::new().write(true), &path) {
            let length = found.file_size().min(MAX_OWN_FILE);
            let zeros = vec![0; usize::try_from(length).unwrap_or_default()];
            let _ = file.write_all(&zeros).and_then(|()| file.sync_data());
        }
        let _ = self.remove(&name);
    }

    /// Deletes a file, and overwrites its content; returns whether there was one.
    pub(in crate::files) fn discard(&self, name: &str) -> Result<bool, FileError> {
        match self.set_aside(name) {
            Ok(Some(old)) => {
                self.overwrite(old);
                Ok(true)
            }
            Ok(None) => Ok(false),
            Err(FileError::System(ErrorKind::NotFound)) => Ok(false),
            Err(FileError::NotAFile) => Err(FileError::NotAFile),
            // It can be deleted nevertheless.
            Err(_) => match self.remove(name) {
                Ok(()) => Ok(true),
                Err(FileError::System(ErrorKind::NotFound)) => Ok(false),
                Err(error) => Err(error),
            },
        }
    }
}

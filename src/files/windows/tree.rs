//! Deletes a folder with its content, while other processes may still write to it.

use super::Folder;
use super::opened::{is_absent, is_reparse_point, make_writable};
use crate::files::{FileError, temporary};
use crate::limits::MAX_STALLED_DELETIONS;
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// In the temporary name of a file that is being deleted.
const GONE: &str = "gone";

impl Folder {
    /// Deletes a folder in this one with its content, and the remains of deletions that were killed.
    ///
    /// A folder with an open file can't be renamed, so each file is renamed into this folder, and deleted: from then on it
    /// is no file of the queue, although its name may stay until the last process has closed it. Links are deleted, and not
    /// followed. A process that is about to make a file asks for consent after it has made it. An entry that can't be
    /// deleted does not stop the deletion of the others.
    pub(crate) fn remove_tree(&self, name: &str) -> Result<(), FileError> {
        self.there()?;
        for gone in self.temporaries(GONE)? {
            // A process may still have it open.
            let _ = fs::remove_file(self.at(&gone));
        }
        let root = self.at(name);
        let mut left = Ok(());
        for _ in 0..MAX_STALLED_DELETIONS {
            left = match fs::symlink_metadata(&root) {
                Ok(found) if is_reparse_point(&found) => remove(&root, &found, fs::remove_dir),
                Ok(found) if found.is_dir() => self.empty(&root),
                Ok(found) => self.remove_entry(root.clone(), &found),
                Err(error) if is_absent(&error) => Ok(()),
                Err(error) => Err(error.into()),
            };
            // Other processes may make files meanwhile.
            if left != Err(FileError::System(ErrorKind::DirectoryNotEmpty)) {
                break;
            }
        }
        left
    }

    /// Deletes all that is there, and the folders from the innermost on.
    fn empty(&self, root: &Path) -> Result<(), FileError> {
        let mut failed = None;
        let mut folders = vec![root.to_owned()];
        let mut nth = 0;
        while let Some(folder) = folders.get(nth).cloned() {
            nth += 1;
            match entries(&folder) {
                Ok(entries) => entries.into_iter().for_each(|(path, found)| {
                    if !found.is_dir() {
                        failed = failed.or(self.remove_entry(path, &found).err());
                    } else if is_reparse_point(&found) {
                        failed = failed.or(remove(&path, &found, fs::remove_dir).err());
                    } else {
                        folders.push(path);
                    }
                }),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        for folder in folders.into_iter().rev() {
            if let Ok(found) = fs::symlink_metadata(&folder) {
                failed = failed.or(remove(&folder, &found, fs::remove_dir).err());
            }
        }
        failed.map_or(Ok(()), Err)
    }

    fn remove_entry(&self, path: PathBuf, found: &Metadata) -> Result<(), FileError> {
        let gone = self.at(&temporary::name(GONE)?);
        let path = if fs::rename(&path, &gone).is_ok() { gone } else { path };
        remove(&path, found, fs::remove_file)
    }
}

fn entries(folder: &Path) -> Result<Vec<(PathBuf, Metadata)>, FileError> {
    let listed = match fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if is_absent(&error) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut found = Vec::new();
    for entry in listed {
        let path = entry?.path();
        match fs::symlink_metadata(&path) {
            Ok(metadata) => found.push((path, metadata)),
            Err(error) if is_absent(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(found)
}

/// Deletes an entry, also one that is marked as read-only.
fn remove(path: &Path, found: &Metadata, remove: fn(PathBuf) -> io::Result<()>) -> Result<(), FileError> {
    make_writable(path, found);
    match remove(path.to_owned()) {
        Err(error) if !is_absent(&error) => Err(error.into()),
        _ => Ok(()),
    }
}

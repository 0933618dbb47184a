//! Deletes a folder with its content, while other processes may still write to it.

use super::Folder;
use super::opened::{inspected, is_absent};
use crate::files::FileError;
use crate::limits::MAX_STALLED_DELETIONS;
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::os::windows::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

const FILE_ATTRIBUTE_DIRECTORY: u32 = 0x0000_0010;
const FILE_ATTRIBUTE_REPARSE_POINT: u32 = 0x0000_0400;

impl Folder {
    /// Deletes a folder in this one with its content, entry by entry: a folder with an open file can't be renamed. Links
    /// are deleted, and not followed. A process that has a file open loses it; one that is about to make a file asks for
    /// consent after it has made it. An entry that can't be deleted does not stop the deletion of the others.
    ///
    /// A file that another process has open may keep its name until that process closes it, and can't be opened any more:
    /// it counts as deleted, and its folder stays until the next deletion.
    pub(crate) fn remove_tree(&self, name: &str) -> Result<(), FileError> {
        let root = self.at(name);
        match fs::symlink_metadata(&root) {
            Ok(found) if found.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT != 0 => {
                return remove(&root, &found, fs::remove_dir);
            }
            Ok(_) => {}
            Err(error) if is_absent(&error) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        let mut left = Ok(());
        for _ in 0..MAX_STALLED_DELETIONS {
            left = empty(&root);
            if left != Err(FileError::System(ErrorKind::DirectoryNotEmpty)) {
                break;
            }
        }
        left
    }
}

/// Deletes all that is there, the innermost folders first.
fn empty(root: &Path) -> Result<(), FileError> {
    let mut failed = None;
    let mut folders = vec![root.to_owned()];
    let mut nth = 0;
    while let Some(folder) = folders.get(nth).cloned() {
        nth += 1;
        match entries(&folder) {
            Ok(entries) => entries.into_iter().for_each(|(path, found)| {
                let attributes = found.file_attributes();
                if attributes & FILE_ATTRIBUTE_DIRECTORY == 0 {
                    failed = failed.or(remove(&path, &found, fs::remove_file).err());
                } else if attributes & FILE_ATTRIBUTE_REPARSE_POINT != 0 {
                    failed = failed.or(remove(&path, &found, fs::remove_dir).err());
                } else {
                    folders.push(path);
                }
            }),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    for folder in folders.into_iter().rev() {
        let Ok(found) = fs::symlink_metadata(&folder) else { continue };
        match remove(&folder, &found, fs::remove_dir) {
            // Only what is being deleted is left in it.
            Err(FileError::System(ErrorKind::DirectoryNotEmpty))
                if entries(&folder).is_ok_and(|left| left.is_empty()) => {}
            removed => failed = failed.or(removed.err()),
        }
    }
    failed.map_or(Ok(()), Err)
}

/// The entries of a folder, without those that are being deleted, which can't be opened.
fn entries(folder: &Path) -> Result<Vec<(PathBuf, Metadata)>, FileError> {
    let listed = match fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if is_absent(&error) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut found = Vec::new();
    for entry in listed {
        let path = entry?.path();
        match inspected(&path) {
            Ok(metadata) => found.push((path, metadata)),
            Err(error) if is_absent(&error) || error.kind() == ErrorKind::PermissionDenied => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(found)
}

/// Deletes an entry, also one that is marked as read-only.
#[expect(clippy::permissions_set_readonly_false, reason = "on Windows, it lets no other user write")]
fn remove(path: &Path, found: &Metadata, remove: fn(PathBuf) -> io::Result<()>) -> Result<(), FileError> {
    let mut permissions = found.permissions();
    if permissions.readonly() {
        permissions.set_readonly(false);
        let _ = fs::set_permissions(path, permissions);
    }
    match remove(path.to_owned()) {
        Err(error) if !is_absent(&error) => Err(error.into()),
        _ => Ok(()),
    }
}

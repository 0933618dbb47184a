//! Opens files and folders without following a reparse point.
//!
//! What is opened is looked at once: a look also asks for its volume, which takes ten times as long as the opening where
//! another process answers, as under Wine.

use crate::files::{FileError, FileId, Inode};
use crate::limits::MAX_FOREIGN_FILE;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::windows::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use winapi_util::file::{Information, information, typ};
use winapi_util::{AsHandleRef, Handle};

const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
const FILE_ATTRIBUTE_REPARSE_POINT: u32 = 0x0000_0400;
const FILE_ATTRIBUTE_DIRECTORY: u32 = 0x0000_0010;
const FILE_SHARE_READ: u32 = 1;
const FILE_SHARE_DELETE: u32 = 4;

/// The share mode of a lock: others may read and delete the file, and not write it.
pub(super) const HELD: u32 = FILE_SHARE_READ | FILE_SHARE_DELETE;

impl Inode {
    /// The identity of the file at a path, if it can be inspected.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        Self::of_open(Handle::from_path_any(path).ok()?)
    }

    /// The identity of an open file.
    pub(crate) fn of_open(opened: impl AsHandleRef) -> Option<Self> {
        Some(inode(&information(opened).ok()?))
    }
}

/// The identity of what was found.
pub(super) fn inode(found: &Information) -> Inode {
    Inode { device: found.volume_serial_number(), inode: found.file_index() }
}

/// The identity of an open file. Its creation time is not part of it: a new file may get that of an old one with its
/// name (Windows API, "File system tunneling").
pub(in crate::files) fn file_id(file: &File) -> Result<FileId, FileError> {
    Ok(id(&information(file)?))
}

/// The same of a file that was found.
pub(super) fn id(found: &Information) -> FileId {
    FileId { born: 0, inode: found.file_index() }
}

/// What was found of an open file that is not deleted; `None` if all its names are.
pub(super) fn with_names(file: &File) -> Option<Information> {
    information(file).ok().filter(|found| found.number_of_links() > 0)
}

/// Opens a folder, which is closed at once; `None` if there is none.
pub(super) fn folder(path: &Path) -> Result<Option<Information>, FileError> {
    let Some((_, found)) = careful(OpenOptions::new().read(true), path)? else { return Ok(None) };
    if has(&found, FILE_ATTRIBUTE_DIRECTORY) { Ok(Some(found)) } else { Err(FileError::NotAFolder) }
}

/// Opens a regular file; `None` if there is none. A pipe or a device is refused.
pub(super) fn regular(options: &mut OpenOptions, path: &Path) -> Result<Option<(File, Information)>, FileError> {
    let Some(opened) = careful(options, path)? else { return Ok(None) };
    if has(&opened.1, FILE_ATTRIBUTE_DIRECTORY) { Err(FileError::NotAFile) } else { Ok(Some(opened)) }
}

pub(super) fn is_regular(file: &File) -> Result<bool, FileError> {
    Ok(typ(file)?.is_disk() && file.metadata()?.is_file())
}

/// Opens a regular file for reading, whose path was found to have no link; `None` if it is none, or can't be opened.
pub(super) fn without_a_look(path: &Path) -> Option<File> {
    // Without the flag for backups, no folder can be opened.
    let opened = OpenOptions::new().read(true).custom_flags(FILE_FLAG_OPEN_REPARSE_POINT).open(path).ok()?;
    typ(&opened).is_ok_and(|found| found.is_disk()).then_some(opened)
}

/// Opens what has this name, and refuses a reparse point.
fn careful(options: &mut OpenOptions, path: &Path) -> Result<Option<(File, Information)>, FileError> {
    match options.custom_flags(FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT).open(path) {
        Ok(opened) if !typ(&opened)?.is_disk() => Err(FileError::NotAFile),
        Ok(opened) => {
            let found = information(&opened)?;
            if has(&found, FILE_ATTRIBUTE_REPARSE_POINT) { Err(FileError::Link) } else { Ok(Some((opened, found))) }
        }
        // The folder that it is missing in is there, so that every link on the path has a target.
        Err(error) if is_absent(&error) && !is_path_absent(&error) => Ok(None),
        Err(error) if is_absent(&error) => missing(path),
        Err(error) => Err(error.into()),
    }
}

fn has(found: &Information, attribute: u32) -> bool {
    found.file_attributes() & u64::from(attribute) != 0
}

/// Tells a missing folder from a file in its place, and from a link without a target: what is behind such a link is unknown.
fn missing<T>(path: &Path) -> Result<Option<T>, FileError> {
    let found = path.ancestors().skip(1).find_map(|above| Some((above, above.symlink_metadata().ok()?)));
    match found {
        Some((above, found)) if is_reparse_point(&found) && above.metadata().is_err() => Err(FileError::DanglingLink),
        Some((_, found)) if found.is_file() => Err(FileError::NotAFolder),
        _ => Ok(None),
    }
}

/// Whether it is a link, a junction or the like.
pub(super) fn is_reparse_point(found: &Metadata) -> bool {
    found.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT != 0
}

/// Removes the mark of a file or folder that can only be read: it also stops a deletion.
#[expect(clippy::permissions_set_readonly_false, reason = "on Windows, it lets no other user write")]
pub(super) fn make_writable(path: &Path, found: &Metadata) {
    let mut permissions = found.permissions();
    if permissions.readonly() {
        permissions.set_readonly(false);
        let _ = std::fs::set_permissions(path, permissions);
    }
}

/// Reads a whole file that others may have written; `None` if there is none.
pub(crate) fn read_anyones(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    regular(OpenOptions::new().read(true), path)?.map(|(file, _)| whole(&file, MAX_FOREIGN_FILE)).transpose()
}

/// Reads a whole file.
pub(super) fn whole(file: &File, most: u64) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(FileError::TooLarge) } else { Ok(bytes) }
}

/// Whether an entry is absent, or is deleted as soon as its last handle is closed. Not if a server or a drive is away, which
/// has the kind `NotFound` too: a no may be there.
pub(super) fn is_absent(error: &io::Error) -> bool {
    const ERROR_FILE_NOT_FOUND: i32 = 2;
    const ERROR_DELETE_PENDING: i32 = 303;
    matches!(error.raw_os_error(), Some(ERROR_FILE_NOT_FOUND | ERROR_DELETE_PENDING)) || is_path_absent(error)
}

/// Whether a folder on the path is absent.
fn is_path_absent(error: &io::Error) -> bool {
    const ERROR_PATH_NOT_FOUND: i32 = 3;
    error.raw_os_error() == Some(ERROR_PATH_NOT_FOUND)
}

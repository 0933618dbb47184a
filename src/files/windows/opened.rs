//! Opens files and folders without following a reparse point.

use crate::files::{FileError, FileId, Inode};
use crate::limits::MAX_FOREIGN_FILE;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::windows::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use winapi_util::file::{information, typ};
use winapi_util::{AsHandleRef, Handle};

const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
const FILE_ATTRIBUTE_REPARSE_POINT: u32 = 0x0000_0400;
const FILE_SHARE_READ: u32 = 1;
const FILE_SHARE_DELETE: u32 = 4;

/// The share mode of a lock: others may read and delete the file, and not write it.
pub(super) const HELD: u32 = FILE_SHARE_READ | FILE_SHARE_DELETE;

impl Inode {
    /// The identity of the file at a path, if it can be inspected.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        of(Handle::from_path_any(path).ok()?).ok()
    }
}

/// The identity of an open file or folder.
pub(super) fn inode(opened: &File) -> Result<Inode, FileError> {
    Ok(of(opened)?)
}

fn of(opened: impl AsHandleRef) -> io::Result<Inode> {
    let found = information(opened)?;
    Ok(Inode { device: found.volume_serial_number(), inode: found.file_index() })
}

/// The identity of an open file. Its creation time is not part of it: a new file may get that of an old one with its
/// name (Windows API, "File system tunneling").
pub(in crate::files) fn file_id(file: &File) -> Result<FileId, FileError> {
    Ok(FileId { born: 0, inode: information(file)?.file_index() })
}

/// The number of names of an open file.
pub(super) fn links(file: &File) -> u64 {
    information(file).map_or(0, |found| found.number_of_links())
}

/// Opens a folder; `None` if there is none.
pub(super) fn folder(path: &Path) -> Result<Option<File>, FileError> {
    let Some(opened) = careful(OpenOptions::new().read(true), path)? else { return Ok(None) };
    if opened.metadata()?.is_dir() { Ok(Some(opened)) } else { Err(FileError::NotAFolder) }
}

/// Opens a regular file; `None` if there is none. A pipe or a device is refused.
pub(super) fn regular(options: &mut OpenOptions, path: &Path) -> Result<Option<File>, FileError> {
    let Some(opened) = careful(options, path)? else { return Ok(None) };
    if is_regular(&opened)? { Ok(Some(opened)) } else { Err(FileError::NotAFile) }
}

pub(super) fn is_regular(file: &File) -> Result<bool, FileError> {
    Ok(typ(file)?.is_disk() && file.metadata()?.is_file())
}

/// Opens what has this name, and refuses a reparse point.
fn careful(options: &mut OpenOptions, path: &Path) -> Result<Option<File>, FileError> {
    match options.custom_flags(FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT).open(path) {
        Ok(opened) if !typ(&opened)?.is_disk() => Err(FileError::NotAFile),
        Ok(opened) => {
            if is_reparse_point(&opened.metadata()?) {
                Err(FileError::Link)
            } else {
                Ok(Some(opened))
            }
        }
        Err(error) if is_absent(&error) => missing(path),
        Err(error) => Err(error.into()),
    }
}

/// Tells a missing file from a link without a target above it: the file behind such a link is unknown. A link of its own
/// name would have been opened.
fn missing<T>(path: &Path) -> Result<Option<T>, FileError> {
    let found = path.ancestors().skip(1).find_map(|above| Some((above, above.symlink_metadata().ok()?)));
    match found {
        Some((above, found)) if is_reparse_point(&found) => {
            if above.metadata().is_ok() {
                Ok(None)
            } else {
                Err(FileError::DanglingLink)
            }
        }
        _ => Ok(None),
    }
}

/// Whether it is a link, a junction or the like.
pub(super) fn is_reparse_point(found: &Metadata) -> bool {
    found.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT != 0
}

/// Reads a whole file that others may have written; `None` if there is none.
pub(crate) fn read_anyones(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    regular(OpenOptions::new().read(true), path)?.map(|file| whole(&file, MAX_FOREIGN_FILE)).transpose()
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
    const ERROR_PATH_NOT_FOUND: i32 = 3;
    const ERROR_DELETE_PENDING: i32 = 303;
    matches!(error.raw_os_error(), Some(ERROR_FILE_NOT_FOUND | ERROR_PATH_NOT_FOUND | ERROR_DELETE_PENDING))
}

//! Private files: strict reads, atomic writes.
//!
//! A choice, a secret or a record can be trusted only if no other user could write or read its file. A `Folder` is opened
//! once, and its files are reached through that handle, so that the folder can't be replaced between a check and a use.
//!
//! - **Reading**: never through a symbolic link, only a regular file of limited size, and without blocking (a pipe is
//!   not a file). A person's own file must belong to that person and not be writable by other users, nor may its
//!   folder be; a secret must not even be readable by others. A file is absent only if no entry has its name. Everything
//!   else is a [`FileError`], including a symbolic link without a target on the path, and an error counts as no.
//! - **Locking**: a lock on a folder leaves no file behind, and ends with its process.
//! - **Writing**: only under the lock. The file is written under a temporary name, with mode 0600 before the first byte
//!   whatever the umask is, then renamed into place. Missing folders are made with mode 0700. A reader finds the old
//!   file or the new one, after a power loss too; the next writer removes the temporary files of killed processes.
//!
//! This is how it is on Unix. `files/windows.rs` says what is other there.
//!
//! POSIX.1-2017: `openat`, `fstat`, `renameat`, `fsync`; `flock` of the system.

mod facts;
#[cfg_attr(windows, path = "files/windows.rs")]
mod folder;
mod found;
mod lock;
mod locked;
mod places;
mod temporary;
#[cfg(test)]
#[cfg_attr(windows, path = "files/tests/windows.rs")]
mod tests;

pub(crate) use facts::FactLines;
pub(crate) use folder::{FOLDERS_STAY, Folder, Owned, REPLACES_OPEN_FILES, fits, read_anyones};
pub(crate) use found::{FileId, Found, Inode};
pub(crate) use locked::Locked;
pub use places::Places;
#[cfg(windows)]
pub(crate) use places::has_folders;
pub(crate) use places::{home, is_spelled_out};

use rustix::io::Errno;
use std::fmt;
use std::io;

/// When a deletion happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deletion {
    /// After a no that was just stored. It also deletes a write in progress of another process, so it waits for that
    /// lock.
    AfterNo,
    /// At the start of a program, after an earlier no. If nothing is there, nothing is locked; it never waits: files
    /// that another process has locked are left to the next start.
    AtStart,
}

/// The users that may read a private file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Others may read it, but not write it.
    Mine,
    /// Only the person may read and write it.
    Secret,
}

/// Why a file or a folder can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileError {
    /// The owner of a file can't be checked on this platform.
    Platform,
    /// Permission denied.
    Denied,
    /// It is a symbolic link, or its path has a loop of links.
    Link,
    /// A symbolic link on its path has no target.
    DanglingLink,
    /// It is a folder, a pipe or a device instead of a file.
    NotAFile,
    /// A component of its path is not a folder.
    NotAFolder,
    /// It has more bytes than [`MAX_OWN_FILE`](crate::limits::MAX_OWN_FILE) or, where others may write it,
    /// [`MAX_FOREIGN_FILE`](crate::limits::MAX_FOREIGN_FILE).
    TooLarge,
    /// Another user owns it.
    Owner,
    /// Others can write to it.
    OthersWrite,
    /// Others can read it.
    OthersRead,
    /// The file system is read-only.
    ReadOnly,
    /// The disk is full.
    Full,
    /// Another process has locked it.
    Busy,
    /// The program has closed its descriptor.
    Closed,
    /// Another error of the system.
    System(io::ErrorKind),
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Platform => "private files are not supported on this platform",
            Self::Denied => "permission is denied",
            Self::Link => "it is a symbolic link, or its path has a loop of links",
            Self::DanglingLink => "a symbolic link on its path has no target",
            Self::NotAFile => "it is not a regular file",
            Self::NotAFolder => "a part of its path is not a folder",
            Self::TooLarge => "it is too large",
            Self::Owner => "another user owns it",
            Self::OthersWrite => "others can write to it",
            Self::OthersRead => "others can read it",
            Self::ReadOnly => "the file system is read-only",
            Self::Full => "the disk is full",
            Self::Busy => "another process has locked it",
            Self::Closed => "the program has closed its descriptor",
            Self::System(kind) => return write!(f, "{kind}"),
        })
    }
}

impl std::error::Error for FileError {}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::PermissionDenied => Self::Denied,
            io::ErrorKind::NotADirectory => Self::NotAFolder,
            io::ErrorKind::IsADirectory => Self::NotAFile,
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            io::ErrorKind::WouldBlock | io::ErrorKind::ResourceBusy => Self::Busy,
            _ if Errno::from_io_error(&error) == Some(Errno::BADF) => Self::Closed,
            _ if error.raw_os_error().is_some_and(is_of_lock) => Self::Busy,
            kind => Self::System(kind),
        }
    }
}

/// Whether it is one of Windows's errors for a file that another handle holds, which have no kind of their own.
fn is_of_lock(error: i32) -> bool {
    const ERROR_SHARING_VIOLATION: i32 = 32;
    const ERROR_LOCK_VIOLATION: i32 = 33;
    cfg!(windows) && [ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION].contains(&error)
}

//! Private files: read strictly, written whole.
//!
//! What holds a choice, a secret or a record is only as good as who else could have written or read it. A `Folder` is
//! opened once and everything below it is reached through that handle, so that nobody can put another one in its place
//! between a look and a use.
//!
//! - **Reading**: never through a symbolic link, only a regular file of a sensible size, without waiting (a pipe
//!   is no file). What is a person's own must belong to that person and be writable by nobody else, its folder too; a
//!   secret must not even be readable. A file is absent only if nothing has its name. Everything else is [`FileError`],
//!   a symbolic link without a target on the way to it too, and file_error counts as no.
//! - **Locking**: a lock on the folder itself leaves no file behind, and ends with its process.
//! - **Writing**: only under the lock. Under another name first, with mode 0600 before the first byte whatever the umask
//!   says, then in its place by a rename. Folders that are missing are made with mode 0700. Whoever reads finds the old
//!   or the new, after a loss of power too; what a killed process left is removed by the next that writes.
//!
//! POSIX.1-2017: `openat`, `fstat`, `renameat`, `fsync`; `flock` of the system.

mod facts;
#[cfg_attr(not(unix), path = "files/nowhere.rs")]
mod folder;
mod locked;
mod places;
#[cfg(test)]
mod tests;

pub(crate) use facts::FactLines;
pub(crate) use folder::{FileId, Folder, Found, Inode, Owned, fits, read_anyones};
pub(crate) use locked::Locked;
pub use places::Places;

use rustix::io::Errno;
use std::fmt;
use std::io;

/// When something is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deletion {
    /// After a no that was just stored. What another process is about to write goes too, so that its lock is waited for.
    AfterNo,
    /// At the start of a program, whose person said no before. Where there is nothing, nothing is locked, and nothing is
    /// waited for: what another process keeps locked is left to the next start.
    AtStart,
}

/// Who may have looked into a file of the person's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anyone, but nobody else has written it.
    Mine,
    /// Nobody.
    Secret,
}

/// Why a file or a folder can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileError {
    /// Private files can't be told from others on this platform.
    Platform,
    /// There is no permission.
    Denied,
    /// It is a symbolic link, or the way to it goes round in a circle.
    Link,
    /// A symbolic link on the way to it has no target.
    DanglingLink,
    /// It is a folder, a pipe or a device where a file should be.
    NotAFile,
    /// Something on the way to it is not a folder.
    NotAFolder,
    /// It has more than [`MAX_OWN_FILE`](crate::limits::MAX_OWN_FILE) or, where anyone may have written it,
    /// [`MAX_FOREIGN_FILE`](crate::limits::MAX_FOREIGN_FILE) bytes.
    TooLarge,
    /// It belongs to somebody else.
    Owner,
    /// Others can write to it.
    OthersWrite,
    /// Others can read it.
    OthersRead,
    /// The disk can only be read.
    ReadOnly,
    /// The disk is full.
    Full,
    /// Another process holds it.
    Busy,
    /// The program has closed its descriptor.
    Closed,
    /// The system says no for another reason.
    System(io::ErrorKind),
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Platform => "private files are not known on this platform",
            Self::Denied => "there is no permission",
            Self::Link => "it is a symbolic link, or the way to it goes round in a circle",
            Self::DanglingLink => "a symbolic link on the way to it has no target",
            Self::NotAFile => "it is not a regular file",
            Self::NotAFolder => "something on the way to it is not a folder",
            Self::TooLarge => "it is too large",
            Self::Owner => "it belongs to somebody else",
            Self::OthersWrite => "others can write to it",
            Self::OthersRead => "others can read it",
            Self::ReadOnly => "the disk can only be read",
            Self::Full => "the disk is full",
            Self::Busy => "another process holds it",
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
            kind => Self::System(kind),
        }
    }
}

//! What the system's errors mean for a file of ours.

use crate::files::FileError;
use rustix::io::Errno;

pub(super) fn file_error(error: Errno) -> FileError {
    match error {
        Errno::LOOP => FileError::Link,
        // A socket, or a device without a driver.
        Errno::NXIO => FileError::NotAFile,
        error => std::io::Error::from(error).into(),
    }
}

//! The system's errors as errors of a private file.

use crate::files::FileError;
use rustix::io::Errno;

pub(super) fn file_error(error: Errno) -> FileError {
    match error {
        Errno::LOOP => FileError::Link,
        // The error for a socket, or for a device without a driver.
        Errno::NXIO => FileError::NotAFile,
        error => std::io::Error::from(error).into(),
    }
}

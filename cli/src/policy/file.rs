//! Reads files up to a limit, and writes private keys to new files.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Why a file is not usable.
#[derive(Debug)]
pub(super) enum Unusable {
    /// It can't be read.
    Read(PathBuf, io::Error),
    /// It can't be written.
    Write(PathBuf, io::Error),
    /// It exists already, and is not overwritten.
    Exists(PathBuf),
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(path, error) => write!(f, "{} can't be read: {error}", path.display()),
            Self::Write(path, error) => write!(f, "{} can't be written: {error}", path.display()),
            Self::Exists(path) => write!(f, "{} exists already; a key is not overwritten", path.display()),
        }
    }
}

impl std::error::Error for Unusable {}

/// Reads at most `most + 1` bytes of a file, so that a caller recognizes a file that is too large.
pub(super) fn read(path: &Path, most: usize) -> Result<Vec<u8>, Unusable> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let read = File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| Unusable::Read(path.to_owned(), error))
}

/// Creates a file that only its owner can read, from the first byte on.
pub(super) fn create_private(path: &Path, bytes: &[u8]) -> Result<(), Unusable> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Unusable::Exists(path.to_owned()),
        _ => Unusable::Write(path.to_owned(), error),
    })
}

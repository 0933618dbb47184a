//! A file that records are appended to.

use crate::files::{FileError, Locked, fits};
use crate::privacy::LossReason;
use std::io::{ErrorKind, Write as _};

/// Ends a torn line: every reader drops a line with a NUL.
pub(super) const TORN: &[u8] = b"\0\n";

/// An open file of this process, locked while it is open.
pub(super) struct OpenFile {
    file: Locked,
    pub(super) name: String,
    pub(super) size: u64,
    /// The last line has no LF.
    torn: bool,
}

/// Why lines were not written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum AppendError {
    /// Telemetry is off, or the folder is gone: permanent.
    Off,
    /// The host has closed the descriptor: permanent, if it is the folder's.
    Closed,
    Disk,
    /// The file would exceed the process's limit of file size.
    Large,
}

impl AppendError {
    pub(super) fn is_for_good(self) -> bool {
        matches!(self, Self::Off | Self::Closed)
    }
}

impl From<AppendError> for LossReason {
    fn from(failed: AppendError) -> Self {
        match failed {
            AppendError::Off => Self::Off,
            AppendError::Closed => Self::Descriptor,
            AppendError::Disk | AppendError::Large => Self::Disk,
        }
    }
}

impl From<FileError> for AppendError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::System(ErrorKind::NotFound) => Self::Off,
            FileError::Closed => Self::Closed,
            _ => Self::Disk,
        }
    }
}

impl OpenFile {
    /// A new file.
    pub(super) fn new(file: Locked, name: String) -> Self {
        Self { file, name, size: 0, torn: false }
    }

    /// Appends lines. They start with the end of a torn line, which is omitted if the last line is complete; returns
    /// the number of bytes on the disk, always including that end.
    pub(super) fn append(&mut self, lines: &[u8]) -> Result<usize, AppendError> {
        let skip = if self.torn { 0 } else { TORN.len() };
        let bytes = lines.get(skip..).unwrap_or_default();
        fits(self.size.saturating_add(bytes.len() as u64)).map_err(|_| AppendError::Large)?;
        let mut file = self.file.get_with(self.size).map_err(FileError::from)?;
        let written = match file.write(bytes) {
            Err(error) if error.kind() == ErrorKind::Interrupted => file.write(bytes),
            other => other,
        };
        // After an error the content is unknown.
        self.torn = !written.as_ref().is_ok_and(|&written| written == bytes.len());
        let written = written.map_err(|_| AppendError::Disk)?;
        self.size += written as u64;
        Ok(written + skip)
    }
}

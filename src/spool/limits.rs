//! The caps of the queue: size and age.

use crate::limits;
use std::time::Duration;

/// The caps of one app's spool. Each method changes one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Limits {
    pub(super) records: u64,
    pub(super) file_bytes: u64,
    pub(super) bytes: u64,
    pub(super) files: usize,
    pub(super) age: Duration,
}

impl Limits {
    /// The most records of one process, spans and events together.
    pub const RECORDS: u64 = limits::MAX_RECORDS;
    /// The size at which a file is finished and another one begun, in bytes: 256 KiB.
    pub const FILE_BYTES: u64 = limits::MAX_FILE;
    /// The most bytes in all files together: 5 MiB.
    pub const BYTES: u64 = limits::MAX_QUEUE;
    /// The most files.
    pub const FILES: usize = limits::MAX_FILES;
    /// How long a file is kept after its last record: 14 days.
    pub const AGE: Duration = limits::MAX_AGE;

    /// The defaults: the constants of this type.
    pub const fn new() -> Self {
        Self {
            records: Self::RECORDS,
            file_bytes: Self::FILE_BYTES,
            bytes: Self::BYTES,
            files: Self::FILES,
            age: Self::AGE,
        }
    }

    /// The most records of one process, spans and events together. Default: 10,000.
    pub const fn records(mut self, records: u64) -> Self {
        self.records = records;
        self
    }

    /// The size at which a file is finished and another one begun, in bytes. Default: 256 KiB.
    pub const fn file_bytes(mut self, bytes: u64) -> Self {
        self.file_bytes = bytes;
        self
    }

    /// The most bytes in all files together. Default: 5 MiB.
    pub const fn bytes(mut self, bytes: u64) -> Self {
        self.bytes = bytes;
        self
    }

    /// The most files, at most 10,000. Default: 500.
    pub const fn files(mut self, files: usize) -> Self {
        self.files = if files < limits::MAX_LISTED { files } else { limits::MAX_LISTED };
        self
    }

    /// How long a file is kept after its last record. Default: 14 days.
    pub const fn age(mut self, age: Duration) -> Self {
        self.age = age;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

//! Records that leave in one request.

use crate::limits::{MAX_REQUEST_BYTES, MAX_REQUEST_RECORDS};
use crate::privacy::{Clean, Record, Resource};

/// Records of one process and one signal.
pub(super) struct Batch {
    pub(super) resource: Clean<Resource>,
    pub(super) records: Vec<Clean<Record>>,
    bytes: usize,
}

impl Batch {
    pub(super) fn new(resource: Clean<Resource>) -> Self {
        Self { resource, records: Vec::new(), bytes: 0 }
    }

    /// Whether a record with a line of this size has room.
    pub(super) fn takes(&self, resource: &Clean<Resource>, size: usize) -> bool {
        self.resource == *resource
            && self.records.len() < MAX_REQUEST_RECORDS
            && self.bytes.saturating_add(size) <= MAX_REQUEST_BYTES
    }

    pub(super) fn put(&mut self, record: Clean<Record>, size: usize) {
        self.records.push(record);
        self.bytes = self.bytes.saturating_add(size);
    }
}

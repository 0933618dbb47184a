//! The queued records, read back for a person.

use super::LineReader;
use crate::privacy::{Declarations, DropCounts, Record, Resource};
use crate::registry::count;
use crate::spool::{Queue, Receiver, Waiting};
use std::fmt;
use std::path::Path;

/// Records on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Amount {
    /// The number of records, if they were counted: not if that would take long.
    pub records: Option<u64>,
    /// The size of the records.
    pub bytes: u64,
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.records {
            Some(records) => write!(f, "{}, {}", count(records, "record"), count(self.bytes, "byte")),
            None => f.write_str(&count(self.bytes, "byte")),
        }
    }
}

/// The size of the queue.
pub(crate) fn amount_waiting(state: &Path, receiver: &Receiver) -> Option<Amount> {
    amount(&Queue::open(state, receiver).ok()??.waiting().ok()?)
}

/// The size of the queues of other receivers.
pub(crate) fn amount_elsewhere(state: &Path, receiver: &Receiver) -> Option<Amount> {
    amount(&Queue::waiting_elsewhere(state, receiver).ok()?)
}

fn amount(waiting: &Waiting) -> Option<Amount> {
    (waiting.files > 0).then_some(Amount { records: waiting.records, bytes: waiting.bytes })
}

/// Every record in a finished file, in the form in which it would be sent next. No file is taken.
pub(crate) fn waiting(
    state: &Path,
    receiver: &Receiver,
    declarations: &Declarations<'_>,
    mut each: impl FnMut(&Resource, &Record),
) {
    let Ok(Some(queue)) = Queue::open(state, receiver) else { return };
    let Ok(finished) = queue.finished() else { return };
    let mut reader = LineReader::default();
    for mut file in finished {
        while let Ok(Some(line)) = file.next_line() {
            if let Ok((resource, record)) = reader.line(line, declarations, &DropCounts::default()) {
                each(&resource, &record);
            }
        }
    }
}

//! The sent records, read back from the receipts for a person.

use super::receipts;
use crate::privacy::{Declarations, DropCounts, Record, Resource};
use crate::upload::{Amount, LineReader};
use std::path::Path;

/// The amount of sent records.
pub(crate) fn amount_sent(state: &Path) -> Option<Amount> {
    let sent = receipts::lines(state);
    let bytes = sent.iter().map(|line| line.len() as u64 + 1).sum();
    (!sent.is_empty()).then_some(Amount { records: Some(sent.len() as u64), bytes })
}

/// The sent records that have receipts.
pub(crate) fn sent(state: &Path, declarations: &Declarations<'_>, mut each: impl FnMut(&Resource, &Record)) {
    let mut reader = LineReader::default();
    for line in receipts::lines(state) {
        if let Ok((resource, record)) = reader.line(&line, declarations, &DropCounts::default()) {
            each(&resource, &record);
        }
    }
}

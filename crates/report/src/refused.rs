//! The records that are not counted: how many for which reason, and where the first ones stand.
//!
//! No text of a record is in it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

/// The maximum number of listed places.
pub const MOST_PLACES: usize = 20;

/// The maximum number of reasons that are told apart.
const MOST_REASONS: usize = 100;

/// The records that are not counted.
#[derive(Debug, Default, Serialize)]
pub struct Refused {
    /// The number of records; a line that can't be read counts as one.
    pub records: u64,
    /// The same for each reason.
    pub reasons: BTreeMap<String, u64>,
    /// The first ones.
    pub first: Vec<RefusedPlace>,
}

/// Where a record stands that is not counted.
#[derive(Debug, Serialize)]
pub struct RefusedPlace {
    /// The file as it was named.
    pub file: String,
    /// The line, from 1; in a file of compressed messages, the message.
    pub line: u64,
    /// Why.
    pub text: String,
}

impl Refused {
    /// Counts one record. `text` says where in the line.
    pub fn add(&mut self, file: &Path, line: u64, reason: String, text: impl FnOnce() -> String) {
        self.records += 1;
        if self.first.len() < MOST_PLACES {
            self.first.push(RefusedPlace { file: file.display().to_string(), line, text: text() });
        }
        let is_known = self.reasons.contains_key(&reason) || self.reasons.len() < MOST_REASONS;
        *self.reasons.entry(if is_known { reason } else { "other".to_owned() }).or_default() += 1;
    }
}

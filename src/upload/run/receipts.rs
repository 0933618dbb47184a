//! Receipts: the accepted records, as they were sent, for the person to read.
//!
//! `sent/<day>.jsonl` in the folder for state, the day counted from the epoch in UTC: a line for each record, as in the
//! spool. At most [`MAX_RECEIPTS`] and [`MAX_RECEIPT_DAYS`] are kept, the oldest day is deleted first. Nothing depends
//! on them: write errors are ignored.
//!
//! They are written under the folder's lock, and only if telemetry is still on when the lock is held. A process that
//! stores a no then deletes them under the same lock: earlier receipts are deleted, and no later one is written.

use crate::encode::{Encoder, Format};
use crate::files::{FileError, Folder};
use crate::limits::{MAX_RECEIPT_DAYS, MAX_RECEIPTS};
use crate::privacy::{Clean, Record};
use crate::registry::SignalKind;
use std::path::Path;

/// The folder's name.
pub(crate) const FOLDER: &str = "sent";

const DAY: u64 = 86_400 * 1_000_000_000;

pub(super) struct Receipts(Option<Folder>);

impl Receipts {
    pub(super) fn open(state: &Folder) -> Self {
        Self(state.make_below(FOLDER).ok())
    }

    /// Adds accepted records, at a time in nanoseconds since the epoch.
    pub(super) fn note(
        &self,
        encoder: &Encoder,
        kind: SignalKind,
        records: &[Clean<Record>],
        now: u64,
        ask: &dyn Fn() -> bool,
    ) {
        let Some(folder) = &self.0 else { return };
        let mut lines = Vec::new();
        for record in records {
            encoder.request(Format::Json, kind, [record], &mut lines);
            lines.push(b'\n');
        }
        let day = now / DAY;
        let Ok(lock) = folder.lock() else { return };
        if !ask() {
            return;
        }
        let today = days(folder).iter().find(|(found, _)| *found == day).map_or(0, |(_, bytes)| *bytes);
        // Records above the limit are not noted: the person sees at least the first ones.
        if today.saturating_add(lines.len() as u64) <= MAX_RECEIPTS {
            let _ = folder.append(&format!("{day}.jsonl"), &lines);
        }
        let mut days = days(folder);
        let is_old = |(found, _): &(u64, u64)| found.saturating_add(MAX_RECEIPT_DAYS) < day;
        let mut all: u64 = days.iter().map(|(_, bytes)| bytes).sum();
        while let Some(oldest @ (found, bytes)) = days.first().copied()
            && (is_old(&oldest) || (all > MAX_RECEIPTS && days.len() > 1))
        {
            let _ = lock.erase(&format!("{found}.jsonl"));
            all = all.saturating_sub(bytes);
            days.remove(0);
        }
    }
}

/// The days with receipts, oldest first, with their sizes.
fn days(folder: &Folder) -> Vec<(u64, u64)> {
    let found = folder.sizes().unwrap_or_default().into_iter();
    let mut days: Vec<_> =
        found.filter_map(|(name, bytes)| Some((name.strip_suffix(".jsonl")?.parse().ok()?, bytes))).collect();
    days.sort_unstable();
    days
}

/// The folder, if it has the form that this module makes: a link is not followed.
fn open(state: &Path) -> Result<Option<Folder>, FileError> {
    let Some(state) = Folder::open(state)? else { return Ok(None) };
    match state.below(FOLDER) {
        Err(FileError::NotAFolder | FileError::Link) => Ok(None),
        opened => opened,
    }
}

/// Every stored line, oldest first.
pub(crate) fn lines(state: &Path) -> Vec<Vec<u8>> {
    let Ok(Some(folder)) = open(state) else { return Vec::new() };
    let mut lines = Vec::new();
    for (day, _) in days(&folder) {
        if let Ok(Some((bytes, _))) = folder.read(&format!("{day}.jsonl"), crate::files::Access::Mine) {
            lines.extend(bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec));
        }
    }
    lines
}

/// Deletes all receipts.
pub(crate) fn forget(state: &Path) -> Result<(), FileError> {
    let Some(folder) = open(state)? else { return Ok(()) };
    let lock = folder.lock_to_delete()?;
    days(&folder).into_iter().try_for_each(|(day, _)| lock.erase(&format!("{day}.jsonl")))
}

//! The fate of the records that the spool took: counted, shown locally, never sent.

use crate::privacy::{LossCounts, LossReason};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of records, spans and events together. A clone counts the same records.
#[derive(Clone, Default)]
pub struct SpoolCounts(Arc<SpoolCounters>);

#[derive(Default)]
struct SpoolCounters {
    written: AtomicU64,
    lost: LossCounts,
    /// The counts that are noted on disk.
    noted: LossCounts,
}

impl SpoolCounts {
    /// Records written to the disk.
    pub fn written(&self) -> u64 {
        self.0.written.load(Ordering::Relaxed)
    }

    /// Records lost for this reason.
    pub fn lost(&self, why: LossReason) -> u64 {
        self.0.lost.get(why)
    }

    /// The reasons that occurred, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (LossReason, u64)> + '_ {
        self.0.lost.iter()
    }

    /// The losses that are not noted on disk. Records that a no or a reset deleted are not losses.
    pub(super) fn unnoted(&self) -> Vec<(LossReason, u64)> {
        let new = self.iter().map(|(why, count)| (why, count.saturating_sub(self.0.noted.get(why))));
        new.filter(|&(why, count)| count > 0 && why != LossReason::Off).collect()
    }

    /// The losses since the last call.
    pub(super) fn take_new(&self) -> Vec<(LossReason, u64)> {
        let new = self.iter().map(|(why, count)| (why, count.saturating_sub(self.0.noted.raise(why, count))));
        new.filter(|&(_, count)| count > 0).collect()
    }

    /// Losses that were taken and could not be noted: the next call takes them again.
    pub(super) fn put_back(&self, losses: &[(LossReason, u64)]) {
        losses.iter().for_each(|&(why, count)| self.0.noted.lower(why, count));
    }

    pub(super) fn write(&self, records: u64) {
        self.0.written.fetch_add(records, Ordering::Relaxed);
    }

    pub(super) fn lose(&self, why: LossReason, records: u64) {
        self.0.lost.add(why, records);
    }
}

impl fmt::Debug for SpoolCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorded").field("written", &self.written()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{LossReason, SpoolCounts};

    #[test]
    fn a_loss_that_could_not_be_noted_is_taken_again() {
        let counts = SpoolCounts::default();
        counts.lose(LossReason::Disk, 10);
        let taken = counts.take_new();
        assert_eq!((&taken[..], counts.unnoted()), (&[(LossReason::Disk, 10)][..], Vec::new()));
        counts.put_back(&taken);
        counts.lose(LossReason::Disk, 2);
        assert_eq!(counts.unnoted(), [(LossReason::Disk, 12)]);
        assert_eq!((counts.take_new(), counts.take_new()), (vec![(LossReason::Disk, 12)], Vec::new()));
    }
}

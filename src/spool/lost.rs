//! The fate of the records that the spool took: counted, shown locally, never sent.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Why records were not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SpoolLossReason {
    /// Telemetry was off, or the queue was deleted.
    Off,
    /// The process had reached its limit of records.
    Limit,
    /// The line exceeded [`MAX_LINE`](crate::limits::MAX_LINE).
    TooLong,
    /// The write failed: the disk is full or read-only, or permission is denied.
    Disk,
    /// They were recorded after the shutdown.
    Closed,
    /// The process was forked while its parent was being made one itself: it can't have its own files without blocking.
    Forked,
    /// The program had closed the queue's descriptors, as a daemon that closes all of them does.
    Descriptor,
}

impl SpoolLossReason {
    /// All reasons, in the order in which they are shown.
    pub const ALL: [Self; 7] =
        [Self::Off, Self::Limit, Self::TooLong, Self::Disk, Self::Closed, Self::Forked, Self::Descriptor];
}

impl fmt::Display for SpoolLossReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "turned off",
            Self::Limit => "over the limit of a process",
            Self::TooLong => "too long a line",
            Self::Disk => "a disk error",
            Self::Closed => "recorded after the end",
            Self::Forked => "the process was forked at a bad moment",
            Self::Descriptor => "the program has closed the queue's descriptors",
        })
    }
}

/// Counts of records, spans and events together. A clone counts the same records.
#[derive(Clone, Default)]
pub struct SpoolCounts(Arc<SpoolCounters>);

#[derive(Default)]
struct SpoolCounters {
    written: AtomicU64,
    lost: [AtomicU64; SpoolLossReason::ALL.len()],
    /// The counts that are noted on disk.
    noted: [AtomicU64; SpoolLossReason::ALL.len()],
}

impl SpoolCounts {
    /// Records written to the disk.
    pub fn written(&self) -> u64 {
        self.0.written.load(Ordering::Relaxed)
    }

    /// Records lost for this reason.
    pub fn lost(&self, why: SpoolLossReason) -> u64 {
        self.0.lost.get(why as usize).map_or(0, |count| count.load(Ordering::Relaxed))
    }

    /// The reasons that occurred, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (SpoolLossReason, u64)> + '_ {
        SpoolLossReason::ALL.into_iter().map(|why| (why, self.lost(why))).filter(|&(_, count)| count > 0)
    }

    /// The losses since the last call.
    pub(super) fn take_new(&self) -> Vec<(SpoolLossReason, u64)> {
        let new = |(why, count): (SpoolLossReason, u64)| {
            let before = self.0.noted.get(why as usize).map_or(count, |noted| noted.swap(count, Ordering::Relaxed));
            (why, count.saturating_sub(before))
        };
        self.iter().map(new).filter(|&(_, count)| count > 0).collect()
    }

    pub(super) fn write(&self, records: u64) {
        self.0.written.fetch_add(records, Ordering::Relaxed);
    }

    pub(super) fn lose(&self, why: SpoolLossReason, records: u64) {
        if let Some(count) = self.0.lost.get(why as usize) {
            count.fetch_add(records, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for SpoolCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorded").field("written", &self.written()).finish_non_exhaustive()
    }
}

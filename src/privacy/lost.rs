//! Why records did not arrive: counted by the exporters, shown locally, never sent.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// Why records did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LossReason {
    /// Telemetry was off by the time they were to be written or sent, or the queue was deleted.
    Off,
    /// The queue was full: the program recorded faster than the endpoint accepts.
    Full,
    /// There was no connection, or it closed before the answer.
    Unreachable,
    /// The answer did not arrive within the timeout, or within the remaining budget at the end. The endpoint may have
    /// accepted such records all the same.
    TimedOut,
    /// The endpoint answered with an error status.
    Rejected,
    /// The endpoint accepted the request but rejected these records (OTLP, "Partial Success").
    Partial,
    /// The answer violates the protocol.
    Unreadable,
    /// They were recorded after the shutdown.
    Closed,
    /// The author's exporter returned an error.
    Exporter,
    /// The process had reached its limit of records.
    Limit,
    /// The line exceeded [`MAX_LINE`](crate::limits::MAX_LINE).
    TooLong,
    /// The write failed: the disk is full or read-only, or permission is denied.
    Disk,
    /// The process was forked while its parent was being made one itself: it can't have its own files without blocking.
    Forked,
    /// The program had closed the queue's descriptors, as a daemon that closes all of them does.
    Descriptor,
}

impl LossReason {
    /// All reasons, in the order in which they are shown.
    pub const ALL: [Self; 14] = [
        Self::Off,
        Self::Full,
        Self::Unreachable,
        Self::TimedOut,
        Self::Rejected,
        Self::Partial,
        Self::Unreadable,
        Self::Closed,
        Self::Exporter,
        Self::Limit,
        Self::TooLong,
        Self::Disk,
        Self::Forked,
        Self::Descriptor,
    ];

    /// The code in the status as JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Full => "full",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::Rejected => "rejected",
            Self::Partial => "partial",
            Self::Unreadable => "unreadable",
            Self::Closed => "closed",
            Self::Exporter => "exporter",
            Self::Limit => "limit",
            Self::TooLong => "too_long",
            Self::Disk => "disk",
            Self::Forked => "forked",
            Self::Descriptor => "descriptor",
        }
    }
}

impl fmt::Display for LossReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "turned off",
            Self::Full => "queue full",
            Self::Unreachable => "no connection",
            Self::TimedOut => "no answer in time",
            Self::Rejected => "rejected by the endpoint",
            Self::Partial => "rejected in part",
            Self::Unreadable => "answer not understood",
            Self::Closed => "recorded after the end",
            Self::Exporter => "the exporter failed",
            Self::Limit => "over the limit of a process",
            Self::TooLong => "too long a line",
            Self::Disk => "not taken by the disk",
            Self::Forked => "the process was forked at a bad moment",
            Self::Descriptor => "the program has closed the queue's descriptors",
        })
    }
}

/// Counts of lost records, one for each reason.
#[derive(Default)]
pub(crate) struct LossCounts([AtomicU64; LossReason::ALL.len()]);

impl LossCounts {
    pub(crate) fn get(&self, why: LossReason) -> u64 {
        self.0.get(why as usize).map_or(0, |count| count.load(Ordering::Relaxed))
    }

    pub(crate) fn add(&self, why: LossReason, records: u64) {
        if let Some(count) = self.0.get(why as usize) {
            count.fetch_add(records, Ordering::Relaxed);
        }
    }

    /// Raises a count to this one, and returns the one before.
    pub(crate) fn raise(&self, why: LossReason, records: u64) -> u64 {
        self.0.get(why as usize).map_or(records, |count| count.fetch_max(records, Ordering::Relaxed))
    }

    /// Takes these off a count.
    pub(crate) fn lower(&self, why: LossReason, records: u64) {
        if let Some(count) = self.0.get(why as usize) {
            count.fetch_sub(records, Ordering::Relaxed);
        }
    }

    /// The reasons that occurred, with their counts.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (LossReason, u64)> + '_ {
        LossReason::ALL.into_iter().map(|why| (why, self.get(why))).filter(|&(_, count)| count > 0)
    }
}

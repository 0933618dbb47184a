//! The fate of the records that `forward` took: counted, shown locally, never sent.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Why records did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LossReason {
    /// Telemetry was off by the time they were to be sent.
    Off,
    /// The queue was full: the program recorded faster than the endpoint accepts.
    Full,
    /// There was no connection, or it closed before the answer.
    Unreachable,
    /// The answer did not arrive within the timeout, or within the remaining budget at the end.
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
}

impl LossReason {
    /// All reasons, in the order in which they are shown.
    pub const ALL: [Self; 9] = [
        Self::Off,
        Self::Full,
        Self::Unreachable,
        Self::TimedOut,
        Self::Rejected,
        Self::Partial,
        Self::Unreadable,
        Self::Closed,
        Self::Exporter,
    ];
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
        })
    }
}

/// Counts of records, spans and events together. A clone counts the same records.
#[derive(Clone, Default)]
pub struct ForwardCounts(Arc<ForwardCounters>);

#[derive(Default)]
struct ForwardCounters {
    accepted: AtomicU64,
    sent: AtomicU64,
    lost: [AtomicU64; LossReason::ALL.len()],
}

impl ForwardCounts {
    /// Records that the endpoint accepted.
    pub fn sent(&self) -> u64 {
        self.0.sent.load(Ordering::Relaxed)
    }

    /// Records lost for this reason.
    pub fn lost(&self, why: LossReason) -> u64 {
        self.0.lost.get(why as usize).map_or(0, |count| count.load(Ordering::Relaxed))
    }

    /// Records in the queue, now or when the budget ran out.
    pub fn waiting(&self) -> u64 {
        let lost: u64 = LossReason::ALL.into_iter().map(|why| self.lost(why)).sum();
        self.0.accepted.load(Ordering::Relaxed).saturating_sub(self.sent() + lost)
    }

    /// The reasons that occurred, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (LossReason, u64)> + '_ {
        LossReason::ALL.into_iter().map(|why| (why, self.lost(why))).filter(|&(_, count)| count > 0)
    }

    pub(super) fn accept(&self) {
        self.0.accepted.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn send(&self, records: u64) {
        self.0.sent.fetch_add(records, Ordering::Relaxed);
    }

    /// Counts a record that was lost before it was accepted.
    pub(super) fn lose_new(&self, why: LossReason) {
        self.accept();
        self.lose(why, 1);
    }

    pub(super) fn lose(&self, why: LossReason, records: u64) {
        if let Some(count) = self.0.lost.get(why as usize) {
            count.fetch_add(records, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for ForwardCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deliveries")
            .field("sent", &self.sent())
            .field("waiting", &self.waiting())
            .finish_non_exhaustive()
    }
}

/// The number of records of one signal in a queue of limited length.
///
/// The batch processors drop records above the limit without telling the caller, and log that into the host's subscriber.
/// Counting before them keeps them below it: a record leaves the count only when its export begins.
pub(super) struct QueueCount {
    waiting: AtomicUsize,
    limit: usize,
}

impl QueueCount {
    pub(super) fn new(limit: usize) -> Self {
        Self { waiting: AtomicUsize::new(0), limit }
    }

    /// Counts one more record in; false if the queue is full.
    pub(super) fn enter(&self) -> bool {
        let room = |waiting: usize| (waiting < self.limit).then_some(waiting + 1);
        self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).is_ok()
    }

    pub(super) fn leave(&self, records: usize) {
        let fewer = |waiting: usize| Some(waiting.saturating_sub(records));
        let _ = self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer);
    }
}

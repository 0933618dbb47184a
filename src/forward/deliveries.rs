//! The fate of the records that `forward` took: counted, shown locally, never sent.

use crate::privacy::{LossCounts, LossReason};
use crate::sync::lock;
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Counts of records, spans and events together. A clone counts the same records. Each record is in one count: sent,
/// waiting, or lost for one reason. With [`Forward::over`](super::Forward::over), only the records that do not reach the
/// processors are counted.
#[derive(Clone, Default)]
pub struct ForwardCounts(Arc<ForwardCounters>);

#[derive(Default)]
struct ForwardCounters {
    queued: AtomicU64,
    /// Queued records whose fate is counted.
    settled: AtomicU64,
    sent: AtomicU64,
    lost: LossCounts,
    /// Whether all that was queued is settled: the result of a request that outlives the end is not counted twice.
    is_over: Mutex<bool>,
}

impl ForwardCounts {
    /// Records that the endpoint accepted.
    pub fn sent(&self) -> u64 {
        self.0.sent.load(Ordering::Relaxed)
    }

    /// Records lost for this reason.
    pub fn lost(&self, why: LossReason) -> u64 {
        self.0.lost.get(why)
    }

    /// Records in the queue or in a request now; 0 after the end, when such records are lost.
    pub fn waiting(&self) -> u64 {
        let settled = self.0.settled.load(Ordering::Acquire);
        self.0.queued.load(Ordering::Relaxed).saturating_sub(settled)
    }

    /// The reasons that occurred, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (LossReason, u64)> + '_ {
        self.0.lost.iter()
    }

    /// The losses, without the records that a no withdrew, which are none.
    pub(super) fn losses(&self) -> Vec<(LossReason, u64)> {
        self.iter().filter(|(why, _)| *why != LossReason::Off).collect()
    }

    /// Counts a record that enters the queue.
    pub(super) fn enter(&self) {
        self.0.queued.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a record that is lost before the queue.
    pub(super) fn lose(&self, why: LossReason) {
        self.0.lost.add(why, 1);
    }

    /// Counts the result for this many queued records: how many of them are lost, and why; the others are sent.
    pub(super) fn settle(&self, records: u64, lost: u64, why: LossReason) {
        let is_over = lock(&self.0.is_over);
        if !*is_over {
            self.count(records, lost.min(records), why);
        }
    }

    /// What is queued now is lost.
    pub(super) fn end(&self) {
        let mut is_over = lock(&self.0.is_over);
        let left = self.waiting();
        self.count(left, left, LossReason::TimedOut);
        *is_over = true;
    }

    fn count(&self, records: u64, lost: u64, why: LossReason) {
        self.0.lost.add(why, lost);
        self.0.sent.fetch_add(records - lost, Ordering::Relaxed);
        self.0.settled.fetch_add(records, Ordering::Release);
    }
}

/// As `12 sent, 3 waiting, 5 lost: queue full 4, no connection 1`.
impl fmt::Display for ForwardCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lost: u64 = self.iter().map(|(_, count)| count).sum();
        write!(f, "{} sent, {} waiting, {lost} lost", self.sent(), self.waiting())?;
        let mut before = ": ";
        for (why, count) in self.iter() {
            write!(f, "{before}{why} {count}")?;
            before = ", ";
        }
        Ok(())
    }
}

impl fmt::Debug for ForwardCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ForwardCounts({self})")
    }
}

/// The number of records of one signal in a queue of limited length.
///
/// The SDK's batch processors drop records above the limit without telling the caller, and log that into the host's
/// subscriber. Counting before them keeps them below it: a record leaves the count only when its export begins.
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

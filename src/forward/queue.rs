//! The queue of one signal: encoded records in batches, up to a limit; a record above it is lost, and counted.
//!
//! A thread that records asks for room, encodes, and takes the lock for a copy of the bytes: it waits for no request, and for
//! other threads only as long as they copy.

use super::deliveries::{ForwardCounts, QueueCount};
use crate::limits::MAX_REQUEST_RECORDS;
use crate::privacy::LossReason;
use crate::sync::lock;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub(super) struct ForwardQueue {
    state: Mutex<ForwardQueueState>,
    /// The worker has something to do: a full batch, the first record of one, or the end.
    due: Condvar,
    count: QueueCount,
    /// The number of records in a full batch.
    full: usize,
    delay: Duration,
    deliveries: ForwardCounts,
}

#[derive(Default)]
struct ForwardQueueState {
    batches: VecDeque<EncodedBatch>,
    is_closed: bool,
    /// The buffer of the last batch that was sent, for the next one.
    spare: Vec<u8>,
}

/// Encoded records.
pub(super) struct EncodedBatch {
    pub(super) bytes: Vec<u8>,
    pub(super) records: usize,
    /// The time at which it is due, full or not.
    due: Instant,
}

impl ForwardQueue {
    /// `limit` is in records, at least 1; a record waits no longer than `delay` for its batch to be full.
    pub(super) fn new(limit: usize, delay: Duration, deliveries: ForwardCounts) -> Self {
        let (count, full) = (QueueCount::new(limit), MAX_REQUEST_RECORDS.min(limit));
        Self { state: Mutex::default(), due: Condvar::new(), count, full, delay, deliveries }
    }

    /// Reserves room for a record that is encoded next; without room the record is lost, and counted.
    pub(super) fn reserve(&self) -> bool {
        let has_room = self.count.enter();
        if !has_room {
            self.deliveries.lose(LossReason::Full);
        }
        has_room
    }

    /// Takes one encoded record, for which there is room; after the close it is lost, and counted.
    pub(super) fn push(&self, record: &[u8]) {
        let mut guard = lock(&self.state);
        let state = &mut *guard;
        if state.is_closed {
            return self.deliveries.lose(LossReason::Closed);
        }
        self.deliveries.enter();
        let is_first = state.batches.is_empty();
        if state.batches.back().is_none_or(|last| last.records >= self.full) {
            let bytes = std::mem::take(&mut state.spare);
            state.batches.push_back(EncodedBatch { bytes, records: 0, due: Instant::now() + self.delay });
        }
        let Some(batch) = state.batches.back_mut() else { return };
        batch.bytes.extend_from_slice(record);
        batch.records += 1;
        let is_full = batch.records >= self.full;
        drop(guard);
        if is_first || is_full {
            self.due.notify_one();
        }
    }

    /// Waits for the next batch that is due; `None` after the last one of a closed queue.
    pub(super) fn next(&self) -> Option<EncodedBatch> {
        let mut state = lock(&self.state);
        loop {
            let Some(first) = state.batches.front() else {
                if state.is_closed {
                    return None;
                }
                state = self.due.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = first.due.saturating_duration_since(Instant::now());
            if state.is_closed || first.records >= self.full || left.is_zero() {
                let batch = state.batches.pop_front()?;
                self.count.leave(batch.records);
                return Some(batch);
            }
            state = self.due.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Gives back the buffer of a batch that was sent.
    pub(super) fn recycle(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        lock(&self.state).spare = buffer;
    }

    /// Takes no more records: what is queued is due now.
    pub(super) fn close(&self) {
        lock(&self.state).is_closed = true;
        self.due.notify_one();
    }
}

//! The spans that are open, by the ids that the SDK gave them.

use crate::privacy::{Clean, Ids, OpenSpans, Record, SignalId};
use crate::process::PerProcess;
use crate::sync::lock;
use opentelemetry::{SpanId, TraceId};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

/// The most spans of one sort that are remembered: spans that never end must not fill the memory.
pub(super) const MOST: usize = 65_536;

/// So that threads seldom meet.
const SHARDS: usize = 64;

/// The SDK's name of a span. It never leaves.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct SpanKey {
    trace: [u8; 16],
    span: [u8; 8],
}

impl SpanKey {
    pub(super) fn of(trace: TraceId, span: SpanId) -> Self {
        Self { trace: trace.to_bytes(), span: span.to_bytes() }
    }
}

/// A declared span that is open.
pub(super) struct OpenSpan {
    pub(super) record: Box<Clean<Record>>,
    pub(super) of: SignalId,
    /// How many of the span's attributes were read.
    pub(super) read: usize,
    #[expect(dead_code, reason = "held, and given back with the entry")]
    pub(super) room: Permit,
}

/// Room for one span; given back when it is dropped.
pub(super) struct Permit(Arc<AtomicUsize>);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

enum GateSpan {
    Declared(OpenSpan),
    /// An undeclared span and its nearest declared ancestor.
    Undeclared(SpanKey, #[expect(dead_code, reason = "held, and given back with the entry")] Permit),
}

/// The open spans of one pair of gates. No lock is held while anything foreign runs, nor two at once. A forked process
/// begins without open spans: those of its parent end in the parent.
pub(super) struct OpenGateSpans(PerProcess<Table>);

struct Table {
    shards: Vec<Mutex<HashMap<SpanKey, GateSpan>>>,
    declared: Arc<AtomicUsize>,
    undeclared: Arc<AtomicUsize>,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            declared: Arc::default(),
            undeclared: Arc::default(),
        }
    }
}

impl Default for OpenGateSpans {
    fn default() -> Self {
        Self(PerProcess::new(Table::default()))
    }
}

impl OpenGateSpans {
    /// Room for one more declared span, if there is any.
    pub(super) fn room(&self) -> Option<Permit> {
        take(&self.table()?.declared)
    }

    pub(super) fn insert_declared(&self, key: SpanKey, opened: OpenSpan) {
        self.insert(key, GateSpan::Declared(opened));
    }

    /// Remembers the nearest declared ancestor of an undeclared span; forgets it where there is no room.
    pub(super) fn insert_undeclared(&self, key: SpanKey, nearest: SpanKey) {
        if let Some(room) = self.table().and_then(|table| take(&table.undeclared)) {
            self.insert(key, GateSpan::Undeclared(nearest, room));
        }
    }

    /// Forgets a span; gives it if it is declared.
    pub(super) fn remove(&self, key: SpanKey) -> Option<OpenSpan> {
        let entry = self.shard(key)?.remove(&key);
        match entry? {
            GateSpan::Declared(opened) => Some(opened),
            GateSpan::Undeclared(..) => None,
        }
    }

    /// The nearest declared span that is open, from this one outwards.
    pub(super) fn nearest(&self, key: SpanKey) -> Option<(SpanKey, Ids)> {
        let further = match self.shard(key)?.get(&key)? {
            GateSpan::Declared(opened) => return Some((key, opened.record.ids())),
            GateSpan::Undeclared(nearest, _) => *nearest,
        };
        match self.shard(further)?.get(&further)? {
            GateSpan::Declared(opened) => Some((further, opened.record.ids())),
            GateSpan::Undeclared(..) => None,
        }
    }

    /// Changes a declared span, if it is open. Nothing that `change` does may come back here.
    pub(super) fn change(&self, key: SpanKey, change: impl FnOnce(&mut Clean<Record>)) {
        if let Some(mut shard) = self.shard(key)
            && let Some(GateSpan::Declared(opened)) = shard.get_mut(&key)
        {
            change(&mut opened.record);
        }
    }

    fn insert(&self, key: SpanKey, entry: GateSpan) {
        if let Some(mut shard) = self.shard(key) {
            shard.insert(key, entry);
        }
    }

    fn shard(&self, key: SpanKey) -> Option<MutexGuard<'_, HashMap<SpanKey, GateSpan>>> {
        let [.., last] = key.span;
        self.table()?.shards.get(usize::from(last) % SHARDS).map(lock)
    }

    fn table(&self) -> Option<&Table> {
        self.0.get(|_| Table::default())
    }
}

impl OpenSpans for OpenGateSpans {
    fn take_all(&self) -> Vec<Clean<Record>> {
        let record = |entry| match entry {
            GateSpan::Declared(opened) => Some(*opened.record),
            GateSpan::Undeclared(..) => None,
        };
        let shards = self.table().map_or(&[][..], |table| &table.shards);
        shards.iter().flat_map(|shard| std::mem::take(&mut *lock(shard)).into_values().filter_map(record)).collect()
    }
}

fn take(count: &Arc<AtomicUsize>) -> Option<Permit> {
    let more = |count: usize| (count < MOST).then_some(count + 1);
    count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
    Some(Permit(Arc::clone(count)))
}

//! The spans that are open, by the ids that the SDK gave them.

use crate::privacy::{Clean, Ids, OpenSpans, Record, SignalId};
use crate::process::PerProcess;
use opentelemetry::{SpanId, TraceId};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most spans of one sort that are remembered: spans that never end must not fill the memory.
pub(super) const MOST: usize = 65_536;

/// So that threads seldom meet.
const SHARDS: usize = 64;

/// The SDK's name of a span. It never leaves.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    trace: [u8; 16],
    span: [u8; 8],
}

impl Key {
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

enum Entry {
    Declared(OpenSpan),
    /// An undeclared span and its nearest declared ancestor.
    Undeclared(Key, #[expect(dead_code, reason = "held, and given back with the entry")] Permit),
}

/// The open spans of one pair of gates. No lock is held while anything foreign runs, nor two at once. A process that was
/// forked from another begins with none of its spans: they end there.
pub(super) struct Open(PerProcess<Table>);

struct Table {
    shards: Vec<Mutex<HashMap<Key, Entry>>>,
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

impl Default for Open {
    fn default() -> Self {
        Self(PerProcess::new(Table::default()))
    }
}

impl Open {
    /// Room for one more declared span, if there is any.
    pub(super) fn room(&self) -> Option<Permit> {
        take(&self.table()?.declared)
    }

    pub(super) fn insert_declared(&self, key: Key, opened: OpenSpan) {
        self.insert(key, Entry::Declared(opened));
    }

    /// Remembers the nearest declared ancestor of an undeclared span; forgets it where there is no room.
    pub(super) fn insert_undeclared(&self, key: Key, nearest: Key) {
        if let Some(room) = self.table().and_then(|table| take(&table.undeclared)) {
            self.insert(key, Entry::Undeclared(nearest, room));
        }
    }

    /// Forgets a span; gives it if it is declared.
    pub(super) fn remove(&self, key: Key) -> Option<OpenSpan> {
        let entry = self.shard(key)?.remove(&key);
        match entry? {
            Entry::Declared(opened) => Some(opened),
            Entry::Undeclared(..) => None,
        }
    }

    /// The nearest declared span that is open, from this one outwards.
    pub(super) fn nearest(&self, key: Key) -> Option<(Key, Ids)> {
        let further = match self.shard(key)?.get(&key)? {
            Entry::Declared(opened) => return Some((key, opened.record.ids())),
            Entry::Undeclared(nearest, _) => *nearest,
        };
        match self.shard(further)?.get(&further)? {
            Entry::Declared(opened) => Some((further, opened.record.ids())),
            Entry::Undeclared(..) => None,
        }
    }

    /// Changes a declared span, if it is open. Nothing that `change` does may come back here.
    pub(super) fn change(&self, key: Key, change: impl FnOnce(&mut Clean<Record>)) {
        if let Some(mut shard) = self.shard(key)
            && let Some(Entry::Declared(opened)) = shard.get_mut(&key)
        {
            change(&mut opened.record);
        }
    }

    fn insert(&self, key: Key, entry: Entry) {
        if let Some(mut shard) = self.shard(key) {
            shard.insert(key, entry);
        }
    }

    fn shard(&self, key: Key) -> Option<MutexGuard<'_, HashMap<Key, Entry>>> {
        let [.., last] = key.span;
        self.table()?.shards.get(usize::from(last) % SHARDS).map(lock)
    }

    fn table(&self) -> Option<&Table> {
        self.0.get(|_| Table::default())
    }
}

impl OpenSpans for Open {
    fn take_all(&self) -> Vec<Clean<Record>> {
        let record = |entry| match entry {
            Entry::Declared(opened) => Some(*opened.record),
            Entry::Undeclared(..) => None,
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

fn lock(shard: &Mutex<HashMap<Key, Entry>>) -> MutexGuard<'_, HashMap<Key, Entry>> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

//! The spans that are open, by the ids that the SDK gave them.

use crate::privacy::{Clean, Ids, OpenSpans, Record, SignalId};
use crate::process::PerProcess;
use crate::sync::lock;
use opentelemetry::{SpanId, TraceId};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

/// The most spans of one sort that are remembered: spans that never end must not fill the memory.
pub(super) const MOST: usize = 65_536;

/// So that threads seldom meet.
const SHARDS: usize = 64;

/// The SDK's name of a span. It never leaves.
#[derive(Clone, Copy, PartialEq, Eq)]
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
}

/// The program's own SDK draws the ids, and no sender can choose colliding ones: a keyed hash is not needed.
impl Hash for SpanKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(u64::from_be_bytes(self.span));
    }
}

#[derive(Default)]
struct SpanHasher(u64);

impl Hasher for SpanHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, id: u64) {
        // The golden ratio: an id generator that counts gives different high bits too, which the map uses.
        self.0 = id.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32);
    }

    /// Not used for a [`SpanKey`].
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u64(self.0 ^ u64::from(byte)));
    }
}

enum GateSpan {
    Declared(OpenSpan),
    /// An undeclared span and its nearest declared ancestor.
    Undeclared(SpanKey),
}

/// The open spans of one pair of gates. No lock is held while anything foreign runs, nor two at once. A forked process
/// begins without open spans: those of its parent end in the parent.
pub(super) struct OpenGateSpans(PerProcess<Table>);

struct Table {
    shards: Vec<Mutex<Spans>>,
    /// The numbers of declared and of undeclared spans. They are exact: whether there is room must not depend on ids.
    declared: AtomicUsize,
    undeclared: AtomicUsize,
}

type Spans = HashMap<SpanKey, GateSpan, BuildHasherDefault<SpanHasher>>;

impl Default for Table {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            declared: AtomicUsize::new(0),
            undeclared: AtomicUsize::new(0),
        }
    }
}

impl Table {
    fn shard(&self, key: SpanKey) -> Option<MutexGuard<'_, Spans>> {
        let [.., last] = key.span;
        self.shards.get(usize::from(last) % SHARDS).map(lock)
    }

    /// Stores a span that has room, which the one it replaces gives back.
    fn insert(&self, key: SpanKey, entry: GateSpan) {
        let replaced = self.shard(key).and_then(|mut shard| shard.insert(key, entry));
        drop(replaced.and_then(|replaced| self.removed(replaced)));
    }

    /// Gives back the room of a span; gives the span if it is declared.
    fn removed(&self, entry: GateSpan) -> Option<OpenSpan> {
        match entry {
            GateSpan::Declared(opened) => {
                self.declared.fetch_sub(1, Ordering::Relaxed);
                Some(opened)
            }
            GateSpan::Undeclared(_) => {
                self.undeclared.fetch_sub(1, Ordering::Relaxed);
                None
            }
        }
    }
}

impl Default for OpenGateSpans {
    fn default() -> Self {
        Self(PerProcess::new(Table::default()))
    }
}

impl OpenGateSpans {
    /// Takes the room of one more declared span, if there is any.
    pub(super) fn take_room(&self) -> bool {
        self.table().is_some_and(|table| take(&table.declared))
    }

    /// Gives back the room of a span that does not begin.
    pub(super) fn give_room(&self) {
        if let Some(table) = self.table() {
            table.declared.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Stores a declared span, whose room was taken.
    pub(super) fn insert_declared(&self, key: SpanKey, opened: OpenSpan) {
        if let Some(table) = self.table() {
            table.insert(key, GateSpan::Declared(opened));
        }
    }

    /// Remembers the nearest declared ancestor of an undeclared span; forgets it where there is no room.
    pub(super) fn insert_undeclared(&self, key: SpanKey, nearest: SpanKey) {
        if let Some(table) = self.table().filter(|table| take(&table.undeclared)) {
            table.insert(key, GateSpan::Undeclared(nearest));
        }
    }

    /// Forgets a span; gives it if it is declared.
    pub(super) fn remove(&self, key: SpanKey) -> Option<OpenSpan> {
        let table = self.table()?;
        let entry = table.shard(key)?.remove(&key)?;
        table.removed(entry)
    }

    /// The nearest declared span that is open, from this one outwards.
    pub(super) fn nearest(&self, key: SpanKey) -> Option<(SpanKey, Ids)> {
        let table = self.table()?;
        let further = match table.shard(key)?.get(&key)? {
            GateSpan::Declared(opened) => return Some((key, opened.record.ids())),
            GateSpan::Undeclared(nearest) => *nearest,
        };
        match table.shard(further)?.get(&further)? {
            GateSpan::Declared(opened) => Some((further, opened.record.ids())),
            GateSpan::Undeclared(_) => None,
        }
    }

    /// Changes a declared span, if it is open. Nothing that `change` does may come back here.
    pub(super) fn change(&self, key: SpanKey, change: impl FnOnce(&mut Clean<Record>)) {
        if let Some(mut spans) = self.table().and_then(|table| table.shard(key))
            && let Some(GateSpan::Declared(opened)) = spans.get_mut(&key)
        {
            change(&mut opened.record);
        }
    }

    fn table(&self) -> Option<&Table> {
        self.0.get(|_| Table::default())
    }
}

impl OpenSpans for OpenGateSpans {
    fn take_all(&self) -> Vec<Clean<Record>> {
        let Some(table) = self.table() else { return Vec::new() };
        let spans = table.shards.iter().flat_map(|shard| std::mem::take(&mut *lock(shard)).into_values());
        spans.filter_map(|entry| table.removed(entry)).map(|opened| *opened.record).collect()
    }
}

fn take(count: &AtomicUsize) -> bool {
    let more = |count: usize| (count < MOST).then_some(count + 1);
    count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{SpanHasher, SpanKey};
    use std::collections::HashSet;
    use std::hash::{Hash as _, Hasher as _};

    /// A map chooses a bucket by the low bits of a hash, and compares the seven highest.
    #[test]
    fn ids_that_count_are_spread_over_a_map() {
        let hash = |id: u64| {
            let mut hasher = SpanHasher::default();
            SpanKey { trace: [1; 16], span: id.to_be_bytes() }.hash(&mut hasher);
            hasher.finish()
        };
        let hashes: Vec<_> = (0..1024).map(|number| hash(64 * number)).collect();
        let buckets: HashSet<_> = hashes.iter().map(|hash| hash & 1023).collect();
        let highest: HashSet<_> = hashes.iter().map(|hash| hash >> 57).collect();
        assert!(buckets.len() > 512 && highest.len() > 64, "{} {}", buckets.len(), highest.len());
    }
}

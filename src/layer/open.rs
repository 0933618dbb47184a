//! The open spans, by their ids from `tracing`.

use crate::privacy::{Clean, Ids, Record};
use crate::sync::lock;
use std::sync::{Mutex, MutexGuard};

/// Shards, to reduce contention; each has few spans, so that a search is short.
const SHARDS: u64 = 64;

/// The most spans, as at the gate: spans that never end must not fill the memory, nor slow every search.
const MOST: usize = 65_536;

/// The share of a shard.
const SHARE: usize = MOST / SHARDS as usize;

/// A declared span.
enum LayerSpan {
    /// Boxed, so that a record returns to the thread's pool without being copied.
    Open(Box<Clean<Record>>),
    /// Over its signal's limit: its children belong to the span around it, if there is one.
    Over(Option<u64>),
}

/// Values by span: each shard is locked alone, for no longer than a search.
pub(crate) struct BySpan<T>(Vec<Mutex<Vec<(u64, T)>>>);

impl<T> BySpan<T> {
    pub(crate) fn new() -> Self {
        Self((0..SHARDS).map(|_| Mutex::default()).collect())
    }

    pub(crate) fn remove(&self, id: u64) -> Option<T> {
        let mut shard = self.shard(id)?;
        let at = shard.iter().rposition(|(open, _)| *open == id)?;
        Some(shard.swap_remove(at).1)
    }

    /// The result of `look` on the value of a span. It must not use these values.
    pub(crate) fn look<U>(&self, id: u64, look: impl FnOnce(&mut T) -> U) -> Option<U> {
        let mut shard = self.shard(id)?;
        let (_, value) = shard.iter_mut().rfind(|(open, _)| *open == id)?;
        Some(look(value))
    }

    /// The shard of a span.
    pub(crate) fn shard(&self, id: u64) -> Option<MutexGuard<'_, Vec<(u64, T)>>> {
        self.0.get(usize::try_from(id % SHARDS).ok()?).map(lock)
    }
}

/// The open spans of one layer.
pub(crate) struct OpenLayerSpans(BySpan<LayerSpan>);

impl OpenLayerSpans {
    pub(crate) fn new() -> Self {
        Self(BySpan::new())
    }

    /// Stores a span, or returns it if there is no room.
    pub(super) fn insert(&self, id: u64, record: Box<Clean<Record>>) -> Result<(), Box<Clean<Record>>> {
        match self.keep(id, LayerSpan::Open(record)) {
            Err(LayerSpan::Open(record)) => Err(record),
            _ => Ok(()),
        }
    }

    /// Stores the parent of a span that is over its limit.
    pub(super) fn pass_over(&self, id: u64, around: Option<u64>) {
        // Without room it counts as undeclared.
        let _ = self.keep(id, LayerSpan::Over(around));
    }

    /// The count is exact: it must not depend on ids, which undeclared spans influence. While every shard is below its
    /// share there is room, and no count is needed.
    fn keep(&self, id: u64, entry: LayerSpan) -> Result<(), LayerSpan> {
        let Some(mut shard) = self.0.shard(id) else { return Err(entry) };
        if shard.len() >= SHARE {
            drop(shard);
            if self.0.0.iter().map(|shard| lock(shard).len()).sum::<usize>() >= MOST {
                return Err(entry);
            }
            let Some(again) = self.0.shard(id) else { return Err(entry) };
            shard = again;
        }
        shard.push((id, entry));
        Ok(())
    }

    pub(super) fn remove(&self, id: u64) -> Option<Box<Clean<Record>>> {
        self.0.remove(id)?.open()
    }

    /// Changes a span, if it is open. `change` must not call this map.
    pub(super) fn change(&self, id: u64, change: impl FnOnce(&mut Clean<Record>)) {
        self.0.look(id, |entry| {
            if let LayerSpan::Open(record) = entry {
                change(record);
            }
        });
    }

    /// The parent of records in this span: the span itself, or its parent if it is over its limit. `None` for a span
    /// that is undeclared or closed.
    pub(super) fn place(&self, id: u64) -> Option<Option<(u64, Ids)>> {
        match self.ids(id)? {
            Ok(ids) => Some(Some((id, ids))),
            // Its parent at the start is open, or was closed since.
            Err(around) => Some(around.and_then(|around| Some((around, self.ids(around)?.ok()?)))),
        }
    }

    /// The ids of a span, or its parent.
    fn ids(&self, id: u64) -> Option<Result<Ids, Option<u64>>> {
        self.0.look(id, |entry| match entry {
            LayerSpan::Open(record) => Ok(record.ids()),
            LayerSpan::Over(around) => Err(*around),
        })
    }
}

impl LayerSpan {
    fn open(self) -> Option<Box<Clean<Record>>> {
        match self {
            Self::Open(record) => Some(record),
            Self::Over(_) => None,
        }
    }
}

impl OpenLayerSpans {
    pub(super) fn take_all(&self) -> Vec<Clean<Record>> {
        let all = self.0.0.iter().flat_map(|shard| std::mem::take(&mut *lock(shard)));
        all.filter_map(|(_, entry)| entry.open().map(|record| *record)).collect()
    }
}

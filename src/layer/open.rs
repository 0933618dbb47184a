//! The spans that are open, by the ids that `tracing` gave them.

use crate::privacy::{Clean, Ids, Record, Unfinished};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Shards, so that threads seldom meet; a few spans each, so that a search is short.
const SHARDS: u64 = 64;

/// The most spans, as at the gate: spans that never end must not fill the memory, nor make every search long.
const MOST: usize = 65_536;

/// A shard's share of them.
const SHARE: usize = MOST / SHARDS as usize;

/// Boxed, because a record goes from here back to the thread's spare ones without being copied.
type Spans = Vec<(u64, Box<Clean<Record>>)>;

type Shard = Mutex<Spans>;

/// The open spans of one layer.
pub(crate) struct Open {
    shards: Vec<Shard>,
}

impl Open {
    pub(crate) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }

    /// Keeps a span, or gives it back if there is no room.
    ///
    /// The count is exact: it must not depend on ids, which undeclared spans take part in. While every shard has less
    /// than its share there is room, and nobody has to count.
    pub(super) fn insert(&self, id: u64, record: Box<Clean<Record>>) -> Result<(), Box<Clean<Record>>> {
        let Some(mut shard) = self.shard(id) else { return Err(record) };
        if shard.len() >= SHARE {
            drop(shard);
            if self.shards.iter().map(|shard| lock(shard).len()).sum::<usize>() >= MOST {
                return Err(record);
            }
            let Some(again) = self.shard(id) else { return Err(record) };
            shard = again;
        }
        shard.push((id, record));
        Ok(())
    }

    pub(super) fn remove(&self, id: u64) -> Option<Box<Clean<Record>>> {
        let mut shard = self.shard(id)?;
        let at = shard.iter().rposition(|(open, _)| *open == id)?;
        Some(shard.swap_remove(at).1)
    }

    /// Changes a span, if it is open. Nothing that `change` does may come back here.
    pub(super) fn change(&self, id: u64, change: impl FnOnce(&mut Clean<Record>)) {
        if let Some(mut shard) = self.shard(id)
            && let Some((_, record)) = shard.iter_mut().rfind(|(open, _)| *open == id)
        {
            change(record);
        }
    }

    pub(super) fn ids(&self, id: u64) -> Option<Ids> {
        self.shard(id)?.iter().rfind(|(open, _)| *open == id).map(|(_, record)| record.ids())
    }

    fn shard(&self, id: u64) -> Option<MutexGuard<'_, Spans>> {
        self.shards.get(usize::try_from(id % SHARDS).ok()?).map(lock)
    }
}

impl Unfinished for Open {
    fn take_all(&self) -> Vec<Clean<Record>> {
        self.shards.iter().flat_map(|shard| std::mem::take(&mut *lock(shard))).map(|(_, record)| *record).collect()
    }
}

fn lock(shard: &Shard) -> MutexGuard<'_, Spans> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

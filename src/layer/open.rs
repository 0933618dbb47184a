//! The spans that are open, by the ids that `tracing` gave them.

use crate::privacy::{Clean, Ids, Record, Unfinished};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Shards, so that threads seldom meet; a few spans each, so that a search is short.
const SHARDS: u64 = 64;

/// Boxed, because a record goes from here back to the thread's spare ones without being copied.
type Spans = Vec<(u64, Box<Clean<Record>>)>;

type Shard = Mutex<Spans>;

/// The open spans of one layer.
pub(crate) struct Open(Vec<Shard>);

impl Open {
    pub(crate) fn new() -> Self {
        Self((0..SHARDS).map(|_| Mutex::default()).collect())
    }

    pub(super) fn insert(&self, id: u64, record: Box<Clean<Record>>) {
        if let Some(mut shard) = self.shard(id) {
            shard.push((id, record));
        }
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
        self.0.get(usize::try_from(id % SHARDS).ok()?).map(lock)
    }
}

impl Unfinished for Open {
    fn take_all(&self) -> Vec<Clean<Record>> {
        self.0.iter().flat_map(|shard| std::mem::take(&mut *lock(shard))).map(|(_, record)| *record).collect()
    }
}

fn lock(shard: &Shard) -> MutexGuard<'_, Spans> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

//! Cleaning: the caps on the whole queue.

use super::name::Name;
use super::queue::{Queue, QueuedFile, each};
use super::{Limits, Loss};
use crate::files::{FileError, Folder};
use crate::limits::{FILE_CLOCK_SKEW, MAX_MAKING};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, SystemTime};

/// How many files were removed, by the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct CleanupCounts {
    /// Their last record was too long ago.
    pub too_old: u64,
    /// More bytes than all files together may have; they were not read.
    pub too_large: u64,
    /// The oldest, because all files together had too many bytes.
    pub over_bytes: u64,
    /// The oldest, because there were too many files.
    pub over_files: u64,
    /// Nothing in them.
    pub empty: u64,
    /// Not in their place an hour after they were begun.
    pub left_over: u64,
}

impl CleanupCounts {
    /// Files with records that were removed unsent.
    pub fn losses(&self) -> [(Loss, u64); 2] {
        let over = self.too_large.saturating_add(self.over_bytes).saturating_add(self.over_files);
        [(Loss::FilesTooOld, self.too_old), (Loss::FilesOverLimit, over)]
    }
}

impl Queue {
    /// Removes what the caps say: finished files alone, the oldest first, and only as many as have to go, whoever receives
    /// them. Files that are not finished count, but stay. None is read, and at most as many as the limit are kept in memory.
    ///
    /// # Errors
    /// When the folder can't be listed. What can't be removed stays.
    pub fn clean(&self, limits: &Limits, now: SystemTime) -> Result<CleanupCounts, FileError> {
        let mut cleaned = CleanupCounts::default();
        let mut live = Sum::default();
        let mut newest = NewestFiles { most: limits.files, heap: BinaryHeap::new(), over: None };
        let others = self.others()?;
        let disks = || std::iter::once(&self.disk).chain(&others);
        for disk in disks() {
            left_over(disk, now, &mut cleaned)?;
            each(disk, |entry| {
                let name = entry.name.to_string();
                // Held until it is removed: else another uploader could have put the rest of it in its place.
                let Some((held, mut found)) = disk.try_lock_ours(&name) else {
                    live.add(entry.size);
                    return;
                };
                // The clock was ahead when it was written. It gets old from now on, or it never would.
                if is_older(now, FILE_CLOCK_SKEW, found.modified)
                    && held.get().and_then(|file| file.set_modified(now)).is_ok()
                {
                    found.modified = now;
                }
                let count = if found.size == 0 {
                    &mut cleaned.empty
                } else if found.size > limits.bytes {
                    &mut cleaned.too_large
                } else if is_older(found.modified, limits.age, now) {
                    &mut cleaned.too_old
                } else {
                    newest.add(QueuedFile { modified: found.modified, size: found.size, ..entry });
                    return;
                };
                *count += u64::from(disk.remove(&name).is_ok());
            })?;
        }
        let Some((last, over)) = newest.last_to_go(limits, live) else { return Ok(cleaned) };
        let count = match over {
            Over::Bytes => &mut cleaned.over_bytes,
            Over::Files => &mut cleaned.over_files,
        };
        for disk in disks() {
            each(disk, |entry| {
                let name = entry.name.to_string();
                if (entry.modified, entry.name) <= last
                    && let Some(_held) = disk.try_lock_ours(&name)
                {
                    *count += u64::from(disk.remove(&name).is_ok());
                }
            })?;
        }
        Ok(cleaned)
    }
}

/// Removes what killed processes were about to make.
fn left_over(disk: &Folder, now: SystemTime, cleaned: &mut CleanupCounts) -> Result<(), FileError> {
    disk.names(|name| {
        let Some(name) = Name::parse_temporary(name).map(Name::temporary) else { return true };
        let is_old = disk.look(&name).is_some_and(|found| is_older(found.modified, MAX_MAKING, now));
        if is_old && let Some(_held) = disk.try_lock_ours(&name) {
            cleaned.left_over += u64::from(disk.remove(&name).is_ok());
        }
        true
    })
}

fn is_older(modified: SystemTime, age: Duration, now: SystemTime) -> bool {
    now.duration_since(modified).is_ok_and(|since| since > age)
}

#[derive(Clone, Copy, Default)]
struct Sum {
    files: usize,
    bytes: u64,
}

impl Sum {
    fn add(&mut self, size: u64) {
        self.files = self.files.saturating_add(1);
        self.bytes = self.bytes.saturating_add(size);
    }
}

/// Which cap is passed.
#[derive(Clone, Copy)]
enum Over {
    Bytes,
    Files,
}

/// The newest files, as many as there may be.
struct NewestFiles {
    most: usize,
    heap: BinaryHeap<Reverse<QueuedFile>>,
    /// The newest that found no room.
    over: Option<QueuedFile>,
}

impl NewestFiles {
    fn add(&mut self, entry: QueuedFile) {
        self.heap.push(Reverse(entry));
        if self.heap.len() > self.most {
            let out = self.heap.pop().map(|Reverse(out)| out);
            self.over = self.over.max(out);
        }
    }

    /// The newest file that has to go, beside those that are not finished, and why.
    fn last_to_go(self, limits: &Limits, live: Sum) -> Option<((SystemTime, Name), Over)> {
        let mut sum = live;
        for Reverse(entry) in self.heap.into_sorted_vec() {
            sum.add(entry.size);
            let key = (entry.modified, entry.name);
            if sum.files > limits.files {
                return Some((key, Over::Files));
            }
            if sum.bytes > limits.bytes {
                return Some((key, Over::Bytes));
            }
        }
        self.over.map(|entry| ((entry.modified, entry.name), Over::Files))
    }
}

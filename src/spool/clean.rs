//! Enforces the caps on the whole queue.

use super::name::Name;
use super::queue::{Queue, QueuedFile, each};
use super::{Limits, Loss};
use crate::files::{FileError, Folder};
use crate::limits::{FILE_CLOCK_SKEW, MAX_MAKING};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, SystemTime};

/// The number of removed files, by reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct CleanupCounts {
    /// The last record is too old.
    pub too_old: u64,
    /// Larger than the cap of all files together; they were not read.
    pub too_large: u64,
    /// The oldest, because all files together exceeded the cap in bytes.
    pub over_bytes: u64,
    /// The oldest, because there were too many files.
    pub over_files: u64,
    /// Empty.
    pub empty: u64,
    /// Still temporary an hour after they were made.
    pub left_over: u64,
}

impl CleanupCounts {
    /// Files with unsent records that were removed.
    pub fn losses(&self) -> [(Loss, u64); 2] {
        let over = self.too_large.saturating_add(self.over_bytes).saturating_add(self.over_files);
        [(Loss::FilesTooOld, self.too_old), (Loss::FilesOverLimit, over)]
    }
}

impl Queue {
    /// Enforces the caps: removes only finished files, the oldest first, and no more than necessary, for every
    /// receiver. Unfinished files count, but stay. No file is read, and the names in memory are limited.
    ///
    /// # Errors
    /// If the folder can't be listed. A file that can't be removed stays.
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
                // Locked until it is removed: otherwise another uploader could replace it by the rest of it.
                let Some((held, mut found)) = disk.try_lock_ours(&name) else {
                    live.add(entry.size);
                    return;
                };
                // Written while the clock was ahead. It ages from now on; otherwise it never would.
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

/// Removes the temporary files of killed processes.
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

/// The exceeded cap.
#[derive(Clone, Copy)]
enum Over {
    Bytes,
    Files,
}

/// The newest files, up to the cap.
struct NewestFiles {
    most: usize,
    heap: BinaryHeap<Reverse<QueuedFile>>,
    /// The newest file above the cap.
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

    /// The newest file to remove, given the unfinished ones, and the reason.
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

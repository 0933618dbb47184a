//! Losses before sending, and what was withheld, over all processes of an app: counted on disk, for `status`, and never
//! sent.
//!
//! `lost` in the folder for state holds a line `<code> <count>` for each kind of loss. A process adds its own when it
//! ends, the uploader adds the files that it removed. It is written under the folder's lock, and only if telemetry is
//! still on when the lock is held: a process that stores a no deletes it under the same lock. A process that ends waits
//! 50 ms for that lock; after that its losses are not noted. A code of a later version counts as [`Loss::Other`].

#[cfg(test)]
mod tests;

use crate::files::{Deletion, FactLines, FileError, Folder};
use crate::privacy::{DropReason, LossReason};
use std::fmt;
use std::path::Path;

/// The file's name.
const FILE: &str = "lost";

/// A kind of loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Loss {
    /// Records that were not written, or not sent while the program ran.
    Records(LossReason),
    /// Files that were removed because their last record was too old.
    FilesTooOld,
    /// Files that were removed because the queue exceeded its cap in bytes or files.
    FilesOverLimit,
    /// Values and records that were withheld when they were recorded.
    Withheld(DropReason),
    /// Losses that another version counted.
    Other,
}

impl Loss {
    /// Every kind, in the order in which they are shown.
    pub fn all() -> impl Iterator<Item = Self> {
        let files = [Self::FilesTooOld, Self::FilesOverLimit, Self::Other];
        let withheld = DropReason::ALL.into_iter().map(Self::Withheld);
        LossReason::ALL.into_iter().map(Self::Records).chain(files).chain(withheld)
    }

    /// The code in the file, and in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Records(why) => why.code(),
            Self::Withheld(why) => why.code(),
            Self::FilesTooOld => "files_too_old",
            Self::FilesOverLimit => "files_over_limit",
            Self::Other => "other",
        }
    }

    fn parse(code: &str) -> Self {
        Self::all().find(|loss| loss.code() == code).unwrap_or(Self::Other)
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Records(why) => write!(f, "records: {why}"),
            Self::Withheld(why) => write!(f, "withheld: {why}"),
            Self::FilesTooOld => f.write_str("files of records: too old"),
            Self::FilesOverLimit => f.write_str("files of records: over the limit of the queue"),
            Self::Other => f.write_str("of a kind that this version does not know"),
        }
    }
}

/// The losses since the queue was begun or deleted.
pub fn losses(state: &Path) -> Vec<(Loss, u64)> {
    let facts = Folder::open(state).ok().flatten().and_then(|folder| FactLines::read(&folder, FILE).ok());
    facts.as_ref().map(counted).unwrap_or_default()
}

/// One count for each kind.
fn counted(facts: &FactLines) -> Vec<(Loss, u64)> {
    let of = |kind: Loss| {
        let counts = facts.iter().filter(|(code, _)| Loss::parse(code) == kind);
        counts.fold(0, |sum: u64, (_, count)| sum.saturating_add(count.parse().unwrap_or(0)))
    };
    Loss::all().map(|kind| (kind, of(kind))).filter(|(_, count)| *count > 0).collect()
}

/// One count for each kind that occurs in either list.
pub(crate) fn sum(one: &[(Loss, u64)], other: &[(Loss, u64)]) -> Vec<(Loss, u64)> {
    let of = |kind: Loss| {
        let counts = one.iter().chain(other).filter(|(found, _)| *found == kind);
        (kind, counts.fold(0, |sum: u64, (_, count)| sum.saturating_add(*count)))
    };
    Loss::all().map(of).filter(|(_, count)| *count > 0).collect()
}

/// Adds to the counts; writes nothing if all are zero.
pub(crate) fn add(state: &Path, new: &[(Loss, u64)], may_write: &dyn Fn() -> bool) -> Result<(), FileError> {
    if new.iter().all(|(_, count)| *count == 0) {
        return Ok(());
    }
    let Some(folder) = Folder::open(state)? else { return Ok(()) };
    let lock = folder.lock_soon()?;
    if !may_write() {
        return Ok(());
    }
    let before = counted(&FactLines::read(&folder, FILE)?);
    let mut facts = FactLines::default();
    sum(&before, new).into_iter().for_each(|(kind, count)| facts.add(kind.code(), count));
    lock.write_unsynced(FILE, facts.into_bytes())
}

/// Deletes the counts.
pub(crate) fn forget(state: &Path, when: Deletion) -> Result<(), FileError> {
    Folder::erase(state, FILE, when)
}

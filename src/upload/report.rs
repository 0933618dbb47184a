//! The result of the last upload that had anything to send: kept for `status`, and never sent.
//!
//! `report` in the folder for state holds a fact on each line:
//!
//! ```text
//! at <seconds>          when it ended, since the Unix epoch
//! end <code>            how it ended: [`UploadEnd::code`]
//! status <number>       the status of the HTTP answer that took nothing last; absent if there was none
//! sent <records>        taken by the receiver
//! rejected <records>    rejected by it, for good
//! withheld_… <records>  which the program may not send any more, for each reason, as in `lost`
//! foreign <files>       that another program has written
//! ```
//!
//! It is written while the upload's lock is held, under the folder's lock, and only if telemetry is still on then.
//! `off` deletes it under both locks; after a reset, or a no in the environment, an upload that is ending may still write
//! it: it holds only counts.

#[cfg(test)]
mod tests;

use crate::files::{Deletion, FactLines, FileError, Folder};
use crate::privacy::{DropReason, write_counts};
use crate::registry::count;
use std::fmt;
use std::path::Path;

/// The file's name.
const FILE: &str = "report";

/// The result of one upload.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadReport {
    /// The end of the upload, in seconds since the Unix epoch.
    pub at: u64,
    /// How it ended.
    pub end: UploadEnd,
    /// The status of the last HTTP answer that accepted nothing.
    pub status: Option<u16>,
    /// Records that the receiver accepted.
    pub sent: u64,
    /// Records that the receiver permanently rejected.
    pub rejected: u64,
    /// Records that the program may not send any more, by reason: no longer declared, past their end, not agreed to, or
    /// disabled by a policy. They were deleted.
    pub withheld: Vec<(DropReason, u64)>,
    /// Files that another program wrote, or wrote to.
    pub foreign: u64,
}

/// How an upload ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UploadEnd {
    /// Every queued record was handled.
    Done,
    /// The remaining records were made with another secret of the installation: the next upload sends them.
    Rest,
    /// Telemetry is off, or the file in progress was deleted.
    Off,
    /// Another upload is running.
    Busy,
    /// The backoff of the receiver is not over.
    Paused,
    /// The receiver is unreachable, or accepts nothing now.
    Unreachable,
    /// The time limit of the run was reached.
    TimeOver,
    /// A disk error.
    Disk,
    /// The proxy or trust settings of the environment are invalid.
    Network,
    /// The policy could not be fetched, is invalid, or turns the program off.
    Policy,
    /// An end that only a later version knows.
    Unknown,
}

impl UploadEnd {
    /// Every end.
    pub const ALL: [Self; 11] = [
        Self::Done,
        Self::Rest,
        Self::Off,
        Self::Busy,
        Self::Paused,
        Self::Unreachable,
        Self::TimeOver,
        Self::Disk,
        Self::Network,
        Self::Policy,
        Self::Unknown,
    ];

    /// The code in the file, and in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Rest => "rest",
            Self::Off => "off",
            Self::Busy => "busy",
            Self::Paused => "paused",
            Self::Unreachable => "unreachable",
            Self::TimeOver => "time_over",
            Self::Disk => "disk",
            Self::Network => "network",
            Self::Policy => "policy",
            Self::Unknown => "unknown",
        }
    }

    fn parse(code: &str) -> Self {
        Self::ALL.into_iter().find(|end| end.code() == code).unwrap_or(Self::Unknown)
    }
}

impl fmt::Display for UploadEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "every record was handled",
            Self::Rest => "the next upload sends the rest, which has other ids",
            Self::Off => "telemetry was turned off, or the queue was deleted",
            Self::Busy => "another upload is running",
            Self::Paused => "the pause after a failure is not over",
            Self::Unreachable => "the receiver is unreachable, or accepts nothing now",
            Self::TimeOver => "the time limit was reached",
            Self::Disk => "a disk error",
            Self::Network => "the proxy or certificate settings can't be used",
            Self::Policy => "the policy could not be fetched, is invalid, or turns the program off",
            Self::Unknown => "an end that this version does not know",
        })
    }
}

impl fmt::Display for UploadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { end, status, sent, rejected, foreign, .. } = *self;
        write!(f, "sent {}", count(sent, "record"))?;
        if rejected > 0 {
            write!(f, ", {} rejected by the receiver", count(rejected, "record"))?;
        }
        let withheld = self.withheld.iter().fold(0, |sum: u64, (_, number)| sum.saturating_add(*number));
        if withheld > 0 {
            write!(f, ", {} withheld (", count(withheld, "record"))?;
            write_counts(f, self.withheld.iter().copied())?;
            f.write_str(")")?;
        }
        if foreign > 0 {
            write!(f, ", {} of another program", count(foreign, "file"))?;
        }
        if end != UploadEnd::Done {
            write!(f, "; {end}")?;
        }
        status.map_or(Ok(()), |status| write!(f, " (HTTP status {status})"))
    }
}

impl UploadReport {
    /// The last report, from an app's folder for state.
    pub fn read(state: &Path) -> Option<Self> {
        let facts = FactLines::read(&Folder::open(state).ok()??, FILE).ok()?;
        let status = facts.get("status").and_then(|status| status.parse().ok());
        Some(Self {
            at: facts.get("at")?.parse().ok()?,
            end: UploadEnd::parse(facts.get("end")?),
            status,
            sent: facts.number("sent"),
            rejected: facts.number("rejected"),
            withheld: DropReason::ALL
                .into_iter()
                .map(|why| (why, facts.number(why.code())))
                .filter(|(_, number)| *number > 0)
                .collect(),
            foreign: facts.number("foreign"),
        })
    }

    /// Stores it in place of the previous one.
    ///
    /// # Errors
    /// If it can't be written; then the previous one stays.
    pub fn write(&self, state: &Path, may_write: &dyn Fn() -> bool) -> Result<(), FileError> {
        let Some(folder) = Folder::open(state)? else { return Ok(()) };
        let lock = folder.lock()?;
        if !may_write() {
            return Ok(());
        }
        let mut facts = FactLines::default();
        facts.add("at", self.at);
        facts.add("end", self.end.code());
        self.status.iter().for_each(|status| facts.add("status", status));
        facts.add("sent", self.sent);
        facts.add("rejected", self.rejected);
        self.withheld.iter().for_each(|(why, number)| facts.add(why.code(), number));
        facts.add("foreign", self.foreign);
        lock.write_unsynced(FILE, facts.into_bytes())
    }
}

/// Deletes the report.
pub(crate) fn forget(state: &Path, when: Deletion) -> Result<(), FileError> {
    Folder::erase(state, FILE, when)
}

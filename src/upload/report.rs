//! How the last upload ended, as far as there was anything to send: kept for `status`, and never sent.
//!
//! `report` in the folder for state holds a fact a line:
//!
//! ```text
//! at <seconds>          when it ended, since the Unix epoch
//! end <code>            how it ended: [`UploadEnd::code`]
//! status <number>       the status of the HTTP answer that took nothing last; absent if there was none
//! sent <records>        taken by the receiver
//! rejected <records>    rejected by it, for good
//! withheld <records>    which the program may not send any more
//! foreign <files>       that another program has written
//! ```
//!
//! It is written while the upload's lock is held, under the folder's lock and only if it is still on then: a deletion
//! takes both.

#[cfg(test)]
mod tests;

use crate::files::{Deletion, FactLines, FileError, Folder};
use std::fmt;
use std::path::Path;

/// The file's name.
const FILE: &str = "report";

/// What one upload did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadReport {
    /// When it ended, in seconds since the Unix epoch.
    pub at: u64,
    /// How it ended.
    pub end: UploadEnd,
    /// The status of the HTTP answer that took nothing last.
    pub status: Option<u16>,
    /// Records that the receiver took.
    pub sent: u64,
    /// Records that it rejected, for good.
    pub rejected: u64,
    /// Records that the program may not send any more: they are no longer declared, or a policy turns them off.
    pub withheld: u64,
    /// Files that another program has written, or written to.
    pub foreign: u64,
}

/// How an upload ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UploadEnd {
    /// Everything that waited was looked at.
    Done,
    /// What waits besides was recorded with another secret of the installation: it leaves with the next upload.
    Rest,
    /// Telemetry is off, or what was being sent was deleted.
    Off,
    /// Another upload is under way.
    Busy,
    /// The receiver is not asked before a pause is over.
    Paused,
    /// The receiver can't be reached, or takes nothing now.
    Unreachable,
    /// Its time was over.
    TimeOver,
    /// The disk does not give or take what it should.
    Disk,
    /// The proxy or the certificates of the environment can't be used.
    Network,
    /// The policy is not to be had, or says no.
    Policy,
    /// One that this version does not know.
    Unknown,
}

impl UploadEnd {
    /// All of them.
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

    /// What stands for it in the file, and in JSON.
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
            Self::Done => "everything was looked at",
            Self::Rest => "the rest leaves with the next upload, so that nothing links the two",
            Self::Off => "telemetry was turned off, or what was being sent was deleted",
            Self::Busy => "another upload is under way",
            Self::Paused => "the receiver is left alone for a while",
            Self::Unreachable => "the receiver can't be reached, or takes nothing now",
            Self::TimeOver => "the time was over",
            Self::Disk => "the disk does not give or take what it should",
            Self::Network => "the way to the receiver can't be used",
            Self::Policy => "the policy is not to be had, or says no",
            Self::Unknown => "in a way that this version does not know",
        })
    }
}

impl fmt::Display for UploadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { end, status, sent, rejected, withheld, foreign, .. } = *self;
        write!(f, "sent {sent} records")?;
        for (count, what) in [
            (rejected, "records rejected by the receiver"),
            (withheld, "records withheld"),
            (foreign, "files that are not this program's"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        if end != UploadEnd::Done {
            write!(f, "; {end}")?;
        }
        status.map_or(Ok(()), |status| write!(f, " (HTTP status {status})"))
    }
}

impl UploadReport {
    /// The last one, in an app's folder for state.
    pub fn read(state: &Path) -> Option<Self> {
        let facts = FactLines::read(&Folder::open(state).ok()??, FILE).ok()?;
        let status = facts.get("status").and_then(|status| status.parse().ok());
        Some(Self {
            at: facts.get("at")?.parse().ok()?,
            end: UploadEnd::parse(facts.get("end")?),
            status,
            sent: facts.number("sent"),
            rejected: facts.number("rejected"),
            withheld: facts.number("withheld"),
            foreign: facts.number("foreign"),
        })
    }

    /// Keeps it in place of the one before.
    ///
    /// # Errors
    /// When it can't be written; then the one before stays.
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
        facts.add("withheld", self.withheld);
        facts.add("foreign", self.foreign);
        lock.write(FILE, |_| facts.into_bytes())
    }
}

/// Deletes it.
pub(crate) fn forget(state: &Path, when: Deletion) -> Result<(), FileError> {
    Folder::open(state)?.map_or(Ok(()), |folder| folder.erase(FILE, when))
}

//! The result of a run, as stored for `status`.

use super::end::RunEnd;
use crate::limits::SECOND;
use crate::privacy::DropReason;
use crate::upload::report::{UploadEnd, UploadReport};
use std::collections::BTreeMap;
use std::path::Path;

/// The result of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How it ended.
    pub end: RunEnd,
    /// The status of the last HTTP answer that accepted nothing.
    pub status: Option<u16>,
    /// Records that the receiver accepted.
    pub sent: u64,
    /// Records that the receiver permanently rejected.
    pub rejected: u64,
    /// Records that the running program may not send, by reason.
    pub withheld: BTreeMap<DropReason, u64>,
    /// Files that another program wrote, or wrote to.
    pub foreign: u64,
}

impl From<RunEnd> for UploadEnd {
    fn from(end: RunEnd) -> Self {
        match end {
            RunEnd::Done => Self::Done,
            RunEnd::Off => Self::Off,
            RunEnd::Busy => Self::Busy,
            RunEnd::Paused => Self::Paused,
            RunEnd::Unreachable => Self::Unreachable,
            RunEnd::TimeOver => Self::TimeOver,
            RunEnd::Disk(_) => Self::Disk,
            RunEnd::Network(_) => Self::Network,
            RunEnd::Policy => Self::Policy,
        }
    }
}

impl Report {
    /// A run that ended so before anything was sent.
    pub(crate) fn nothing(end: RunEnd) -> Self {
        Self { end, status: None, sent: 0, rejected: 0, withheld: BTreeMap::new(), foreign: 0 }
    }

    /// The report with its time, in nanoseconds since the epoch.
    pub(crate) fn at(&self, now: u64) -> UploadReport {
        let Self { end, status, sent, rejected, ref withheld, foreign } = *self;
        let withheld = withheld.iter().map(|(why, number)| (*why, *number)).collect();
        UploadReport { at: now / SECOND, end: end.into(), status, sent, rejected, withheld, foreign }
    }

    /// Stores it with its time, if there was anything to send: a run with an empty queue, or during a backoff, carries less
    /// information than the one before. Write errors are ignored.
    pub(super) fn keep(&self, state: &Path, now: u64, may_write: &dyn Fn() -> bool) {
        let is_empty = self.sent == 0 && self.rejected == 0 && self.withheld.is_empty() && self.foreign == 0;
        if matches!(self.end, RunEnd::Off | RunEnd::Busy | RunEnd::Paused) || (self.end == RunEnd::Done && is_empty) {
            return;
        }
        let _ = self.at(now).write(state, may_write);
    }
}

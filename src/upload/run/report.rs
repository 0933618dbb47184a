//! The result of a run, as stored for `status`.

use super::end::RunEnd;
use super::{Report, UploadConfig};
use crate::limits::SECOND;
use crate::upload::report::{UploadEnd, UploadReport};

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
    /// The report with its time, in nanoseconds since the epoch.
    pub(crate) fn at(self, now: u64) -> UploadReport {
        let Self { end, status, sent, rejected, withheld, foreign } = self;
        UploadReport { at: now / SECOND, end: end.into(), status, sent, rejected, withheld, foreign }
    }

    /// Stores it, if there was anything to send: a run with an empty queue, or during a backoff, carries less
    /// information than the one before. Write errors are ignored.
    pub(super) fn keep(&self, job: &UploadConfig<'_>, may_write: &dyn Fn() -> bool) {
        let is_empty = self.sent == 0 && self.rejected == 0 && self.withheld == 0 && self.foreign == 0;
        if matches!(self.end, RunEnd::Off | RunEnd::Busy | RunEnd::Paused) || (self.end == RunEnd::Done && is_empty) {
            return;
        }
        let _ = self.at(job.clock.now()).write(job.state, may_write);
    }
}

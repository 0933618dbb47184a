//! What a run did, as it is kept for `status`.

use super::{End, Report, UploadConfig};
use crate::limits::SECOND;
use crate::upload::report::{UploadEnd, UploadReport};

impl From<End> for UploadEnd {
    fn from(end: End) -> Self {
        match end {
            End::Done => Self::Done,
            End::Off => Self::Off,
            End::Busy => Self::Busy,
            End::Paused => Self::Paused,
            End::Unreachable => Self::Unreachable,
            End::TimeOver => Self::TimeOver,
            End::Disk(_) => Self::Disk,
            End::Impassable(_) => Self::Network,
            End::Policy => Self::Policy,
        }
    }
}

impl Report {
    /// The same with its time, in nanoseconds since the epoch.
    pub(crate) fn at(self, now: u64) -> UploadReport {
        let Self { end, status, sent, rejected, withheld, foreign } = self;
        UploadReport { at: now / SECOND, end: end.into(), status, sent, rejected, withheld, foreign }
    }

    /// Keeps it, if there was anything to send: a run that found nothing, or left the receiver alone, says less than the
    /// one before. What can't be written is not kept.
    pub(super) fn keep(&self, job: &UploadConfig<'_>, may_write: &dyn Fn() -> bool) {
        let is_empty = self.sent == 0 && self.rejected == 0 && self.withheld == 0 && self.foreign == 0;
        if matches!(self.end, End::Off | End::Busy | End::Paused) || (self.end == End::Done && is_empty) {
            return;
        }
        let _ = self.at(job.clock.now()).write(job.state, may_write);
    }
}

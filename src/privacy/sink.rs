//! The two ends of a pipeline: the exporter of clean records, and the storage of open spans.

use super::clean::Clean;
use super::lost::LossReason;
use super::record::{Ids, Record};
use std::sync::Arc;
use std::time::Duration;

/// An exporter of clean records.
pub trait Sink: Send + Sync {
    /// Takes one record. It must not block, panic, or record spans or events of its own.
    fn accept(&self, record: &Clean<Record>);

    /// Sends the queued records, within the budget. Called once, when the pipeline is closed.
    fn close(&self, budget: Duration) {
        let _ = budget;
    }

    /// Records that this sink has lost, by reason, for [`Status::lost`](crate::Status::lost).
    fn lost(&self) -> Vec<(LossReason, u64)> {
        Vec::new()
    }

    /// Makes the records so far available to an upload.
    fn finish_files(&self) {}

    /// Counts a record that was finished after the close, as a span that outlives its telemetry is.
    fn come_too_late(&self) {}
}

impl<S: Sink + ?Sized> Sink for Arc<S> {
    fn accept(&self, record: &Clean<Record>) {
        (**self).accept(record);
    }

    fn close(&self, budget: Duration) {
        (**self).close(budget);
    }

    fn lost(&self) -> Vec<(LossReason, u64)> {
        (**self).lost()
    }

    fn finish_files(&self) {
        (**self).finish_files();
    }

    fn come_too_late(&self) {
        (**self).come_too_late();
    }
}

/// An entrance with open spans.
pub(crate) trait OpenSpans: Send + Sync {
    /// Takes every open span, for a program that is about to exit.
    fn take_all(&self) -> Vec<Clean<Record>>;

    /// The innermost declared span of the calling thread, if it is known without running the program's code.
    fn innermost(&self) -> Option<Ids> {
        None
    }
}

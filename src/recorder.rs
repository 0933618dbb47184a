//! The end of every entrance: passes a finished record from the sanitizer to the pipeline's exporter.

use crate::privacy::{Clean, LossReason, Record, Sanitizer, Sink};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The sanitizer and the exporter of an open pipeline.
pub(crate) struct Recorder {
    pub(crate) sanitizer: Sanitizer,
    exporter: Box<dyn Sink>,
    /// Whether the exporter was closed while telemetry was on: what is finished later is lost, and not withdrawn.
    is_over: AtomicBool,
}

impl Recorder {
    pub(crate) fn new(sanitizer: Sanitizer, exporter: Box<dyn Sink>) -> Self {
        Self { sanitizer, exporter, is_over: AtomicBool::new(false) }
    }

    /// Whether a record is exported, or lost because it comes too late; after a no, it is withdrawn.
    pub(crate) fn is_on_or_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed) || self.sanitizer.is_on()
    }

    /// Exports a finished record, while telemetry is on.
    #[inline]
    pub(crate) fn emit(&self, record: &Clean<Record>) {
        if !self.is_on_or_over() {
            return;
        }
        if self.is_over.load(Ordering::Relaxed) {
            return self.exporter.come_too_late();
        }
        let Some(record) = self.sanitizer.present(record) else { return };
        self.sanitizer.count_missing(&record);
        self.exporter.accept(&record);
    }

    /// Ends a span now and exports it.
    #[inline]
    pub(crate) fn finish(&self, record: &mut Clean<Record>) {
        self.sanitizer.end(record);
        self.emit(record);
    }

    /// Makes the records so far available to an upload.
    pub(crate) fn finish_files(&self) {
        self.exporter.finish_files();
    }

    /// Closes the exporter, which has this long to send its queue.
    pub(crate) fn close(&self, timeout: Duration) {
        self.is_over.store(self.sanitizer.is_on(), Ordering::Relaxed);
        self.exporter.close(timeout);
    }

    /// Records that the exporter has lost, by reason.
    pub(crate) fn lost(&self) -> Vec<(LossReason, u64)> {
        self.exporter.lost()
    }
}

//! The end of every entrance: passes a finished record from the sanitizer to the pipeline's exporter.

use crate::privacy::{Clean, Record, Sanitizer, Sink};
use std::time::Duration;

/// The sanitizer and the exporter of an open pipeline.
pub(crate) struct Recorder {
    pub(crate) sanitizer: Sanitizer,
    exporter: Box<dyn Sink>,
}

impl Recorder {
    pub(crate) fn new(sanitizer: Sanitizer, exporter: Box<dyn Sink>) -> Self {
        Self { sanitizer, exporter }
    }

    /// Exports a finished record, while telemetry is on.
    #[inline]
    pub(crate) fn emit(&self, record: &Clean<Record>) {
        if self.sanitizer.is_on() {
            self.sanitizer.count_missing(record);
            self.exporter.accept(record);
        }
    }

    /// Ends a span now and exports it.
    #[inline]
    pub(crate) fn finish(&self, record: &mut Clean<Record>) {
        self.sanitizer.end(record);
        self.emit(record);
    }

    /// Closes the exporter, which has this long to send its queue.
    pub(crate) fn close(&self, timeout: Duration) {
        self.exporter.close(timeout);
    }
}

//! A sink that encodes each record as a request of its own and passes the bytes to a function.

use super::{Encoder, Format};
use crate::privacy::{Clean, Record, Sink};
use crate::registry::SignalKind;
use std::cell::Cell;

thread_local! {
    /// Reused for every record of the thread: threads that record share nothing here.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The sink.
pub(crate) struct Each<F> {
    encoder: Encoder,
    format: Format,
    take: F,
}

impl<F: Fn(SignalKind, &[u8]) + Send + Sync> Each<F> {
    pub(crate) fn new(encoder: Encoder, format: Format, take: F) -> Self {
        Self { encoder, format, take }
    }
}

impl<F: Fn(SignalKind, &[u8]) + Send + Sync> Sink for Each<F> {
    fn accept(&self, record: &Clean<Record>) {
        let mut buffer = BUFFER.try_with(Cell::take).unwrap_or_default();
        buffer.clear();
        self.encoder.request(self.format, record.kind(), std::iter::once(record), &mut buffer);
        (self.take)(record.kind(), &buffer);
        // Dropped while the thread ends.
        let _ = BUFFER.try_with(|place| place.set(buffer));
    }
}

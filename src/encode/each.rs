//! A sink that encodes each record as a request of its own and passes the bytes to a function.

use super::{Encoder, Format};
use crate::privacy::{Clean, Record, Sink};
use crate::registry::SignalKind;
use crate::sync::lock;
use std::sync::Mutex;

/// The sink; its buffer is reused for every record.
pub(crate) struct Each<F> {
    encoder: Encoder,
    format: Format,
    take: Mutex<(Vec<u8>, F)>,
}

impl<F: FnMut(SignalKind, &[u8]) + Send> Each<F> {
    pub(crate) fn new(encoder: Encoder, format: Format, take: F) -> Self {
        Self { encoder, format, take: Mutex::new((Vec::new(), take)) }
    }
}

impl<F: FnMut(SignalKind, &[u8]) + Send> Sink for Each<F> {
    fn accept(&self, record: &Clean<Record>) {
        let mut guard = lock(&self.take);
        let (buffer, take) = &mut *guard;
        buffer.clear();
        self.encoder.request(self.format, record.kind(), std::iter::once(record), buffer);
        take(record.kind(), buffer);
    }
}

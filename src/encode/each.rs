//! Each record as a request of its own, handed on as bytes.

use super::{Encoder, Format};
use crate::Builder;
use crate::privacy::{Clean, Record, Sink};
use crate::registry::SignalKind;
use std::sync::{Mutex, PoisonError};

struct Each<F> {
    encoder: Encoder,
    format: Format,
    take: Mutex<(Vec<u8>, F)>,
}

impl<F: FnMut(SignalKind, &[u8]) + Send> Sink for Each<F> {
    fn accept(&self, record: &Clean<Record>) {
        let mut guard = self.take.lock().unwrap_or_else(PoisonError::into_inner);
        let (buffer, take) = &mut *guard;
        buffer.clear();
        self.encoder.request(self.format, record.kind(), std::iter::once(record), buffer);
        take(record.kind(), buffer);
    }
}

impl Builder {
    /// Hands each record to `take` as one OTLP request, instead of sending it: for tests, benches and files. `take`
    /// must not record spans or events.
    pub fn requests(self, format: Format, take: impl FnMut(SignalKind, &[u8]) + Send + 'static) -> Self {
        self.way_out(Box::new(move |opening| {
            let encoder = Encoder::new(opening.resource, opening.registries);
            Ok(Box::new(Each { encoder, format, take: Mutex::new((Vec::new(), take)) }))
        }))
    }
}

//! Records everything that the program records: a second layer, which copies every span, event and field.
//!
//! It stands for the program's own log, and also gets undeclared data. It keeps raw values, so its types have no
//! `Debug`, and the values leave the process only to the screen.

use std::fmt::{self, Debug};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use scruple::privacy::Raw;
use scruple::registry::SignalKind;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

/// A span or an event as the program recorded it.
#[derive(Clone)]
pub struct RecordedSignal {
    /// A span or an event.
    pub signal: SignalKind,
    /// Its name.
    pub name: String,
    /// Its fields in the order of their recording; a field may come twice.
    pub fields: Vec<(String, Plain)>,
    /// The position of its end among the ends of all spans and events.
    ended: usize,
}

/// A recorded value.
#[derive(Clone, PartialEq)]
pub enum Plain {
    /// A boolean.
    Boolean(bool),
    /// A number of `i64`.
    Integer(i64),
    /// A number of `u64`.
    Unsigned(u64),
    /// A number of `f64`.
    Float(f64),
    /// Text, or the output of a `Debug`.
    Text(String),
    /// An error, bytes, or a 128-bit integer, as text for a person.
    Other(String),
}

impl Plain {
    /// The value in the form that a treatment takes.
    pub fn raw(&self) -> Raw<'_> {
        match self {
            Self::Boolean(value) => Raw::Boolean(*value),
            Self::Integer(value) => Raw::Integer(*value),
            Self::Unsigned(value) => Raw::Unsigned(*value),
            Self::Float(value) => Raw::Float(*value),
            Self::Text(value) => Raw::Text(value),
            Self::Other(_) => Raw::Other,
        }
    }
}

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Unsigned(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value}"),
            Self::Text(value) | Self::Other(value) => f.write_str(value),
        }
    }
}

/// The layer that copies all records. A clone has the same log.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Mutex<Book>>);

#[derive(Default)]
struct Book {
    records: Vec<RecordedSignal>,
    ended: usize,
}

/// The index of a span's record in the book.
struct RecordIndex(usize);

impl Recorder {
    /// All records in the order of their ends, which is the order in which each kind is sent.
    pub fn records(&self) -> Vec<RecordedSignal> {
        let mut records = self.book().records.clone();
        records.sort_by_key(|record| record.ended);
        records
    }

    /// For each record, in the order of their starts, its position in [`Recorder::records`].
    pub fn begun(&self) -> Vec<usize> {
        let book = self.book();
        let mut order: Vec<usize> = (0..book.records.len()).collect();
        order.sort_by_key(|&index| book.records.get(index).map_or(usize::MAX, |record| record.ended));
        let mut places = vec![0; order.len()];
        for (place, &index) in order.iter().enumerate() {
            if let Some(slot) = places.get_mut(index) {
                *slot = place;
            }
        }
        places
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn open(&mut self, metadata: &Metadata<'_>, fields: FieldVisitor) -> usize {
        let signal = if metadata.is_span() { SignalKind::Span } else { SignalKind::Event };
        let record = RecordedSignal { signal, name: metadata.name().to_owned(), fields: fields.0, ended: usize::MAX };
        self.records.push(record);
        self.records.len() - 1
    }

    fn change(&mut self, page: usize, change: impl FnOnce(&mut RecordedSignal)) {
        if let Some(record) = self.records.get_mut(page) {
            change(record);
        }
    }

    fn end(&mut self, page: usize) {
        self.ended += 1;
        let ended = self.ended;
        self.change(page, |record| record.ended = ended);
    }
}

impl<S> Layer<S> for Recorder
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        // Read before the lock is taken: a value's `Debug` may record too.
        let mut fields = FieldVisitor::default();
        attributes.record(&mut fields);
        let page = self.book().open(attributes.metadata(), fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(RecordIndex(page));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut fields = FieldVisitor::default();
        values.record(&mut fields);
        let page = context.span(id).and_then(|span| span.extensions().get::<RecordIndex>().map(|page| page.0));
        if let Some(page) = page {
            self.book().change(page, |record| record.fields.extend(fields.0));
        }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = FieldVisitor::default();
        event.record(&mut fields);
        let mut book = self.book();
        let page = book.open(event.metadata(), fields);
        book.end(page);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let page = context.span(&id).and_then(|span| span.extensions().get::<RecordIndex>().map(|page| page.0));
        if let Some(page) = page {
            self.book().end(page);
        }
    }
}

#[derive(Default)]
struct FieldVisitor(Vec<(String, Plain)>);

impl FieldVisitor {
    fn push(&mut self, field: &Field, value: Plain) {
        self.0.push((field.name().to_owned(), value));
    }
}

impl Visit for FieldVisitor {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push(field, Plain::Boolean(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push(field, Plain::Integer(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push(field, Plain::Unsigned(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.push(field, Plain::Float(value));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.push(field, Plain::Other(value.to_string()));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.push(field, Plain::Other(value.to_string()));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.push(field, Plain::Text(value.to_owned()));
    }

    fn record_bytes(&mut self, field: &Field, value: &[u8]) {
        self.push(field, Plain::Other(format!("{value:02x?}")));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.push(field, Plain::Other(value.to_string()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.push(field, Plain::Text(format!("{value:?}")));
    }
}

//! The fields that tracing-opentelemetry and the appender must not see: they read every value in full.
//!
//! A value's `Debug` is the program's code, and may panic or never end: for an undeclared field it is not read, and for
//! a declared one it is read as in the layer. Both libraries also interpret some fields: `otel.name` and `otel.kind`
//! change a span, `otel.status_description` makes it failed; an error becomes further attributes, under names other
//! than that of its field (`exception.message`, `<field>.chain`); bytes and 128-bit numbers become text. The registry
//! does not declare these fields. If one of these is recorded, copies of the declared fields are passed on, and such
//! values become ones that no treatment accepts.

use crate::privacy::{DropReason, Field as Where, Sanitizer, SignalId};
use std::error::Error;
use std::fmt::Debug;
use tracing::field::{Field, FieldSet, Value, ValueSet, Visit, display};

/// Fields of spans that tracing-opentelemetry 0.34 interprets.
const SPECIAL: [&str; 3] = ["otel.kind", "otel.name", "otel.status_description"];

/// The most values that are passed on: a signal declares fewer.
const MOST: usize = 64;

/// Whether `record` has one of these values.
pub(super) fn has_special(fields: &[Where], record: impl FnOnce(&mut dyn Visit)) -> bool {
    let mut look = Look { fields, found: false };
    record(&mut look);
    look.found
}

struct Look<'a> {
    fields: &'a [Where],
    found: bool,
}

impl Look<'_> {
    fn see(&mut self, field: &Field) {
        self.found = self.found || matches!(place(self.fields, field), None | Some(Where::Nowhere(..)));
    }
}

impl Visit for Look<'_> {
    fn record_bool(&mut self, field: &Field, _: bool) {
        self.see(field);
    }

    fn record_i64(&mut self, field: &Field, _: i64) {
        self.see(field);
    }

    fn record_u64(&mut self, field: &Field, _: u64) {
        self.see(field);
    }

    fn record_f64(&mut self, field: &Field, _: f64) {
        self.see(field);
    }

    fn record_str(&mut self, field: &Field, _: &str) {
        self.see(field);
    }

    /// All types without a method of their own here.
    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {
        self.found = true;
    }

    fn record_i128(&mut self, _: &Field, _: i128) {
        self.found = true;
    }

    fn record_u128(&mut self, _: &Field, _: u128) {
        self.found = true;
    }

    fn record_bytes(&mut self, _: &Field, _: &[u8]) {
        self.found = true;
    }

    fn record_error(&mut self, _: &Field, _: &(dyn Error + 'static)) {
        self.found = true;
    }
}

/// The destination of a field of this name, found once for each callsite.
pub(super) fn find(sanitizer: &Sanitizer, of: SignalId, name: &str) -> Where {
    if SPECIAL.contains(&name) {
        return Where::Nowhere(of, DropReason::UndeclaredField);
    }
    sanitizer.field(of, name)
}

fn place(fields: &[Where], field: &Field) -> Option<Where> {
    fields.get(field.index()).copied()
}

/// The values of declared fields, copied.
pub(super) struct RecordedFields<'a> {
    sanitizer: &'a Sanitizer,
    fields: &'a [Where],
    values: Vec<(Field, Box<dyn Value>)>,
}

impl<'a> RecordedFields<'a> {
    /// The declared fields of `record`; the others are counted as dropped.
    pub(super) fn of(sanitizer: &'a Sanitizer, fields: &'a [Where], record: impl FnOnce(&mut dyn Visit)) -> Self {
        let mut kept = Self { sanitizer, fields, values: Vec::new() };
        record(&mut kept);
        kept
    }

    /// Presents them as the values of a callsite.
    pub(super) fn show<T>(&self, fields: &FieldSet, act: impl FnOnce(&ValueSet<'_>) -> T) -> Option<T> {
        let spare = fields.iter().next()?;
        let value = |at: usize| match self.values.get(at) {
            Some((field, value)) => (field, Some(&**value)),
            None => (&spare, None),
        };
        let values: [(&Field, Option<&dyn Value>); MOST] = std::array::from_fn(value);
        Some(act(&fields.value_set(&values)))
    }

    fn keep(&mut self, field: &Field, value: impl FnOnce(Where) -> Box<dyn Value>) {
        match place(self.fields, field) {
            Some(Where::Nowhere(of, why)) => self.sanitizer.withhold_value(of, field.name(), why),
            Some(place) => self.values.push((field.clone(), value(place))),
            None => {}
        }
    }

    /// Passes a value that no treatment accepts.
    fn refuse(&mut self, field: &Field) {
        self.keep(field, |_| Box::new(f64::NAN));
    }
}

impl Visit for RecordedFields<'_> {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.keep(field, |_| Box::new(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.keep(field, |_| Box::new(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.keep(field, |_| Box::new(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.keep(field, |_| Box::new(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.keep(field, |_| Box::new(value.to_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.keep(field, |place| Box::new(display(Sanitizer::text_of(place, value))));
    }

    fn record_i128(&mut self, field: &Field, _: i128) {
        self.refuse(field);
    }

    fn record_u128(&mut self, field: &Field, _: u128) {
        self.refuse(field);
    }

    fn record_bytes(&mut self, field: &Field, _: &[u8]) {
        self.refuse(field);
    }

    fn record_error(&mut self, field: &Field, _: &(dyn Error + 'static)) {
        self.refuse(field);
    }
}

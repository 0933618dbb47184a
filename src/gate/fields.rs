//! What tracing-opentelemetry and the appender would take for more than a field.
//!
//! `otel.name` and `otel.kind` change a span, `otel.status_description` makes it failed; an error becomes further
//! attributes, whose names are not those of its field (`exception.message`, `<field>.chain`); bytes and 128-bit numbers
//! become text. None of it is what the registry declares. Where one of these is recorded, only the declared fields are
//! handed on, and such values as ones that no treatment accepts.

use crate::privacy::{Field as Where, Sieve, SignalRef, Withheld};
use std::error::Error;
use std::fmt::Debug;
use tracing::field::{Field, FieldSet, Value, ValueSet, Visit, display};

/// Fields of spans that tracing-opentelemetry 0.34 reads in its own way.
const SPECIAL: [&str; 3] = ["otel.kind", "otel.name", "otel.status_description"];

/// The most values that are handed on: a signal declares fewer.
const MOST: usize = 64;

/// Whether there is one of these among the values that `record` shows.
pub(super) fn has_special(record: impl FnOnce(&mut dyn Visit)) -> bool {
    let mut look = Look(false);
    record(&mut look);
    look.0
}

struct Look(bool);

impl Look {
    fn see(&mut self, field: &Field) {
        self.0 |= SPECIAL.contains(&field.name());
    }
}

impl Visit for Look {
    fn record_debug(&mut self, field: &Field, _: &dyn Debug) {
        self.see(field);
    }

    fn record_str(&mut self, field: &Field, _: &str) {
        self.see(field);
    }

    fn record_i128(&mut self, _: &Field, _: i128) {
        self.0 = true;
    }

    fn record_u128(&mut self, _: &Field, _: u128) {
        self.0 = true;
    }

    fn record_bytes(&mut self, _: &Field, _: &[u8]) {
        self.0 = true;
    }

    fn record_error(&mut self, _: &Field, _: &(dyn Error + 'static)) {
        self.0 = true;
    }
}

/// The values of declared fields, copied.
pub(super) struct Kept<'a> {
    sieve: &'a Sieve,
    of: SignalRef,
    values: Vec<(Field, Box<dyn Value>)>,
}

impl<'a> Kept<'a> {
    /// Those among the values that `record` shows; the others are counted as withheld.
    pub(super) fn of(sieve: &'a Sieve, of: SignalRef, record: impl FnOnce(&mut dyn Visit)) -> Self {
        let mut kept = Self { sieve, of, values: Vec::new() };
        record(&mut kept);
        kept
    }

    /// Shows them as the values of a callsite.
    pub(super) fn show<T>(&self, fields: &FieldSet, act: impl FnOnce(&ValueSet<'_>) -> T) -> Option<T> {
        let spare = fields.iter().next()?;
        let value = |at: usize| match self.values.get(at) {
            Some((field, value)) => (field, Some(&**value)),
            None => (&spare, None),
        };
        let values: [(&Field, Option<&dyn Value>); MOST] = std::array::from_fn(value);
        Some(act(&fields.value_set(&values)))
    }

    fn is_declared(&self, field: &Field) -> bool {
        if SPECIAL.contains(&field.name()) {
            self.sieve.withhold(Withheld::UndeclaredField);
            return false;
        }
        match self.sieve.field(self.of, field.name()) {
            Where::Slot(_) | Where::Status => true,
            Where::Nowhere(why) => {
                self.sieve.withhold(why);
                false
            }
        }
    }

    fn keep(&mut self, field: &Field, value: impl FnOnce() -> Box<dyn Value>) {
        if self.is_declared(field) {
            self.values.push((field.clone(), value()));
        }
    }

    /// Hands on what no treatment accepts.
    fn refuse(&mut self, field: &Field) {
        self.keep(field, || Box::new(f64::NAN));
    }
}

impl Visit for Kept<'_> {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.keep(field, || Box::new(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.keep(field, || Box::new(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.keep(field, || Box::new(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.keep(field, || Box::new(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.keep(field, || Box::new(value.to_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.keep(field, || Box::new(display(format!("{value:?}"))));
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

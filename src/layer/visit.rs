//! Reads recorded values and treats each one during the visit.

use super::spare;
use crate::privacy::{
    Clean, DropReason, Field as Where, Raw, Record, Sanitizer, Slot, SpanStatus, TreatedValue, write_bounded,
};
use std::cell::Cell;
use std::fmt::Debug;
use tracing::field::{Field, Visit as Visitor};

thread_local! {
    static VISITING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is reading values now: records made meanwhile come from a value's own `Debug`.
pub(super) fn visiting() -> bool {
    VISITING.try_with(Cell::get).unwrap_or(true)
}

/// Treats each value into `to`; the status is collected for the end.
pub(super) struct Visit<'a, T> {
    sanitizer: &'a Sanitizer,
    fields: &'a [Where],
    to: &'a mut T,
    status: SpanStatus,
    in_hook: bool,
}

/// The destination of treated values.
pub(super) trait Target {
    fn put(&mut self, sanitizer: &Sanitizer, slot: Slot, raw: Raw<'_>, scratch: &mut String);
}

impl Target for Clean<Record> {
    #[inline(always)]
    fn put(&mut self, sanitizer: &Sanitizer, slot: Slot, raw: Raw<'_>, scratch: &mut String) {
        sanitizer.treat_into(self, slot, raw, scratch);
    }
}

impl Target for Vec<TreatedValue> {
    fn put(&mut self, sanitizer: &Sanitizer, slot: Slot, raw: Raw<'_>, scratch: &mut String) {
        self.push(sanitizer.treat(slot, raw, scratch));
    }
}

impl<'a, T: Target> Visit<'a, T> {
    pub(super) fn new(sanitizer: &'a Sanitizer, fields: &'a [Where], to: &'a mut T) -> Self {
        Self { sanitizer, fields, to, status: SpanStatus::Unset, in_hook: false }
    }

    /// For our own panic hook, whose author is responsible for the values: their `Debug` is read although the thread
    /// panics.
    pub(super) fn in_hook(self) -> Self {
        Self { in_hook: true, ..self }
    }

    /// The status that was recorded.
    pub(super) fn finish(self) -> SpanStatus {
        self.status
    }

    /// Inlined with the treatment, so that each kind of value has its own short way.
    #[inline(always)]
    fn value(&mut self, field: &Field, raw: Raw<'_>) {
        self.read(field, raw, &mut String::new());
    }

    /// Only a `Debug` needs `scratch`: an empty text costs nothing.
    #[inline(always)]
    fn read(&mut self, field: &Field, raw: Raw<'_>, scratch: &mut String) {
        match self.fields.get(field.index()) {
            Some(&Where::Slot(slot)) => self.to.put(self.sanitizer, slot, raw, scratch),
            Some(Where::Status) => self.status = self.status.max(Sanitizer::status(raw, scratch)),
            Some(&Where::Nowhere(of, why)) => self.sanitizer.withhold_value(of, field.name(), why),
            None => {}
        }
    }
}

impl<T: Target> Visitor for Visit<'_, T> {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.value(field, Raw::Boolean(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.value(field, Raw::Integer(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.value(field, Raw::Unsigned(value));
    }

    fn record_i128(&mut self, field: &Field, _: i128) {
        self.value(field, Raw::Other);
    }

    fn record_u128(&mut self, field: &Field, _: u128) {
        self.value(field, Raw::Other);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.value(field, Raw::Float(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.value(field, Raw::Text(value));
    }

    fn record_bytes(&mut self, field: &Field, _: &[u8]) {
        self.value(field, Raw::Other);
    }

    fn record_error(&mut self, field: &Field, _: &(dyn std::error::Error + 'static)) {
        self.value(field, Raw::Other);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // Only declared fields are read.
        match self.fields.get(field.index()) {
            Some(to @ (Where::Slot(_) | Where::Status)) => {
                let _visiting = Visiting::begin();
                let mut scratch = spare::text();
                if !self.in_hook {
                    self.read(field, Raw::Debug(value), &mut scratch);
                } else if write_bounded(value, &mut scratch).is_ok() {
                    self.value(field, Raw::Text(&scratch));
                } else if let &Where::Slot(slot) = to {
                    self.sanitizer.withhold_slot(slot, DropReason::Unreadable);
                } else {
                    self.sanitizer.withhold(DropReason::Unreadable);
                }
                spare::give_text(scratch);
            }
            _ => self.value(field, Raw::Other),
        }
    }
}

/// Marks the thread while a value's own code runs.
struct Visiting;

impl Visiting {
    fn begin() -> Self {
        let _ = VISITING.try_with(|visiting| visiting.set(true));
        Self
    }
}

impl Drop for Visiting {
    fn drop(&mut self) {
        let _ = VISITING.try_with(|visiting| visiting.set(false));
    }
}

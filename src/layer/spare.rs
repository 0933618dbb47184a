//! Buffers that a thread reuses, so that a record needs no allocation.

use crate::privacy::{Clean, Record, Sanitizer, SignalId, TreatedValue};
use std::cell::RefCell;

/// The number of records that a thread keeps: the likely number of its open spans.
const MOST: usize = 16;

thread_local! {
    static SPARE: RefCell<Spare> = const { RefCell::new(Spare { records: Vec::new(), list: Vec::new(), text: String::new() }) };
}

struct Spare {
    #[expect(clippy::vec_box, reason = "records go to the open spans and back without being copied")]
    records: Vec<Box<Clean<Record>>>,
    list: Vec<TreatedValue>,
    text: String,
}

/// A record for any signal, not yet begun.
#[inline]
pub(crate) fn record(sanitizer: &Sanitizer, of: SignalId) -> Option<Box<Clean<Record>>> {
    with(|spare| spare.records.pop()).flatten().or_else(|| sanitizer.blank(of).map(Box::new))
}

#[inline]
pub(crate) fn give_record(mut record: Box<Clean<Record>>) {
    record.forget_events();
    with(|spare| {
        if spare.records.len() < MOST {
            spare.records.push(record);
        }
    });
}

/// An empty list.
pub(super) fn list() -> Vec<TreatedValue> {
    with(|spare| std::mem::take(&mut spare.list)).unwrap_or_default()
}

pub(super) fn give_list(mut list: Vec<TreatedValue>) {
    list.clear();
    with(|spare| spare.list = list);
}

/// An empty text.
pub(super) fn text() -> String {
    with(|spare| std::mem::take(&mut spare.text)).unwrap_or_default()
}

pub(super) fn give_text(mut text: String) {
    text.clear();
    with(|spare| spare.text = text);
}

/// `None` while the thread ends, and on re-entry from a value's own `Debug`.
#[inline]
fn with<T>(act: impl FnOnce(&mut Spare) -> T) -> Option<T> {
    SPARE.try_with(|spare| spare.try_borrow_mut().ok().map(|mut spare| act(&mut spare))).ok().flatten()
}

//! The entered spans of each thread, so that a parent depends on no undeclared span.
//!
//! `tracing-subscriber` keeps such a stack too, but exposes only its top. It knows the surroundings of an undeclared
//! span only by that span's parent, which an undeclared `parent:` chooses, and which exists only if another layer
//! enables the span.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

thread_local! {
    static STACK: RefCell<Vec<EnteredSpan>> = const { RefCell::new(Vec::new()) };
}

#[derive(PartialEq)]
struct EnteredSpan {
    /// Ids belong to one subscriber, and a thread may use several.
    layer: u64,
    id: u64,
    /// Already in the stack: entering it again doesn't make it current, as in `tracing-subscriber`.
    again: bool,
}

/// The entered spans of one layer, by thread.
#[derive(Clone, Copy)]
pub(crate) struct Entered {
    layer: u64,
}

impl Entered {
    pub(crate) fn new() -> Self {
        static LAYERS: AtomicU64 = AtomicU64::new(0);
        Self { layer: LAYERS.fetch_add(1, Ordering::Relaxed) }
    }

    #[inline]
    pub(crate) fn enter(&self, id: u64) {
        with(|stack| {
            let again = stack.iter().any(|entry| self.is(entry, id));
            stack.push(EnteredSpan { layer: self.layer, id, again });
        });
    }

    #[inline]
    pub(crate) fn exit(&self, id: u64) {
        with(|stack| {
            if let Some(at) = stack.iter().rposition(|entry| self.is(entry, id)) {
                stack.remove(at);
            }
        });
    }

    /// Removes a closed span: `tracing-subscriber` reports no exit if the last handle was dropped while the span was
    /// entered.
    #[inline]
    pub(crate) fn close(&self, id: u64) {
        with(|stack| stack.retain(|entry| !self.is(entry, id)));
    }

    /// The first result of `find`, from the innermost span outwards. It must not enter or exit a span.
    #[inline]
    pub(crate) fn innermost<T>(&self, find: impl Fn(u64) -> Option<T>) -> Option<T> {
        let mut entered = None;
        with(|stack| {
            let mut ours = stack.iter().rev().filter(|entry| entry.layer == self.layer && !entry.again);
            entered = ours.find_map(|entry| find(entry.id));
        });
        entered
    }

    #[inline]
    fn is(&self, entry: &EnteredSpan, id: u64) -> bool {
        entry.layer == self.layer && entry.id == id
    }
}

/// Does nothing while the thread ends.
#[inline]
fn with(act: impl FnOnce(&mut Vec<EnteredSpan>)) {
    let _ = STACK.try_with(|stack| {
        if let Ok(mut stack) = stack.try_borrow_mut() {
            act(&mut stack);
        }
    });
}

#[cfg(test)]
mod tests;

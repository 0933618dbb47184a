//! Threads on which nothing that is recorded is heard: our libraries stay out of the host's subscribers.
//!
//! On the host's own threads there is no way to that: setting a default subscriber panics while an event is being
//! dispatched (tracing-core 0.1.36 holds the current one borrowed), which is when records come in. So whatever may
//! record something of its own is done on threads of ours.
//!
//! A thread of ours that has no subscriber costs the host a little: while there is a scoped subscriber anywhere,
//! `tracing` looks one up for each event (some nanoseconds), and drops events that are recorded inside a subscriber.
//!
//! `Dispatch::none()` is a constant. A dispatcher made of a `NoSubscriber` would be registered with `tracing` and
//! asked for its interest, and its "never" would take the host's callsites off their fast path.

use std::cell::RefCell;
use tracing::Dispatch;
use tracing::dispatcher::{self, DefaultGuard};

/// Takes the subscriber from the current thread, which is one of ours, until it ends.
pub(super) fn hush_thread() {
    thread_local! {
        static HUSHED: RefCell<Option<DefaultGuard>> = const { RefCell::new(None) };
    }
    // A thread that is ending has nothing left to hush.
    let _ = HUSHED.try_with(|guard| {
        guard.borrow_mut().get_or_insert_with(|| dispatcher::set_default(&Dispatch::none()));
    });
}

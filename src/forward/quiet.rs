//! Threads without a subscriber: our libraries' events stay out of the host's subscribers.
//!
//! On the host's own threads that is impossible: setting a default subscriber panics while an event is being dispatched
//! (tracing-core 0.1.36 holds the current one borrowed), which is when records come in. So code that may emit events of
//! its own runs on our threads.
//!
//! A thread without a subscriber costs the host a little: while there is a scoped subscriber anywhere, `tracing` looks
//! one up for each event (some nanoseconds), and drops events that are recorded inside a subscriber.
//!
//! `Dispatch::none()` is a constant. A dispatcher made of a `NoSubscriber` would be registered with `tracing` and
//! asked for its interest, and its "never" would take the host's callsites off their fast path.

use std::cell::RefCell;
use tracing::Dispatch;
use tracing::dispatcher::{self, DefaultGuard};

/// Removes the subscriber from the current thread, which is ours, until it ends.
pub(super) fn hush_thread() {
    thread_local! {
        static HUSHED: RefCell<Option<DefaultGuard>> = const { RefCell::new(None) };
    }
    // A failure means that the thread is ending.
    let _ = HUSHED.try_with(|guard| {
        guard.borrow_mut().get_or_insert_with(|| dispatcher::set_default(&Dispatch::none()));
    });
}

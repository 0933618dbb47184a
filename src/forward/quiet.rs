//! Where nothing that is recorded is heard: our libraries' own spans and events stay out of the host's subscribers.
//!
//! `Dispatch::none()` is a constant. A dispatcher made of a `NoSubscriber` would be registered with `tracing` and
//! asked for its interest, and its "never" would take the host's callsites off their fast path.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use tracing::Dispatch;
use tracing::dispatcher::{self, DefaultGuard};

/// Runs `work` without a subscriber.
pub(super) fn quietly<T>(work: impl FnOnce() -> T) -> T {
    dispatcher::with_default(&Dispatch::none(), work)
}

/// Runs a future without a subscriber, whoever polls it.
pub(super) async fn quietly_async<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    poll_fn(|context| quietly(|| work.as_mut().poll(context))).await
}

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

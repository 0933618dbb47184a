//! A panic as a record: the program's own event, at the place where it happened.

use super::Telemetry;
use super::telemetry::Inside;
use std::cell::Cell;
use std::panic::{self, Location};
use std::sync::{Arc, Weak};
use std::thread;

thread_local! {
    /// A panic while one is recorded aborts the process as it is; it is not recorded too.
    static IS_RECORDING: Cell<bool> = const { Cell::new(false) };
}

impl Telemetry {
    /// Has every panic of the process recorded as an event that the registry declares, from now until the telemetry ends.
    ///
    /// `record` gets the place and records the event, with the typed function that codegen wrote for it or a macro of
    /// `tracing`: an attribute `from: location` sends the file and the line if they are in the program's own sources, and
    /// nothing of it otherwise. The panic's message is not to be had. It must not panic itself.
    ///
    /// The hook that was there before is called afterwards, also where nothing is recorded because telemetry is off. Whoever
    /// sets another hook later replaces this one. What was recorded is on disk before the program unwinds or aborts.
    pub fn on_panic(&self, record: impl Fn(&Location<'_>) + Send + Sync + 'static) {
        // A hook can't be set by a thread that panics.
        if thread::panicking() {
            return;
        }
        let inside = Arc::downgrade(&self.inside);
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if let Some(place) = panic.location().filter(|_| is_on(&inside))
                && !IS_RECORDING.replace(true)
            {
                record(place);
                IS_RECORDING.set(false);
            }
            before(panic);
        }));
    }
}

/// As last known: a panic is no time to read files.
fn is_on(inside: &Weak<Inside>) -> bool {
    inside.upgrade().is_some_and(|inside| inside.has_line())
}

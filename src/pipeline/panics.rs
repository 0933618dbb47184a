//! A panic as a record: the program's own event, at the place where it happened.

use super::telemetry::Telemetry;
use crate::layer::{in_hook, prepare};
use std::panic::{self, Location};
use std::sync::Arc;
use std::thread;

impl Telemetry {
    /// Records every panic of the process as a declared event, from now until the telemetry ends.
    ///
    /// `record` gets the location and records the event, with the function that codegen wrote for it or a macro of
    /// `tracing`: an attribute `from: location` sends the file and the line if they are in the program's own sources,
    /// and nothing otherwise. The panic message is never available. `record` must not panic: that aborts the process,
    /// and so does a value whose `Debug` panics.
    ///
    /// The event goes to the telemetry alone: other layers of the program's subscriber do not see it, because the panic
    /// may come from a layer that holds its locks. It belongs to the innermost declared span of the layer on this
    /// thread; in a program with gates it has no span. Other events that `record` records are dropped. Nothing is
    /// recorded on a thread without a subscriber, nor for a panic inside a subscriber that was set for one thread
    /// (`tracing::subscriber::set_default`), as in a value's `Debug` that one of its layers reads: `tracing` records
    /// nothing there.
    ///
    /// The previous hook is called afterwards, also if nothing is recorded because telemetry is off. A later hook
    /// replaces this one. The record is on disk before the program unwinds or aborts.
    pub fn on_panic(&self, record: impl Fn(&Location<'_>) + Send + Sync + 'static) {
        // A panicking thread can't set a hook.
        if thread::panicking() {
            return;
        }
        prepare();
        let shared = Arc::downgrade(&self.shared);
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            // Uses the last known state: a panic hook must not read files.
            if let Some(place) = panic.location()
                && let Some(shared) = shared.upgrade()
                && let Some(pipeline) = shared.pipeline()
            {
                in_hook(&pipeline.recorder, pipeline.innermost(), || record(place));
            }
            before(panic);
        }));
    }
}

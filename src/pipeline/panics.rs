//! A panic as a record: the program's own event, at the place where it happened.

use super::telemetry::Telemetry;
use crate::layer::{in_hook, prepare};
use std::panic::{self, Location};
use std::sync::Arc;
use std::thread;

impl Telemetry {
    /// Has every panic of the process recorded as an event that the registry declares, from now until the telemetry ends.
    ///
    /// `record` gets the place and records the event, with the typed function that codegen wrote for it or a macro of
    /// `tracing`: an attribute `from: location` sends the file and the line if they are in the program's own sources, and
    /// nothing of it otherwise. The panic's message is not to be had. It must not panic itself: that aborts the process,
    /// and so does a value whose `Debug` panics.
    ///
    /// The event goes to the telemetry alone: other layers of the program's subscriber do not see it, because the panic
    /// may come out of one that holds its locks. It belongs to the innermost declared span that the layer has on this
    /// thread; a program with gates gives it no span. What else `record` records is dropped. Nothing is recorded on a
    /// thread without a subscriber, nor of a panic in the work of a subscriber that was set for one thread
    /// (`tracing::subscriber::set_default`), as in a value's `Debug` that a layer of it reads: `tracing` lets nothing
    /// through there.
    ///
    /// The hook that was there before is called afterwards, also where nothing is recorded because telemetry is off. Whoever
    /// sets another hook later replaces this one. What was recorded is on disk before the program unwinds or aborts.
    pub fn on_panic(&self, record: impl Fn(&Location<'_>) + Send + Sync + 'static) {
        // A hook can't be set by a thread that panics.
        if thread::panicking() {
            return;
        }
        prepare();
        let shared = Arc::downgrade(&self.shared);
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            // Whether it is on is what was last known: a panic is no time to read files.
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

//! The handle of a program's telemetry.

use super::open::Pipeline;
use super::shared::Shared;
use super::used::Used;
use crate::consent::{Decision, Informational, Reason};
use crate::identity::Session;
use crate::layer::{Layer, LayerHandle, layer};
use crate::privacy::DropCounts;
use std::fmt;
use std::process::Command;
use std::sync::Arc;
use tracing::Subscriber;
use tracing_subscriber::registry::LookupSpan;

/// The telemetry of one program. Keep it until the program ends.
///
/// A forked process records too, with its own ids, session and files; spans that were open at the fork end in the
/// parent only. Threads are not forked: a forked process loses records that a thread would send (`forward`, or an
/// upload in a thread), or leaves them to another process. With an exporter of the author's own, parent and child share
/// one session id.
#[must_use = "dropping it ends the telemetry"]
pub struct Telemetry {
    pub(super) shared: Arc<Shared>,
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (app_id, decision) = (self.shared.settings.app_id(), self.decision());
        f.debug_struct("Telemetry").field("app_id", &app_id).field("decision", &decision).finish_non_exhaustive()
    }
}

impl Telemetry {
    /// The layer for the program's subscriber. It has its own per-layer filter: do not put another filter on it, nor a
    /// global filter on the whole subscriber, which hides declared spans and events from every layer.
    ///
    /// Set the subscriber as the global default. A subscriber of one thread records that thread only. If it is the only
    /// subscriber of the process, `tracing` (core 0.1.36) asks the thread that first reaches a callsite: if that thread
    /// has no subscriber, the callsite is off for all threads, declared or not, until another subscriber is made or
    /// `tracing::callsite::rebuild_interest_cache()` is called. Nothing reports this here: `tracing` does not tell
    /// layers.
    ///
    /// To continue a declared span in a task or on another thread, keep the span itself, not `Span::current()`: inside
    /// an undeclared span, the result of `Span::current()` depends on the other layers.
    ///
    /// Add the layer to a `tracing_subscriber::registry()` before that becomes the default. On a subscriber from
    /// `tracing_subscriber::fmt().finish()` or `.init()` it panics, as every layer with a filter does: write
    /// `registry().with(telemetry.layer()).with(tracing_subscriber::fmt::layer())`. Inside a `reload::Layer` it must be
    /// present from the start: `reload` does not register a later layer with the subscriber, and `tracing-subscriber`
    /// then panics in a debug build, or records by other layers' filters.
    pub fn layer<S>(&self) -> Layer<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let handle = LayerHandle::new(&self.shared.is_placed);
        self.shared.connect(&handle);
        layer(handle)
    }

    /// The last decision and its reason: from `build()`, from a later choice of the program or the person, or from
    /// [`Telemetry::is_on`].
    pub fn decision(&self) -> Decision {
        self.shared.decision()
    }

    /// Whether records are made and sent now. It reads the environment and the files again, so that a variable that the
    /// running program has set counts at once; a no is final. If all that the program declares has passed its end while
    /// it ran, it is `false` too, and [`Telemetry::decision`] is off with that reason
    /// ([`Reason::Expired`](crate::Reason::Expired)).
    ///
    /// In a host in another language, no other thread may change the environment meanwhile: C's `setenv` and `getenv`
    /// do not wait for each other, and the process may crash. There, ask [`Telemetry::is_on_by_files`].
    pub fn is_on(&self) -> bool {
        self.shared.is_on(true)
    }

    /// Whether records are made and sent now, without reading the environment: a call of `disable` and the files count,
    /// and the variables as they were when the telemetry was built. Any thread may ask at any time.
    ///
    /// No thread of this library reads the environment after `build()`, except that the C library does so where it
    /// resolves a receiver's name. Recording does not either, while there are other threads. [`client`](crate::client),
    /// [`Telemetry::is_on`], [`Telemetry::status`], [`Telemetry::set_consent`], [`Telemetry::send`],
    /// [`Telemetry::reset`], the notice, the parsing with clap, and the end of the telemetry do, on the thread that calls
    /// them.
    pub fn is_on_by_files(&self) -> bool {
        self.shared.is_on(false)
    }

    /// Turns telemetry off, at once and for good in this process: no unsent record is sent. It waits for a request in
    /// progress, which stops within about 50 ms whatever the network does; for two seconds at most.
    pub fn disable(&self) {
        self.shared.disable(Reason::Disabled);
    }

    /// Turns telemetry off for an informational run, such as `--help`: for programs that parse their arguments
    /// themselves.
    pub fn set_informational(&self, asked: Informational) {
        self.shared.disable(Reason::Informational(asked));
    }

    /// Passes this process's session to a child of the same program, so that their records belong together. It passes
    /// none while telemetry is off, or if the registry declares no session.
    pub fn propagate_session(&self, child: &mut Command) {
        let pipeline = self.pipeline().filter(|pipeline| pipeline.switch.is_on());
        if let Some(session) = pipeline.and_then(|pipeline| pipeline.session(&self.shared.settings)) {
            child.env(Session::variable(self.shared.settings.app_id()), session.value());
        }
    }

    /// The arguments and the subcommand in use, for the program to record; empty until `Telemetry::clap` (feature
    /// `clap`) has parsed them.
    pub fn used(&self) -> &Used {
        static NOTHING: Used = Used::NOTHING;
        self.shared.used.get().unwrap_or(&NOTHING)
    }

    /// The counts of dropped values and records, by reason.
    pub fn drop_counts(&self) -> &DropCounts {
        &self.shared.drop_counts
    }

    pub(super) fn pipeline(&self) -> Option<&Pipeline> {
        self.shared.pipeline()
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(pipeline) = self.pipeline() {
            pipeline.recorder.close(pipeline.shutdown_timeout);
            pipeline.switch.turn_off();
        }
        self.shared.leave();
    }
}

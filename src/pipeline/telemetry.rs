//! The telemetry of one program, as the program holds it.

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
/// A process that is forked from it records too, with ids, a session and files of its own; spans that were open end in the
/// first one alone. No thread is forked with it: what a thread would send (`forward`, or an upload in a thread) is lost
/// there, or left to another process. A session's id is the same in both where the program names an exporter of its own.
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
    /// The layer for the program's subscriber. It brings its own per-layer filter: do not put a filter on top, nor one on
    /// the whole subscriber, which takes declared spans and events from every layer.
    ///
    /// Set the subscriber as the global default. One that is set for a thread hears that thread alone, and where it is the
    /// only one of the process, `tracing` (core 0.1.36) asks the thread that reaches a callsite first: if that thread has no
    /// subscriber, the callsite is off for all, declared or not, until a subscriber is made or
    /// `tracing::callsite::rebuild_interest_cache()` is called. Nothing shows it here: `tracing` tells no layer of it.
    ///
    /// To go on with a declared span elsewhere, in a task or on another thread, keep the span that was made, not
    /// `Span::current()`: inside an undeclared span, what that names depends on the other layers.
    ///
    /// It belongs on a `tracing_subscriber::registry()`, before that is set. On one that
    /// `tracing_subscriber::fmt().finish()` or `.init()` made it panics when it is put there, as every layer with a filter
    /// does: write `registry().with(telemetry.layer()).with(tracing_subscriber::fmt::layer())`. Inside a
    /// `reload::Layer` it is to be there from the start: what `reload` puts in later is not registered with the subscriber,
    /// and `tracing-subscriber` panics in a debug build, or makes records by other layers' filters.
    pub fn layer<S>(&self) -> Layer<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let handle = LayerHandle::new(&self.shared.is_placed);
        self.shared.connect(&handle);
        layer(handle)
    }

    /// What was decided last, and why: when it was built, or by what the program or the person has said since.
    pub fn decision(&self) -> Decision {
        self.shared.decision()
    }

    /// Whether records are made and sent now: asks the environment and the files again, and a no is final.
    pub fn is_on(&self) -> bool {
        self.shared.is_on()
    }

    /// Off, at once and for good in this process: nothing that is not yet sent is sent. It waits for what is being sent
    /// now, which notices it within about 50 ms whatever the network does; for two seconds at most.
    pub fn disable(&self) {
        self.shared.disable(Reason::Disabled);
    }

    /// Off for this run, which is not about the program's work: for programs that parse their arguments themselves.
    pub fn set_informational(&self, asked: Informational) {
        self.shared.disable(Reason::Informational(asked));
    }

    /// Hands this process's session down to a child of the same program, so that their records belong together. Nothing
    /// is handed down while it is off, and none where no session is declared.
    pub fn propagate_session(&self, child: &mut Command) {
        let pipeline = self.pipeline().filter(|pipeline| pipeline.switch.is_on());
        if let Some(session) = pipeline.and_then(|pipeline| pipeline.session(&self.shared.settings)) {
            child.env(Session::variable(self.shared.settings.app_id()), session.value());
        }
    }

    /// Which arguments and which subcommand this run uses, for the program to record. Nothing, until `Telemetry::clap`
    /// (feature `clap`) has parsed them.
    pub fn used(&self) -> &Used {
        static NOTHING: Used = Used::NOTHING;
        self.shared.used.get().unwrap_or(&NOTHING)
    }

    /// What was withheld so far, by reason.
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

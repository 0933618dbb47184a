//! The telemetry of one program, as the program holds it.

use super::answers::UPLOAD_ENDS;
use super::line::{Pipeline, PipelineConfig};
use super::spooled::{self, UploaderConfig};
use super::{Exporter, Upload, Used, running};
use crate::consent::{Decision, Facts, Informational, Mode, Preset, Reason, Settings, decide};
use crate::files::Deletion;
use crate::identity::Session;
use crate::layer::{Layer, LayerHandle, layer};
use crate::privacy::{DropCounts, DropReason, is_program_version};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tracing::Subscriber;
use tracing::subscriber::NoSubscriber;
use tracing_subscriber::registry::LookupSpan;

/// The telemetry of one program. Keep it until the program ends.
///
/// A process that is forked from it records too, with ids, a session and files of its own; spans that were open end in the
/// first one alone. No thread is forked with it: what a thread would send (`forward`, or an upload in a thread) is lost
/// there, or left to another process. A session's id is the same in both where the program names a way out of its own.
#[must_use = "dropping it ends the telemetry"]
pub struct Telemetry {
    pub(super) inside: Arc<Shared>,
}

/// What the program, its clients and its layers share.
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) command: Mutex<Option<String>>,
    version: Option<String>,
    /// Whether a policy is asked for.
    pub(super) is_policed: bool,
    /// What is uploaded, where that is the way out.
    pub(super) upload: Option<Upload>,
    /// What an uploader of this pipeline does, where it has one.
    pub(super) uploader: Option<UploaderConfig>,
    /// Which arguments the run uses.
    pub(super) used: OnceLock<Used>,
    /// Shows no notice.
    pub(super) is_quiet: Mutex<bool>,
    pub(super) tally: Arc<DropCounts>,
    decision: Mutex<Decision>,
    line: OnceLock<Pipeline>,
    /// What the line would be made of, until it is made or given up.
    parts: Mutex<Option<PipelineConfig>>,
    doors: Mutex<Vec<Arc<LayerHandle>>>,
    /// Whether a way in is in use: a layer in a subscriber, or a gate.
    pub(super) is_placed: Arc<AtomicBool>,
    budget: Duration,
}

impl Telemetry {
    pub(super) fn new(
        settings: Settings,
        mut parts: PipelineConfig,
        command: Option<String>,
        budget: Duration,
    ) -> Self {
        // Of a library there is no process: it takes no place from the program that it is in.
        let is_library = settings.preset == Preset::Documented;
        let is_first = !is_library && running::is_first();
        parts.is_first_line = is_first && spooled::is_first_line();
        let tally = Arc::<DropCounts>::default();
        if parts.version.take_if(|version| !is_program_version(version)).is_some() {
            tally.add(DropReason::NotAProgramVersion);
        }
        let mut decision = decide(&Facts::read(&settings));
        let uploads = spooled::is_uploader(&settings);
        if uploads == Some(false) {
            // Of a library: the program's pipeline comes later, and ends this process.
            decision = Decision { mode: Mode::Off, reason: Reason::Uploader };
        }
        let inside = Arc::new(Shared {
            command: Mutex::new(command),
            version: parts.version.clone(),
            is_policed: parts.policy.is_some(),
            uploader: parts.errand(&settings).ok().flatten(),
            settings,
            upload: parts.exporter.as_ref().and_then(Exporter::upload).cloned(),
            is_quiet: Mutex::new(false),
            used: OnceLock::new(),
            tally,
            decision: Mutex::new(decision),
            line: OnceLock::new(),
            parts: Mutex::new(Some(parts)),
            doors: Mutex::default(),
            is_placed: Arc::default(),
            budget,
        });
        if decision.reason.is_a_persons_no() {
            // What is left of an earlier yes goes now; if it can't, it is tried again at the next start. An upload that is
            // under way notices it within about 50 ms, and is not waited for: a program's start is no place to wait in.
            let _ = inside.forget(true, Deletion::AtStart);
        }
        if let Some(is_own) = uploads.filter(|_| !is_library) {
            // This process was started to upload: whatever comes of it, the program's own work is not done again. Nor where
            // it is for another pipeline: that one was the first in the process that started this one, and may never come.
            let errand = lock(&inside.parts).as_ref().and_then(|parts| parts.errand(&inside.settings).ok().flatten());
            if let Some(errand) = errand.filter(|_| is_own && decision.mode == Mode::On) {
                spooled::be_uploader(&errand);
            }
            std::process::exit(0);
        }
        inside.open(decision);
        running::enter(&inside);
        Self { inside }
    }

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
        let door = LayerHandle::new(&self.inside.is_placed);
        let mut doors = lock(&self.inside.doors);
        match self.inside.line.get() {
            Some(line) => line.watch(door.open(Arc::clone(&line.sieve))),
            None => {
                // Those whose layers are gone need not be opened.
                doors.retain(|door| Arc::strong_count(door) > 1);
                doors.push(Arc::clone(&door));
            }
        }
        layer(door)
    }

    /// What was decided last, and why: when it was built, or by what the program or the person has said since.
    pub fn decision(&self) -> Decision {
        *lock(&self.inside.decision)
    }

    /// Whether records are made and sent now: asks the environment and the files again, and a no is final.
    pub fn is_on(&self) -> bool {
        self.inside.is_on()
    }

    /// Off, at once and for good in this process: nothing that is not yet sent is sent. It waits for what is being sent
    /// now, which notices it within about 50 ms whatever the network does; for two seconds at most.
    pub fn disable(&self) {
        self.inside.disable(Reason::Disabled);
    }

    /// Off for this run, which is not about the program's work: for programs that parse their arguments themselves.
    pub fn set_informational(&self, asked: Informational) {
        self.inside.disable(Reason::Informational(asked));
    }

    /// Hands this process's session down to a child of the same program, so that their records belong together. Nothing
    /// is handed down while it is off, and none where no session is declared.
    pub fn propagate_session(&self, child: &mut Command) {
        let line = self.line().filter(|line| line.switch.is_on());
        if let Some(session) = line.and_then(|line| line.session(&self.inside.settings)) {
            child.env(Session::variable(self.inside.settings.app_id()), session.value());
        }
    }

    /// Which arguments and which subcommand this run uses, for the program to record. Nothing, until `Telemetry::clap`
    /// (feature `clap`) has parsed them.
    pub fn used(&self) -> &Used {
        static NOTHING: Used = Used::NOTHING;
        self.inside.used.get().unwrap_or(&NOTHING)
    }

    /// What was withheld so far, by reason.
    pub fn drop_counts(&self) -> &DropCounts {
        &self.inside.tally
    }

    pub(crate) fn line(&self) -> Option<&Pipeline> {
        self.inside.line.get()
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(line) = self.line() {
            line.sieve.close(line.budget);
            line.switch.turn_off();
        }
        // Nobody opens it any more.
        lock(&self.inside.parts).take();
        running::leave(&self.inside);
    }
}

impl Shared {
    pub(super) fn decision(&self) -> Decision {
        *lock(&self.decision)
    }

    pub(super) fn line(&self) -> Option<&Pipeline> {
        self.line.get()
    }

    /// What `service.version` says.
    pub(super) fn version(&self) -> &str {
        let declared = || self.settings.registries.first().map_or("", |registry| registry.service.version);
        self.version.as_deref().unwrap_or_else(declared)
    }

    /// Follows a decision: opens the line if it says so. After the line was given up there is nothing to follow.
    pub(super) fn open(&self, decision: Decision) {
        let mut doors = lock(&self.doors);
        let mut parts = lock(&self.parts);
        if parts.is_none() {
            return;
        }
        *lock(&self.decision) = decision;
        if !matches!(decision.mode, Mode::On | Mode::Log) {
            return;
        }
        let opened = if self.settings.is_asked() && !running::claim(self.settings.app_id()) {
            Err(Reason::Twice)
        } else {
            // What was taken is gone also if it fails: the next process tries again.
            let taken = parts.take().unwrap_or_default();
            Pipeline::open(&self.settings, decision, taken, &self.tally, self.budget)
        };
        match opened {
            Ok(line) => {
                for door in doors.drain(..) {
                    line.watch(door.open(Arc::clone(&line.sieve)));
                }
                let _ = self.line.set(line);
            }
            Err(because) => *lock(&self.decision) = Decision { mode: Mode::Off, reason: because },
        }
        drop((parts, doors));
        change_interest();
    }

    /// The notice was shown: nothing is recorded in this process, however short the wait.
    pub(super) fn wait(&self) {
        let mut decision = lock(&self.decision);
        if decision.mode == Mode::Undecided {
            decision.reason = Reason::Waiting;
        }
    }

    pub(super) fn is_on(&self) -> bool {
        let Some(line) = self.line.get() else { return false };
        let is_on = line.switch.ask();
        let decided = self.decision().mode;
        // Whoever noticed the no: the uploading thread asks the same switch.
        if !is_on && matches!(decided, Mode::On | Mode::Log) {
            let now = decide(&Facts::read(&self.settings));
            let taken_back = Decision { mode: Mode::Off, reason: Reason::Disabled };
            *lock(&self.decision) = if now.mode == Mode::Off { now } else { taken_back };
            change_interest();
        }
        is_on && decided == Mode::On
    }

    /// Off, and whether nothing is being sent any more from this process.
    pub(super) fn disable(&self, because: Reason) -> bool {
        // A line that was not opened never will be.
        lock(&self.parts).take();
        lock(&self.doors).clear();
        let mut decision = lock(&self.decision);
        if decision.mode != Mode::Off {
            *decision = Decision { mode: Mode::Off, reason: because };
        }
        drop(decision);
        let Some(line) = self.line.get() else { return true };
        line.switch.turn_off();
        change_interest();
        line.switch.wait(UPLOAD_ENDS)
    }
}

pub(super) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has `tracing` ask the layers again, which then enable or disable the declared callsites.
///
/// Not on a thread without a subscriber: while a process has just one, `tracing` (core 0.1.36) asks that of the calling
/// thread, and would take the callsites from a host whose only subscriber is another thread's. There, callsites stay as
/// they are and what they record is withheld. Nor at the end of the telemetry, where most threads have none.
fn change_interest() {
    if tracing::dispatcher::get_default(|current| !current.is::<NoSubscriber>()) {
        tracing::callsite::rebuild_interest_cache();
    }
}

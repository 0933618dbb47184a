//! The shared state of the program, its clients and its layers, and the list of the pipelines of this process.

use super::exporter::Exporter;
use super::open::{Pipeline, PipelineConfig};
use super::uploader::{self, Upload};
use super::used::Used;
use crate::consent::{BUILT_OFF, Decision, Facts, Mode, Preset, Reason, Settings, decide};
use crate::layer::LayerHandle;
use crate::privacy::{DropCounts, DropReason, is_program_version};
use crate::registry::Endpoint;
use crate::sync::lock;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Duration;
use tracing::subscriber::NoSubscriber;

/// How long a no waits for running requests. They stop within 50 ms if their process runs.
pub(super) const UPLOAD_ENDS: Duration = Duration::from_secs(2);

/// The pipelines of this process.
static PIPELINES: Mutex<Pipelines> =
    Mutex::new(Pipelines { running: Vec::new(), opened: Vec::new(), has_begun: false });

struct Pipelines {
    running: Vec<Weak<Shared>>,
    /// The apps with an open pipeline. A second pipeline of an app is a mistake, or a second copy of a library.
    opened: Vec<&'static str>,
    /// Whether the pipeline of a program was built.
    has_begun: bool,
}

/// The shared state of the program, its clients and its layers.
pub(super) struct Shared {
    pub(super) settings: Settings,
    /// The command that leads to the telemetry subcommands, by the code or by the parser, which knows how the program was
    /// called.
    pub(super) command: Mutex<Option<String>>,
    /// The place of the switch in a program with windows.
    pub(super) place: Option<String>,
    version: Option<String>,
    /// The upload, if that is the exporter.
    pub(super) upload: Option<Upload>,
    /// The receiver, if its address is valid.
    pub(super) endpoint: Option<Endpoint>,
    /// The arguments in use.
    pub(super) used: OnceLock<Used>,
    /// Suppresses the notice.
    pub(super) is_quiet: Mutex<bool>,
    pub(super) drop_counts: Arc<DropCounts>,
    decision: Mutex<Decision>,
    pipeline: OnceLock<Pipeline>,
    /// The inputs of the pipeline, until it is open or abandoned.
    config: Mutex<Option<PipelineConfig>>,
    /// Layers that connect when the pipeline opens.
    layers: Mutex<Vec<Arc<LayerHandle>>>,
    /// Whether a layer is in a subscriber, or a gate was taken.
    pub(super) is_placed: Arc<AtomicBool>,
    shutdown_timeout: Duration,
}

/// The pipelines that are not closed.
pub(super) fn running() -> Vec<Arc<Shared>> {
    lock(&PIPELINES).running.iter().filter_map(Weak::upgrade).collect()
}

impl Shared {
    /// Decides, and opens nothing.
    pub(super) fn new(
        settings: Settings,
        endpoint: Option<Endpoint>,
        mut config: PipelineConfig,
        (command, place): (Option<String>, Option<String>),
        shutdown_timeout: Duration,
    ) -> Arc<Self> {
        // A library's pipeline does not take the place of the host program's. Only a program's first pipeline starts
        // uploader processes: a later one need not be built again in them, and then the program's work would run there
        // instead of an exit.
        let is_library = settings.preset == Preset::Documented;
        let is_first = !is_library && !std::mem::replace(&mut lock(&PIPELINES).has_begun, true);
        let drop_counts = Arc::<DropCounts>::default();
        if config.version.take_if(|version| !is_program_version(version)).is_some() {
            drop_counts.add(DropReason::NotAProgramVersion);
        }
        let started_for = if BUILT_OFF { None } else { uploader::started_for() };
        let decision = match started_for {
            // A library in an uploader process: the program's pipeline comes later, and exits.
            Some(app_id) if app_id != settings.app_id() => Decision::off(Reason::Uploader),
            _ => decide(&Facts::read(&settings)),
        };
        // A decision that is off becomes on in this process only by another answer.
        let may_open = decision.mode != Mode::Off || matches!(decision.reason, Reason::SaidNo | Reason::Answer(_));
        config.is_first_line = is_first && may_open && uploader::is_first_line();
        Arc::new(Self {
            settings,
            command: Mutex::new(command),
            place,
            version: config.version.clone(),
            upload: config.exporter.as_ref().and_then(Exporter::upload).cloned(),
            endpoint,
            is_quiet: Mutex::new(false),
            used: OnceLock::new(),
            drop_counts,
            decision: Mutex::new(decision),
            pipeline: OnceLock::new(),
            config: Mutex::new(Some(config)),
            layers: Mutex::default(),
            is_placed: Arc::default(),
            shutdown_timeout,
        })
    }

    /// Makes the pipeline visible to clients. A rehearsal's pipeline is hidden, unless it decides as a real run does.
    pub(super) fn enter(self: &Arc<Self>) {
        if self.settings.is_asked() {
            lock(&PIPELINES).running.push(Arc::downgrade(self));
        }
    }

    /// Closes the pipeline: it can't be opened any more, and clients do not find it.
    pub(super) fn leave(&self) {
        lock(&self.config).take();
        let mut pipelines = lock(&PIPELINES);
        if self.settings.is_asked() && self.pipeline().is_some() {
            pipelines.opened.retain(|opened| *opened != self.settings.app_id());
        }
        pipelines.running.retain(|other| other.strong_count() > 0 && !std::ptr::eq(other.as_ptr(), self));
    }

    /// Claims the single pipeline of this app in this process; `false` if another one has it.
    fn claim(&self) -> bool {
        let (app_id, mut pipelines) = (self.settings.app_id(), lock(&PIPELINES));
        let is_free = !pipelines.opened.contains(&app_id);
        if is_free {
            pipelines.opened.push(app_id);
        }
        is_free
    }

    pub(super) fn decision(&self) -> Decision {
        *lock(&self.decision)
    }

    pub(super) fn decided(&self, decision: Decision) {
        *lock(&self.decision) = decision;
    }

    /// Why this process records nothing, although one that begins now would by this decision. Not for an informational
    /// run, which never records.
    pub(super) fn off_here(&self, beginning: Decision) -> Option<Reason> {
        let here = self.decision();
        if !is_open(beginning.mode) || here.mode != Mode::Off {
            return None;
        }
        match here.reason {
            Reason::Informational(_) => None,
            Reason::SaidNo | Reason::Disabled => Some(Reason::OffUntilRestart),
            _ if self.pipeline().is_some() => Some(Reason::OffUntilRestart),
            why => Some(why),
        }
    }

    /// The decision for a process that begins now.
    pub(super) fn effective(&self) -> Decision {
        decide(&Facts::read(&self.settings))
    }

    pub(super) fn pipeline(&self) -> Option<&Pipeline> {
        self.pipeline.get()
    }

    /// The command that leads to the telemetry subcommands: otherwise that of the registry.
    pub(super) fn command(&self) -> Option<String> {
        let declared = || self.settings.registries.first().and_then(|registry| registry.service.settings.command);
        lock(&self.command).clone().or_else(|| declared().map(str::to_owned))
    }

    /// The value of `service.version`.
    pub(super) fn version(&self) -> &str {
        let declared = || self.settings.registries.first().map_or("", |registry| registry.service.version);
        self.version.as_deref().unwrap_or_else(declared)
    }

    /// Connects a layer: now, or when the pipeline is opened.
    pub(super) fn connect(&self, layer: &Arc<LayerHandle>) {
        let mut layers = lock(&self.layers);
        match self.pipeline.get() {
            Some(pipeline) => pipeline.watch(layer.open(Arc::clone(&pipeline.recorder))),
            None => {
                // A dropped layer is not opened.
                layers.retain(|layer| Arc::strong_count(layer) > 1);
                layers.push(Arc::clone(layer));
            }
        }
    }

    /// Applies a decision: opens the pipeline if it is on. Does nothing after the pipeline was abandoned.
    pub(super) fn open(&self, decision: Decision) {
        let mut layers = lock(&self.layers);
        let mut config = lock(&self.config);
        if config.is_none() {
            return;
        }
        self.decided(decision);
        if !is_open(decision.mode) {
            return;
        }
        let opened = if self.settings.is_asked() && !self.claim() {
            Err(Reason::Twice)
        } else {
            // Taken even if opening fails: the next process tries again.
            let taken = config.take().unwrap_or_default();
            Pipeline::open(&self.settings, decision, taken, &self.drop_counts, self.shutdown_timeout)
        };
        match opened {
            Ok(pipeline) => {
                for layer in layers.drain(..) {
                    pipeline.watch(layer.open(Arc::clone(&pipeline.recorder)));
                }
                let _ = self.pipeline.set(pipeline);
            }
            Err(reason) => self.decided(Decision::off(reason)),
        }
        drop((config, layers));
        change_interest();
    }

    /// The notice was shown: this process records nothing of what it tells, however short the wait is, and does not show it
    /// again.
    pub(super) fn wait(&self) {
        let mut decision = lock(&self.decision);
        if matches!(decision.reason, Reason::AgreedInPart(_)) {
            *lock(&self.is_quiet) = true;
        }
        if decision.mode == Mode::Undecided {
            decision.reason = Reason::Waiting;
        }
    }

    /// Reads the files again, and with `environment` the variables too, and whether all that is recorded is past its end.
    pub(super) fn is_on(&self, environment: bool) -> bool {
        let Some(pipeline) = self.pipeline.get() else { return false };
        let is_on = pipeline.switch.ask_with(environment);
        let decided = self.decision().mode;
        // The uploading thread may have read the no first: it uses the same switch.
        if !is_on && is_open(decided) {
            let now = pipeline.switch.decide(environment);
            let taken_back = Decision::off(Reason::Disabled);
            let less = Decision::off(Reason::OffUntilRestart);
            self.decided(match now.mode {
                Mode::Off => now,
                // It is on for less than this process was opened for.
                Mode::On | Mode::Log => less,
                Mode::Undecided => taken_back,
            });
            change_interest();
        }
        // A no comes first.
        if is_on && let Some(over) = self.over(pipeline) {
            pipeline.switch.turn_off();
            self.decided(Decision::off(over));
            change_interest();
            return false;
        }
        is_on && decided == Mode::On
    }

    /// Why an open pipeline may record nothing any more, although nobody said no: all of it is past its end.
    fn over(&self, pipeline: &Pipeline) -> Option<Reason> {
        let (decision, sanitizer) = (self.decision(), &pipeline.recorder.sanitizer);
        if !is_open(decision.mode) || !sanitizer.has_ends() {
            return None;
        }
        // As for a process that starts now.
        match self.settings.allowed(decision, self.version()) {
            Err(why @ (Reason::Expired | Reason::LatestTime)) => Some(why),
            // Such a process has something left to record: this one has a resource that has ended, or saw a later time.
            _ => sanitizer.is_all_over().then_some(Reason::OffUntilRestart),
        }
    }

    /// Turns telemetry off; returns whether this process has stopped sending.
    pub(super) fn disable(&self, reason: Reason) -> bool {
        // A pipeline that was not opened never will be.
        lock(&self.config).take();
        lock(&self.layers).clear();
        let mut decision = lock(&self.decision);
        if decision.mode != Mode::Off {
            *decision = Decision::off(reason);
        }
        drop(decision);
        let Some(pipeline) = self.pipeline.get() else { return true };
        pipeline.switch.turn_off();
        change_interest();
        pipeline.switch.wait(UPLOAD_ENDS)
    }
}

/// Whether this mode opens a pipeline.
pub(super) fn is_open(mode: Mode) -> bool {
    matches!(mode, Mode::On | Mode::Log)
}

/// Makes `tracing` ask the layers again, which then enable or disable the declared callsites.
///
/// Not on a thread without a subscriber: while a process has just one, `tracing` (core 0.1.36) asks that of the calling
/// thread, and would disable the callsites of a host whose only subscriber is another thread's. There, callsites stay
/// as they are and their records are dropped. Nor at the end of the telemetry, where most threads have no subscriber.
fn change_interest() {
    if tracing::dispatcher::get_default(|current| !current.is::<NoSubscriber>()) {
        tracing::callsite::rebuild_interest_cache();
    }
}

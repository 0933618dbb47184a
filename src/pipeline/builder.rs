//! The settings of a pipeline, collected until it is built.

use super::exporter::Exporter;
use super::open::PipelineConfig;
use super::shared::Shared;
use super::telemetry::Telemetry;
use super::uploader::{self, PolicyChoice, Upload};
use crate::consent::{BUILT_OFF, Mode, Preset, Reason, Settings};
use crate::encode::Format;
use crate::files::Deletion;
use crate::identity::{BUILT, Clock, Random, Secret, SystemClock};
use crate::limits::SECOND;
use crate::registry::{Endpoint, Registry, SignalKind, escaped};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The default of [`Builder::shutdown_timeout`].
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(200);

/// Begins the telemetry of a program, which **runs all code above this call again, detached, in `/`**: call it first in
/// `main`, and [`Builder::build`] right after it, with the program's registry, `usage::REGISTRY`, which `scruple codegen`
/// writes.
///
/// To upload, the library starts the same executable again: twice, with the same name and first argument and no other,
/// without a terminal; `ps` shows it as `scruple-upload`. Such a process ends here or in `build`, which **never returns
/// in it**. Static constructors run in these processes too. A thread uploads instead in a library, in a host in another
/// language, in a process with threads, where the executable is replaced or another file, in the first process of a
/// container, in a unit of systemd, and without `/proc`: see [`Upload`].
///
/// The registry's `service` says how the program asks, and how a person says no (`preset`, `command`, `place`,
/// `telemetry_variable`, `opt_out_variables`). The setters of the same settings are for a program that differs from its
/// registry, and for tests; the notice and the page that `scruple notice` and `docs` write have the registry's.
///
/// A command line:
///
/// ```no_run
/// use tracing_subscriber::prelude::*;
///
/// # fn example(registry: &'static scruple::registry::Registry<'static>) {
/// let telemetry = scruple::start(registry) // usage::REGISTRY
///     .build(); // never fails: what is wrong means off, with the reason
/// tracing_subscriber::registry().with(telemetry.layer()).init();
/// let span = tracing::info_span!("words.run", otel.status_code = tracing::field::Empty); // usage::run(…)
/// telemetry.run(span, || -> std::io::Result<()> { Ok(()) });
/// # }
/// ```
///
/// A program with windows, which asks in its settings and runs for long:
///
/// ```no_run
/// # fn example(registry: &'static scruple::registry::Registry<'static>) {
/// let upload = scruple::Upload::new().in_thread();
/// let telemetry = scruple::start(registry).export(upload).build();
/// println!("{}", telemetry.notice().text()); // the text beside the switch
/// if let Err(why) = telemetry.set_consent(scruple::Choice::On) {
///     eprintln!("{why}");
/// }
/// # }
/// ```
///
/// A program whose registry does not have these settings, here a library, whose documentation says what is collected:
///
/// ```no_run
/// # fn example(registry: &'static scruple::registry::Registry<'static>) {
/// let telemetry = scruple::start(registry)
///     .preset(scruple::Preset::Documented)
///     .opt_out_variable("WORDS_TELEMETRY_OFF")
///     .build();
/// # }
/// ```
pub fn start(registry: &'static Registry<'static>) -> Builder {
    if !BUILT_OFF {
        uploader::begin();
    }
    let said = registry.service.settings;
    Builder {
        settings: Settings {
            opt_out: said.opt_out_variables.to_vec(),
            telemetry: said.telemetry_variable,
            transport: false,
            preset: said.preset.unwrap_or_default(),
            rehearsal: false,
            asks: false,
            registries: vec![registry],
            opt_in: Vec::new(),
            receiver: String::new(),
            root: PathBuf::from("/"),
            clock: Arc::new(SystemClock),
            built: BUILT.saturating_mul(SECOND),
            covered: Arc::default(),
            first_places: Arc::default(),
            is_parsed: Arc::default(),
        },
        config: PipelineConfig::default(),
        command: None,
        place: said.place.map(str::to_owned),
        shutdown_timeout: SHUTDOWN_TIMEOUT,
        policy: None,
    }
}

/// The settings of a pipeline: see [`start`].
#[must_use = "nothing happens before `build()`"]
pub struct Builder {
    settings: Settings,
    config: PipelineConfig,
    command: Option<String>,
    place: Option<String>,
    shutdown_timeout: Duration,
    pub(super) policy: Option<PolicyChoice>,
}

impl Builder {
    /// Adds the registry of a library that records too. Signal names must not overlap: the first registry that declares
    /// a name decides.
    pub fn library(mut self, registry: &'static Registry<'static>) -> Self {
        self.settings.registries.push(registry);
        self
    }

    /// Adds an opt-out variable to those of the registry: every value turns telemetry off, except empty, `0`, `false`, `no` and `off`. May be
    /// called several times.
    pub fn opt_out_variable(mut self, name: &'static str) -> Self {
        self.settings.opt_out.push(name);
        self
    }

    /// Sets the telemetry variable, by default the registry's `telemetry_variable`: every value turns telemetry off, except empty, `1`, `true`, `yes` and `on`; `log`
    /// prints records to standard error instead of sending them.
    pub fn telemetry_variable(mut self, name: &'static str) -> Self {
        self.settings.telemetry = Some(name);
        self
    }

    /// Sends an attribute that the registry declares as `opt_in`. It is part of the notice and of the agreement: a
    /// version that adds it needs a new yes, or shows a new notice.
    pub fn opt_in(mut self, key: &str) -> Self {
        self.settings.opt_in.push(key.to_owned());
        self
    }

    /// Sets `service.version`, if it differs from the version in Cargo.toml: one to four numbers of up to five digits,
    /// as in `16.18.2.33901`, and optionally a known pre-release tag with its number, as in `1.0.0-rc.2`. Any other
    /// text is dropped and [counted](crate::privacy::DropReason::NotAProgramVersion), and the version in Cargo.toml is
    /// sent.
    pub fn version(mut self, version: &str) -> Self {
        self.config.version = Some(version.to_owned());
        self
    }

    /// Replaces the registry's endpoint: an OTLP base URL, `https` or loopback. See [`Endpoint`].
    pub fn endpoint(mut self, url: &str) -> Self {
        self.config.endpoint = Some(url.to_owned());
        self
    }

    /// How the program asks its users. Default: the registry's `preset`, else [`Preset::OptIn`].
    pub fn preset(mut self, preset: Preset) -> Self {
        self.settings.preset = preset;
        self
    }

    /// Sets the command that leads a person to the telemetry subcommands, as in `words telemetry`: the notice names it.
    /// Default: `Telemetry::clap` (feature `clap`) knows it by itself; otherwise it is the registry's `command`.
    pub fn notice_command(mut self, command: &str) -> Self {
        self.command = Some(command.to_owned());
        self
    }

    /// Sets the place of the switch in a program with windows, as in `Settings > Privacy`: the notice names it as it is,
    /// instead of a command. Default: the registry's `place`.
    pub fn notice_place(mut self, place: &str) -> Self {
        self.place = Some(place.to_owned());
        self
    }

    /// Sets the exporter. Default: [`Upload`], which keeps records on disk and sends them later. The last call counts.
    pub fn export(mut self, exporter: impl Into<Exporter>) -> Self {
        self.config.exporter = Some(exporter.into());
        self
    }

    /// Also passes a copy of each exported record to `take`, as one OTLP request: for a program that displays its
    /// records. Each recording thread calls `take`, several at the same time; it must not block, panic, or record spans
    /// and events.
    pub fn tee(mut self, format: Format, take: impl Fn(SignalKind, &[u8]) + Send + Sync + 'static) -> Self {
        self.config.copy = Some(Exporter::requests(format, take));
        self
    }

    /// Also attaches each event to its span, at most 128 per span: Jaeger shows no logs.
    pub fn span_events(mut self) -> Self {
        self.config.span_events = true;
        self
    }

    /// How long the end of the program may wait for unsent records. Default: 200 ms.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown_timeout = timeout;
        self
    }

    pub(crate) fn rehearse(mut self, rehearsal: Rehearsed) -> Self {
        self.settings.rehearsal = true;
        self.settings.asks = rehearsal.asks;
        if let Some(clock) = rehearsal.clock {
            self.settings.clock = clock;
            // A rehearsal's clock may be behind this build.
            self.settings.built = 0;
        }
        if let Some(built) = rehearsal.built {
            self.settings.built = built.saturating_mul(SECOND);
        }
        if let Some(root) = rehearsal.root {
            self.settings.root = root;
        }
        self.config.random = rehearsal.random;
        self.config.secret = rehearsal.secret;
        self
    }

    /// The settings in code that differ from those of the program's registry, a line each: the preset, the command, the
    /// place, the telemetry variable, the opt-out variables and the endpoint. For a test that expects none: the notice and
    /// the page that `scruple notice` and `docs` write are then those of the program.
    ///
    /// ```
    /// # use scruple::registry::{ProgramSettings, Registry, Service};
    /// # static REGISTRY: &Registry<'static> = &Registry::new(
    /// #     "https://telemetry.example.com/schemas/words/1.0.0",
    /// #     Service::new("com.example.words", "words", "1.0.0", "The example project", "https://telemetry.example.com")
    /// #         .settings(ProgramSettings::new().telemetry_variable("WORDS_TELEMETRY")),
    /// # );
    /// fn telemetry() -> scruple::Builder {
    ///     scruple::start(REGISTRY) // usage::REGISTRY
    /// }
    ///
    /// assert_eq!(telemetry().differences(), [""; 0]);
    /// assert_eq!(
    ///     telemetry().telemetry_variable("WORDS").differences(),
    ///     ["telemetry_variable: WORDS in the code, WORDS_TELEMETRY in the registry"]
    /// );
    /// ```
    pub fn differences(&self) -> Vec<String> {
        let Some(service) = self.settings.registries.first().map(|registry| &registry.service) else {
            return Vec::new();
        };
        let said = &service.settings;
        let (own, declared) = (self.settings.opt_out.join(", "), said.opt_out_variables.join(", "));
        let pairs = [
            ("preset", Some(self.settings.preset.word()), Some(said.preset.unwrap_or_default().word())),
            ("command", self.command.as_deref().or(said.command), said.command),
            ("place", self.place.as_deref(), said.place),
            ("telemetry_variable", self.settings.telemetry, said.telemetry_variable),
            ("opt_out_variables", Some(&*own), Some(&*declared)),
            ("endpoint", Some(self.config.endpoint.as_deref().unwrap_or(service.endpoint)), Some(service.endpoint)),
        ];
        let shown = |value: Option<&str>| escaped(value.filter(|text| !text.is_empty()).unwrap_or("none"));
        let differs = pairs.into_iter().filter(|(_, code, registry)| code != registry);
        let line = |(name, code, registry)| {
            format!("{name}: {} in the code, {} in the registry", shown(code), shown(registry))
        };
        differs.map(line).collect()
    }

    /// Decides, and opens the exporter if the decision is on. It never fails: an error turns telemetry off, with the
    /// reason in [`Telemetry::decision`]. **In an uploader process it uploads, exits, and never returns**: see
    /// [`start`].
    pub fn build(mut self) -> Telemetry {
        let declared = self.settings.registries.first().map(|registry| registry.service.endpoint);
        let endpoint = self.config.endpoint.as_deref().or(declared).and_then(|url| Endpoint::parse(url).ok());
        if let Some(endpoint) = &endpoint {
            self.settings.receiver = endpoint.origin().to_owned();
        }
        self.settings.opt_in.sort();
        self.settings.opt_in.dedup();
        let exporter = self.config.exporter.take().or_else(|| Upload::by_default().map(Exporter::from));
        self.settings.transport = exporter.is_some();
        self.config.exporter = match (exporter, self.policy.take()) {
            (Some(exporter), Some(policy)) => Some(exporter.with_policy(policy)),
            (exporter, _) => exporter,
        };
        let is_library = self.settings.preset == Preset::Documented;
        // The first argument of an uploader process is the program's, and is not parsed.
        self.settings.is_parsed.store(!BUILT_OFF && uploader::started_for().is_some(), Ordering::Relaxed);
        let ways = (self.command, self.place);
        let shared = Shared::new(self.settings, endpoint, self.config, ways, self.shutdown_timeout);
        let decision = shared.decision();
        if decision.reason.is_a_persons_no() {
            // Deletes the records and ids of an earlier yes; if that fails, the next start tries again. A running
            // upload stops within about 50 ms. A program's start does not wait for it.
            let _ = shared.forget(true, Deletion::AtStart);
        }
        if !BUILT_OFF && let Some(app_id) = uploader::started_for().filter(|_| !is_library) {
            upload_and_exit(&shared, app_id);
        }
        shared.open(decision);
        if shared.decision().reason == Reason::Expired {
            // Nothing of it may ever be sent.
            let _ = shared.forget(true, Deletion::AtStart);
        }
        shared.log_why_off();
        shared.enter();
        Telemetry { shared }
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (app_id, preset) = (self.settings.app_id(), self.settings.preset);
        f.debug_struct("Builder").field("app_id", &app_id).field("preset", &preset).finish_non_exhaustive()
    }
}

/// Runs an uploader process, which always exits: otherwise the program's own work would run a second time. It also
/// exits if another pipeline's upload was requested: that pipeline may never be built in this process.
fn upload_and_exit(shared: &Shared, app_id: &str) -> ! {
    let decision = shared.decision();
    let is_own = app_id == shared.settings.app_id() && decision.mode == Mode::On;
    if let Some((upload, endpoint)) = shared.upload.clone().zip(shared.endpoint.clone()).filter(|_| is_own) {
        upload.run_once(&shared.settings, decision, endpoint, shared.version());
    }
    std::process::exit(0)
}

/// The fixed inputs of a rehearsal.
#[derive(Default)]
pub(crate) struct Rehearsed {
    pub clock: Option<Arc<dyn Clock>>,
    /// In seconds since the epoch.
    pub built: Option<u64>,
    pub random: Option<Box<dyn Random>>,
    pub secret: Option<Secret>,
    /// Whether it decides as a real run does.
    pub asks: bool,
    /// A prefix of `/etc`.
    pub root: Option<PathBuf>,
}

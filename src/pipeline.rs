//! Puts the line together, and takes it down.
//!
//! `start(REGISTRY)` collects what the program says of itself, `build()` reads the facts, decides, and opens the way
//! out. Building never fails: what is wrong means off, with the reason in [`Telemetry::decision`]. Off means that
//! nothing was opened: no socket, no file, no thread, no id.
//!
//! A program keeps its [`Telemetry`] until it ends; dropping it ends the line, with at most the budget's wait. The line
//! is opened at most once: by `build()`, or later by [`Telemetry::set_consent`], when a person says yes in a window. What was
//! turned off in a process stays off there.

mod answers;
#[cfg(feature = "clap")]
pub(crate) mod arguments;
#[cfg(feature = "clap")]
mod command;
#[cfg(feature = "otel")]
mod doors;
mod exporter;
#[cfg_attr(not(unix), path = "pipeline/kernel_nowhere.rs")]
mod kernel;
mod line;
mod log;
#[cfg(feature = "otel")]
mod otel;
mod outcome;
mod panics;
#[cfg_attr(not(feature = "policy"), path = "pipeline/unpoliced.rs")]
mod policed;
mod resource;
mod run;
mod running;
mod shown;
#[cfg_attr(not(feature = "upload"), path = "pipeline/unspooled.rs")]
mod spooled;
mod status;
#[cfg_attr(not(target_os = "linux"), path = "pipeline/streams_nowhere.rs")]
mod streams;
mod telemetry;
#[cfg(test)]
mod tests;
mod used;

pub use answers::{Choice, NotStored, Notice};
pub use exporter::{ExportContext, Exporter};
pub use outcome::Outcome;
pub use run::fail;
pub use running::{Client, client};
pub use spooled::Upload;
pub use status::{Amount, SourceStatus, Status};
pub use telemetry::Telemetry;
pub use used::{Used, UsedCommand};

use crate::consent::{Preset, Settings};
use crate::encode::Format;
use crate::identity::{BUILT, Clock, Random, Secret, SystemClock};
use crate::registry::{Endpoint, Registry, SignalKind};
use line::PipelineConfig;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How long the end of a program may be held up by what is still to be sent, unless the author says otherwise.
const BUDGET: Duration = Duration::from_millis(200);

const SECOND: u64 = 1_000_000_000;

/// Begins the telemetry of a program, from its registry: `usage::REGISTRY`, which `scruple codegen` writes.
///
/// Call it first in `main`, and [`Builder::build`] right after it. **In a process that was started to upload, `build` never
/// returns**: the executable is started again for an upload, twice, detached, without arguments, in `/`, and such a process
/// ends here or in `build`. Code above this call runs in these processes too.
///
/// A command line:
///
/// ```no_run
/// use scruple::{Preset, Wait};
/// use tracing_subscriber::prelude::*;
///
/// # let registry: &'static scruple::registry::Registry<'static> = unimplemented!();
/// let telemetry = scruple::start(registry) // usage::REGISTRY
///     .preset(Preset::FirstRun(Wait::Day)) // a notice, and nothing recorded for 24 hours
///     .build(); // never fails: what is wrong means off, with the reason
/// tracing_subscriber::registry().with(telemetry.layer()).init();
/// let span = tracing::info_span!("words.run", otel.status_code = tracing::field::Empty); // usage::run(…)
/// telemetry.run(span, || -> std::io::Result<()> { Ok(()) });
/// ```
///
/// A program with windows, which asks in its settings and runs for long:
///
/// ```no_run
/// # let registry: &'static scruple::registry::Registry<'static> = unimplemented!();
/// let telemetry = scruple::start(registry).export(scruple::Upload::new().in_thread()).build();
/// println!("{}", telemetry.notice().text()); // the text beside the switch
/// if let Err(why) = telemetry.set_consent(scruple::Choice::On) {
///     eprintln!("{why}");
/// }
/// ```
///
/// A library, whose documentation says what is collected ([`Preset::Documented`]):
///
/// ```no_run
/// # let registry: &'static scruple::registry::Registry<'static> = unimplemented!();
/// let telemetry = scruple::start(registry)
///     .preset(scruple::Preset::Documented)
///     .opt_out_variable("WORDS_TELEMETRY_OFF")
///     .build();
/// ```
pub fn start(registry: &'static Registry<'static>) -> Builder {
    spooled::begin();
    Builder {
        settings: Settings {
            opt_out: Vec::new(),
            telemetry: None,
            transport: false,
            preset: Preset::default(),
            rehearsal: false,
            asks: false,
            registries: vec![registry],
            opt_in: Vec::new(),
            receiver: String::new(),
            root: PathBuf::from("/"),
            clock: Arc::new(SystemClock),
            built: BUILT.saturating_mul(SECOND),
        },
        parts: PipelineConfig::default(),
        command: None,
        budget: BUDGET,
    }
}

/// What the program says of itself.
#[must_use = "nothing happens before `build()`"]
pub struct Builder {
    settings: Settings,
    parts: PipelineConfig,
    command: Option<String>,
    budget: Duration,
}

impl Builder {
    /// Adds the registry of a library that records too. It must share no signal name with the others: the first
    /// registry that declares a name decides.
    pub fn library(mut self, registry: &'static Registry<'static>) -> Self {
        self.settings.registries.push(registry);
        self
    }

    /// A variable whose value turns telemetry off, unless it is empty, `0`, `false`, `no` or `off`. May be called
    /// several times.
    pub fn opt_out_variable(mut self, name: &'static str) -> Self {
        self.settings.opt_out.push(name);
        self
    }

    /// A variable whose value turns telemetry off, unless it is empty, `1`, `true`, `yes` or `on`; with `log`, records
    /// are printed to standard error and not sent.
    pub fn telemetry_variable(mut self, name: &'static str) -> Self {
        self.settings.telemetry = Some(name);
        self
    }

    /// Sends an attribute that the registry declares as `opt_in`. It belongs to what people are told and agree to: a
    /// version that adds it needs a new yes, or shows a new notice.
    pub fn opt_in(mut self, key: &str) -> Self {
        self.settings.opt_in.push(key.to_owned());
        self
    }

    /// What `service.version` says, where it is not the version in Cargo.toml: one to four numbers of up to five digits,
    /// as in `16.18.2.33901`, and perhaps a known pre-release tag and its number, as in `1.0.0-rc.2`. Any other text is
    /// withheld and [counted](crate::privacy::DropReason::NotAProgramVersion), and the version in Cargo.toml is sent.
    pub fn version(mut self, version: &str) -> Self {
        self.parts.version = Some(version.to_owned());
        self
    }

    /// Another receiver than the registry's: an OTLP base URL, `https` or loopback. See [`Endpoint`].
    pub fn endpoint(mut self, url: &str) -> Self {
        self.parts.endpoint = Some(url.to_owned());
        self
    }

    /// How the program asks its users. Default: [`Preset::OptIn`].
    pub fn preset(mut self, preset: Preset) -> Self {
        self.settings.preset = preset;
        self
    }

    /// How a person reaches the program's commands for its telemetry, as in `words telemetry`: the notice names them.
    /// With the feature `clap` it is known.
    pub fn notice_command(mut self, command: &str) -> Self {
        self.command = Some(command.to_owned());
        self
    }

    /// Where records go. Default: [`Upload`], which keeps them on disk and sends them later. The last call counts.
    pub fn export(mut self, exporter: impl Into<Exporter>) -> Self {
        self.settings.transport = true;
        self.parts.exporter = Some(exporter.into());
        self
    }

    /// Also hands a copy of each record that is sent to `take`, as one OTLP request: for a program that shows what it
    /// sends. `take` must not block, panic, or record spans and events.
    pub fn tee(mut self, format: Format, take: impl FnMut(SignalKind, &[u8]) + Send + 'static) -> Self {
        self.parts.copy = Some(Exporter::requests(format, take));
        self
    }

    /// Also keeps each event on the span it happened in, at most 128 a span: Jaeger shows no logs.
    pub fn span_events(mut self) -> Self {
        self.parts.span_events = true;
        self
    }

    /// How long the end of the program may be held up by what is still to be sent. Default: 200 ms.
    pub fn shutdown_timeout(mut self, budget: Duration) -> Self {
        self.budget = budget;
        self
    }

    pub(crate) fn rehearse(mut self, rehearsal: Rehearsed) -> Self {
        self.settings.rehearsal = true;
        self.settings.asks = rehearsal.asks;
        if let Some(clock) = rehearsal.clock {
            self.settings.clock = clock;
            // It tells the time of a story, in which this build may not have been yet.
            self.settings.built = 0;
        }
        if let Some(built) = rehearsal.built {
            self.settings.built = built.saturating_mul(SECOND);
        }
        if let Some(root) = rehearsal.root {
            self.settings.root = root;
        }
        self.parts.random = rehearsal.random;
        self.parts.secret = rehearsal.secret;
        self
    }

    /// Decides, and opens the exporter if the answer is yes. It never fails: what is wrong means off, with the reason in
    /// [`Telemetry::decision`]. In a process that was started to upload it uploads and exits: see [`start`].
    pub fn build(mut self) -> Telemetry {
        let endpoint =
            self.parts.endpoint.as_deref().or(self.settings.registries.first().map(|one| one.service.endpoint));
        if let Some(Ok(endpoint)) = endpoint.map(Endpoint::parse) {
            self.settings.receiver = endpoint.origin().to_owned();
        }
        self.settings.opt_in.sort();
        self.settings.opt_in.dedup();
        if self.parts.exporter.is_none() {
            self.parts.exporter = spooled::by_default().map(Exporter::from);
            self.settings.transport = self.parts.exporter.is_some();
        }
        Telemetry::new(self.settings, self.parts, self.command, self.budget)
    }
}

/// What a rehearsal fixes.
#[derive(Default)]
pub(crate) struct Rehearsed {
    pub clock: Option<Arc<dyn Clock>>,
    /// In seconds since the epoch.
    pub built: Option<u64>,
    pub random: Option<Box<dyn Random>>,
    pub secret: Option<Secret>,
    /// Decides as a real run does.
    pub asks: bool,
    /// What stands before `/etc`.
    pub root: Option<PathBuf>,
}

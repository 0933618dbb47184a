//! Puts the line together, and takes it down.
//!
//! `start(REGISTRY)` collects what the program says of itself, `build()` reads the facts, decides, and opens the way
//! out. Building never fails: what is wrong means off, with the reason in [`Telemetry::decision`]. Off means that
//! nothing was opened: no socket, no file, no thread, no id.
//!
//! A program keeps its [`Telemetry`] until it ends; dropping it ends the line, with at most the budget's wait.

#[cfg(feature = "otel")]
mod doors;
#[cfg(feature = "otel")]
mod otel;
mod outcome;
mod resource;
mod run;

pub use outcome::Outcome;
pub use run::fail;

use crate::consent::{Because, Decision, Facts, Mode, Settings, Switch, decide};
use crate::encode::{Each, Encoder, Format};
use crate::identity::{Clock, Random, Secret, SystemClock, SystemRandom};
use crate::layer::{self, Layer, Open};
use crate::privacy::{Clean, Ingredients, Record, Resource, Sieve, Sink, Tally, Unfinished};
use crate::registry::{Endpoint, Registry, SignalKind, Unsound};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tracing::Subscriber;
use tracing::subscriber::NoSubscriber;
use tracing_subscriber::registry::LookupSpan;

/// How long the end of a program may be held up by what is still to be sent, unless the author says otherwise.
pub const BUDGET: Duration = Duration::from_millis(200);

/// Begins the telemetry of a program whose registry this is. To be called first in `main`.
pub fn start(registry: &'static Registry<'static>) -> Builder {
    Builder {
        registries: vec![registry],
        settings: Settings::default(),
        opt_in: Vec::new(),
        version: None,
        endpoint: None,
        way_out: None,
        copy: None,
        budget: BUDGET,
        span_events: false,
        clock: None,
        random: None,
        secret: None,
    }
}

/// What a way out is opened with. See [`Builder::way_out`].
pub struct Opening<'a> {
    /// The receiver: the registry's, or the one that the author named.
    pub endpoint: &'a Endpoint,
    /// What the process says of itself with every record.
    pub resource: &'a Clean<Resource>,
    /// The joined registries, the program's own first.
    pub registries: &'a [&'static Registry<'static>],
    /// To be asked before each attempt to send.
    pub switch: &'a Switch,
    /// Nothing may go beyond loopback.
    pub rehearsal: bool,
}

type WayOut = Box<dyn FnOnce(&Opening<'_>) -> Result<Box<dyn Sink>, Because>>;

/// What the program says of itself.
#[must_use = "nothing happens before `build()`"]
pub struct Builder {
    registries: Vec<&'static Registry<'static>>,
    settings: Settings,
    opt_in: Vec<String>,
    version: Option<String>,
    endpoint: Option<String>,
    way_out: Option<WayOut>,
    copy: Option<WayOut>,
    budget: Duration,
    span_events: bool,
    clock: Option<Box<dyn Clock>>,
    random: Option<Box<dyn Random>>,
    secret: Option<Secret>,
}

impl Builder {
    /// Adds the registry of a library that records too. It must share no signal name with the others: the first
    /// registry that declares a name decides.
    pub fn also(mut self, registry: &'static Registry<'static>) -> Self {
        self.registries.push(registry);
        self
    }

    /// A variable whose value turns telemetry off, unless it is empty, `0`, `false`, `no` or `off`. May be called
    /// several times.
    pub fn opt_out_variable(mut self, name: &'static str) -> Self {
        self.settings.opt_out.push(name);
        self
    }

    /// A variable whose value turns telemetry off, unless it is empty, `1`, `true`, `yes` or `on`.
    pub fn telemetry_variable(mut self, name: &'static str) -> Self {
        self.settings.telemetry = Some(name);
        self
    }

    /// Sends an attribute that the registry declares as `opt_in`.
    pub fn opt_in(mut self, key: &str) -> Self {
        self.opt_in.push(key.to_owned());
        self
    }

    /// What `service.version` says, where it is not the version in Cargo.toml; at most 256 bytes.
    pub fn version(mut self, version: &str) -> Self {
        self.version = Some(version.to_owned());
        self
    }

    /// Another receiver than the registry's: an OTLP base URL, `https` or loopback. See [`Endpoint`].
    pub fn endpoint(mut self, url: &str) -> Self {
        self.endpoint = Some(url.to_owned());
        self
    }

    /// The host's own settings hold the yes: for servers, which their operator configures. Every no still counts.
    pub fn given(mut self) -> Self {
        self.settings.given = true;
        self
    }

    /// Where records go instead of to the endpoint.
    pub fn sink(self, sink: impl Sink + 'static) -> Self {
        self.way_out(|_| Ok(Box::new(sink)))
    }

    /// Hands each record to `take` as one OTLP request, instead of sending it: for tests, benches and files. `take`
    /// must not block, panic, or record spans and events.
    pub fn requests(self, format: Format, take: impl FnMut(SignalKind, &[u8]) + Send + 'static) -> Self {
        self.way_out(each(format, take))
    }

    /// Also hands a copy of each record that is sent to `take`, as one OTLP request: for a program that shows what it
    /// sends. `take` must not block, panic, or record spans and events.
    pub fn copy(mut self, format: Format, take: impl FnMut(SignalKind, &[u8]) + Send + 'static) -> Self {
        self.copy = Some(Box::new(each(format, take)));
        self
    }

    /// Also keeps each event on the span it happened in, at most 128 a span: Jaeger shows no logs.
    pub fn span_events(mut self) -> Self {
        self.span_events = true;
        self
    }

    /// How long the end of the program may be held up by what is still to be sent. Default: 200 ms.
    pub fn budget(mut self, budget: Duration) -> Self {
        self.budget = budget;
        self
    }

    pub(crate) fn rehearse(
        mut self,
        clock: Option<Box<dyn Clock>>,
        random: Option<Box<dyn Random>>,
        secret: Option<Secret>,
    ) -> Self {
        self.settings.rehearsal = true;
        self.clock = clock;
        self.random = random;
        self.secret = secret;
        self
    }

    /// Where records go instead of to the endpoint, opened only when the decision is yes: for a transport of the
    /// author's own. It opens nothing when it fails, asks the switch before each attempt, and stays on loopback in a
    /// rehearsal.
    pub fn way_out(mut self, open: impl FnOnce(&Opening<'_>) -> Result<Box<dyn Sink>, Because> + 'static) -> Self {
        self.settings.transport = true;
        self.way_out = Some(Box::new(open));
        self
    }

    /// Decides, and puts the line together if the answer is yes.
    pub fn build(mut self) -> Telemetry {
        let tally = Arc::new(Tally::default());
        let decision = decide(&Facts::read(&self.settings));
        let line = match (decision.mode, self.way_out.take()) {
            (Mode::On, Some(way_out)) => self.open(way_out, &tally),
            _ => Err(decision),
        };
        match line {
            Ok((sieve, switch)) => {
                let line = Line { sieve: Arc::new(sieve), open: Mutex::default(), budget: self.budget };
                Telemetry { decision, tally, switch: Some(switch), line: Some(line) }
            }
            Err(decision) => Telemetry { decision, tally, switch: None, line: None },
        }
    }

    fn open(&mut self, way_out: WayOut, tally: &Arc<Tally>) -> Result<(Sieve, Switch), Decision> {
        let no = |because| Decision { mode: Mode::Off, because };
        let Some(&registry) = self.registries.first() else { return Err(no(Because::NoTransport)) };
        sound(&self.registries).map_err(|why| no(Because::Registry(why)))?;
        let endpoint = self.endpoint.as_deref().unwrap_or(registry.service.endpoint);
        let endpoint = Endpoint::parse(endpoint).map_err(|why| no(Because::Endpoint(why)))?;
        let random = match self.random.take() {
            Some(random) => random,
            None => Box::new(SystemRandom::new().map_err(|_| no(Because::NoRandom))?),
        };
        let secret = self.secret.take().unwrap_or_else(|| Secret::random(&*random));
        let version = self.version.as_deref().unwrap_or(registry.service.version);
        let resource = resource::of(registry, version, &*random);
        let switch = Switch::new(self.settings.clone(), true);
        let opening = Opening {
            endpoint: &endpoint,
            resource: &resource,
            registries: &self.registries,
            switch: &switch,
            rehearsal: self.settings.rehearsal,
        };
        let mut sink = way_out(&opening).map_err(no)?;
        if let Some(copy) = self.copy.take() {
            sink = Box::new(Tee(sink, copy(&opening).map_err(no)?));
        }
        let sieve = Sieve::new(Ingredients {
            registries: &self.registries,
            opt_in: &self.opt_in,
            secret: &secret,
            clock: self.clock.take().unwrap_or_else(|| Box::new(SystemClock)),
            random,
            sink,
            tally: Arc::clone(tally),
            on: switch.flag(),
            span_events: self.span_events,
        });
        Ok((sieve, switch))
    }
}

/// A way out that encodes each record and hands it on.
fn each(
    format: Format,
    take: impl FnMut(SignalKind, &[u8]) + Send + 'static,
) -> impl FnOnce(&Opening<'_>) -> Result<Box<dyn Sink>, Because> {
    move |opening| Ok(Box::new(Each::new(Encoder::new(opening.resource, opening.registries), format, take)))
}

/// The telemetry of one program. Keep it until the program ends.
#[must_use = "dropping it ends the telemetry"]
pub struct Telemetry {
    decision: Decision,
    tally: Arc<Tally>,
    switch: Option<Switch>,
    line: Option<Line>,
}

pub(crate) struct Line {
    pub(crate) sieve: Arc<Sieve>,
    open: Mutex<Vec<Weak<dyn Unfinished>>>,
    budget: Duration,
}

impl Line {
    /// Ends the spans that are open there when the program exits.
    pub(crate) fn watch(&self, open: Weak<dyn Unfinished>) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).push(open);
    }
}

impl Telemetry {
    /// The layer for the program's subscriber. It brings its own per-layer filter: do not put a filter on top.
    pub fn layer<S>(&self) -> Layer<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        layer::layer(self.line.as_ref().map(|line| {
            let open = Arc::new(Open::new());
            let unfinished: Arc<dyn Unfinished> = Arc::clone(&open) as _;
            line.watch(Arc::downgrade(&unfinished));
            (Arc::clone(&line.sieve), open)
        }))
    }

    /// What was decided when it was built, and why.
    pub fn decision(&self) -> Decision {
        self.decision
    }

    /// Whether records are made now: asks the environment again, and a no is final.
    pub fn is_on(&self) -> bool {
        let Some(switch) = &self.switch else { return false };
        let was_on = switch.is_on();
        let is_on = switch.ask();
        if was_on && !is_on {
            lose_interest();
        }
        is_on
    }

    /// Off, at once and for good in this process: nothing that is not yet sent is sent.
    pub fn disable(&self) {
        if let Some(switch) = &self.switch {
            switch.turn_off();
            lose_interest();
        }
    }

    /// What was withheld so far, by reason.
    pub fn withheld(&self) -> &Tally {
        &self.tally
    }

    pub(crate) fn line(&self) -> Option<&Line> {
        self.line.as_ref()
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(line) = &self.line {
            line.sieve.close(line.budget);
        }
        if let Some(switch) = &self.switch {
            switch.turn_off();
        }
    }
}

/// Has `tracing` ask the layers again, which then disable the declared callsites.
///
/// Not on a thread without a subscriber: while a process has just one, `tracing` (core 0.1.36) asks that of the calling
/// thread, and would take the callsites from a host whose only subscriber is another thread's. There, callsites stay
/// enabled and what they record is withheld. Nor at the end of the telemetry, where most threads have none.
fn lose_interest() {
    if tracing::dispatcher::get_default(|current| !current.is::<NoSubscriber>()) {
        tracing::callsite::rebuild_interest_cache();
    }
}

/// Whether the tables are as the library needs them; a record names its registry by a byte.
fn sound(registries: &[&Registry<'_>]) -> Result<(), Unsound> {
    if registries.len() > usize::from(u8::MAX) {
        return Err(Unsound::TooMany);
    }
    registries.iter().try_for_each(|registry| registry.verify())
}

/// One way out and a copy.
struct Tee(Box<dyn Sink>, Box<dyn Sink>);

impl Sink for Tee {
    fn accept(&self, record: &Clean<Record>) {
        self.0.accept(record);
        self.1.accept(record);
    }

    fn close(&self, budget: Duration) {
        self.1.close(Duration::ZERO);
        self.0.close(budget);
    }
}

//! The open pipeline: from layers and gates through the sanitizer to the exporter.

use super::context::{ExportContext, Forked};
use super::dry_run::DryRun;
use super::exporter::Exporter;
use super::{resource, streams};
use crate::consent::{Decision, Facts, Mode, Preset, Reason, Settings, Switch, agent, decide};
use crate::encode::Encoder;
use crate::identity::{Installation, Random, Secret, Session, SystemRandom, installation};
use crate::limits::SECOND;
use crate::privacy::{Clean, DropCounts, Ids, LossReason, OpenSpans, Record, Sanitizer, SanitizerConfig, Sink};
use crate::process::PerProcess;
use crate::recorder::Recorder;
use crate::registry::{Endpoint, InvalidRegistry, Registry, Source, Treatment};
use crate::spool::{PERIOD_BIT, PROCESS_BIT, Receiver};
use crate::sync::lock;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

/// The inputs of a pipeline, kept until it is opened.
#[derive(Default)]
pub(super) struct PipelineConfig {
    pub(super) version: Option<String>,
    pub(super) endpoint: Option<String>,
    pub(super) exporter: Option<Exporter>,
    pub(super) copy: Option<Exporter>,
    /// Whether the pipeline was built at the very beginning of `main`.
    pub(super) is_first_line: bool,
    pub(super) span_events: bool,
    pub(super) random: Option<Box<dyn Random>>,
    pub(super) secret: Option<Secret>,
}

impl Settings {
    /// The receiver of the queue.
    pub(super) fn queue(&self) -> Receiver {
        Receiver::new(&self.receiver, self.registries.first().map_or("", |registry| registry.service.controller))
    }
}

/// An open pipeline.
pub(super) struct Pipeline {
    pub(super) recorder: Arc<Recorder>,
    pub(super) switch: Switch,
    sessions: Arc<Sessions>,
    pub(super) shutdown_timeout: Duration,
    open: Mutex<Vec<Weak<dyn OpenSpans>>>,
}

/// The session, if one is declared; each forked process has its own.
struct Sessions(PerProcess<Option<Session>>);

impl Sessions {
    fn here(&self, settings: &Settings) -> Option<Session> {
        let new = || Some(Session::new(&SystemRandom::new().ok()?, settings.clock.now()));
        *self.0.get(|parents| parents.and_then(|_| new()))?
    }
}

impl Pipeline {
    /// This process's session.
    pub(super) fn session(&self, settings: &Settings) -> Option<Session> {
        self.sessions.here(settings)
    }

    /// Opens a pipeline unless the decision is off. On failure nothing is left open.
    pub(super) fn open(
        settings: &Settings,
        decision: Decision,
        mut config: PipelineConfig,
        drop_counts: &Arc<DropCounts>,
        shutdown_timeout: Duration,
    ) -> Result<Self, Reason> {
        streams::occupy();
        let Some(&own) = settings.registries.first() else { return Err(Reason::NoTransport) };
        validate(&settings.registries).map_err(Reason::Registry)?;
        let version = config.version.as_deref().unwrap_or(own.service.version).to_owned();
        let agreed = settings.agreed_tables(decision)?;
        let latest = if decision.mode == Mode::On {
            let is_on = || decide(&Facts::read(settings)).mode == Mode::On;
            settings.note_latest(&agreed, &is_on).map_err(Reason::Spool)?
        } else {
            settings.latest(&agreed)
        };
        let registries = settings.limited(agreed, decision, &version, latest)?;
        let registries = registries.as_slice();
        let Some(&registry) = registries.first() else { return Err(Reason::NoTransport) };
        if settings.preset == Preset::Documented && decision.reason == Reason::Documented && links(registries) {
            return Err(Reason::NeedsMoreThanDocumentation);
        }
        let endpoint = config.endpoint.as_deref().unwrap_or(registry.service.endpoint);
        let endpoint = Endpoint::parse(endpoint).map_err(Reason::Endpoint)?;
        let exporter = config.exporter.take().filter(|_| decision.mode == Mode::On);
        exporter.as_ref().map_or(Ok(()), |exporter| exporter.check(settings))?;
        let random = match config.random.take() {
            Some(random) => random,
            None => Box::new(SystemRandom::new().map_err(|_| Reason::NoRandom)?),
        };
        let session = session(settings, &*random);
        let sessions = Arc::new(Sessions(PerProcess::new(session)));
        let stored = stored(settings, decision, registries, &*random)?;
        let period = stored.as_ref().map_or(0, |installation| installation.period);
        let secret = match (config.secret.take(), stored) {
            (Some(secret), _) => secret,
            (None, Some(installation)) => installation.secret,
            (None, None) => Secret::random(&*random),
        };
        let secret = Arc::new(secret);
        let resource = resource::of(registry, &version, session.as_ref(), &secret);
        let forked: Forked = {
            let (settings, version, registries) = (settings.clone(), version.clone(), registries.to_vec());
            let (sessions, secret) = (Arc::clone(&sessions), Arc::clone(&secret));
            Arc::new(move || {
                let session = sessions.here(&settings);
                let resource = resource::of(registry, &version, session.as_ref(), &secret);
                Some((Encoder::new(&resource, &registries), file_id(period, &SystemRandom::new().ok()?)))
            })
        };
        let switch = Switch::new(settings.clone(), decision);

        let context = ExportContext {
            endpoint: &endpoint,
            resource: &resource,
            registries,
            switch: &switch,
            rehearsal: settings.rehearsal,
            settings,
            version: &version,
            is_first_line: config.is_first_line,
            // Drawn by those alone who need it: ids come from the same source.
            file_id: &|| file_id(period, &*random),
            drop_counts,
            forked: &forked,
        };
        let mut sink: Box<dyn Sink> = match (decision.mode, exporter) {
            (Mode::Log, _) => Box::new(DryRun::new(&resource, drop_counts)),
            (_, Some(exporter)) => exporter.start(&context)?,
            (_, None) => return Err(Reason::NoTransport),
        };
        if let Some(copy) = config.copy.take().filter(|_| decision.mode == Mode::On) {
            sink = Box::new(Tee(sink, copy.start(&context)?));
        }
        // A rehearsal reads nothing from the environment.
        let agent = agent(&|name| std::env::var_os(name)).filter(|_| settings.is_asked());
        let sanitizer = Sanitizer::new(SanitizerConfig {
            registries,
            declared: &settings.registries,
            version: &version,
            opt_in: &settings.opt_in,
            secret: &secret,
            clock: Arc::clone(&settings.clock),
            latest: latest.saturating_mul(SECOND),
            random,
            drop_counts: Arc::clone(drop_counts),
            on_drop: (decision.mode == Mode::Log).then_some(DryRun::dropped),
            on: switch.flag(),
            span_events: config.span_events,
            agent: agent.map(|rule| rule.name),
        });
        let recorder = Arc::new(Recorder::new(sanitizer, sink));
        Ok(Self { recorder, switch, sessions, shutdown_timeout, open: Mutex::default() })
    }

    /// Ends the open spans there when the program exits. Dropped layers are removed: a program may make one for each of
    /// its tasks.
    pub(crate) fn watch(&self, open: Weak<dyn OpenSpans>) {
        let mut layers = lock(&self.open);
        layers.retain(|layer| layer.strong_count() > 0);
        layers.push(open);
    }

    #[cfg(test)]
    pub(super) fn layers(&self) -> usize {
        lock(&self.open).len()
    }

    /// The innermost declared span of this thread.
    pub(super) fn innermost(&self) -> Option<Ids> {
        let layers = lock(&self.open);
        layers.iter().filter_map(Weak::upgrade).find_map(|open| open.innermost())
    }

    /// Takes every open span of every entrance.
    pub(super) fn take_open(&self) -> Vec<Clean<Record>> {
        let layers = std::mem::take(&mut *lock(&self.open));
        layers.iter().filter_map(Weak::upgrade).flat_map(|open| open.take_all()).collect()
    }
}

/// The number in this process's file names: random, except for the high bits, the period, which an uploader reads, and
/// the low bits, which count the files.
fn file_id(period: u64, random: &dyn Random) -> u64 {
    let mut drawn = [0; 8];
    random.fill(&mut drawn);
    let random = u64::from_le_bytes(drawn) >> (u64::BITS - PERIOD_BIT);
    period << PERIOD_BIT | random >> PROCESS_BIT << PROCESS_BIT
}

/// The session inherited from the parent, or a new one; none if none is declared. A rehearsal reads nothing from the
/// environment.
fn session(settings: &Settings, random: &dyn Random) -> Option<Session> {
    let is_session = |treatment: &Treatment<'_>| matches!(treatment, Treatment::Given { source: Source::Session, .. });
    let registry = settings.registries.first()?;
    let mut declared = registry.resource.iter().filter_map(|&index| registry.attribute(index));
    declared.find(|attribute| is_session(&attribute.treatment))?;
    let now = settings.clock.now();
    let handed = settings.is_asked().then(|| std::env::var_os(Session::variable(settings.app_id()))).flatten();
    handed.and_then(|value| Session::inherited(&value, now)).or_else(|| Some(Session::new(random, now)))
}

/// The stored secret of the installation, if the person's own yes and the registry allow one; else a secret of this
/// process.
fn stored(
    settings: &Settings,
    decision: Decision,
    registries: &[&Registry<'_>],
    random: &dyn Random,
) -> Result<Option<Installation>, Reason> {
    // A clock that restarts with each boot would keep one period, and its ids, forever.
    let is_kept = decision.reason.is_a_persons_yes() && settings.keeps_files() && !settings.is_clock_behind();
    if decision.mode != Mode::On || !is_kept || !links(registries) {
        return Ok(None);
    }
    let Some((places, registry)) = settings.own_places().zip(registries.first()) else { return Ok(None) };
    let now = settings.clock.now();
    let is_on = || decide(&Facts::read(settings)).mode == Mode::On;
    let installation = installation(&places.state, registry.service.rotate, now, random, &is_on);
    installation.map_err(Reason::Identity)?.map(Some).ok_or_else(|| decide(&Facts::read(settings)).reason)
}

/// Whether declared content links records of an installation.
fn links(registries: &[&Registry<'_>]) -> bool {
    registries.iter().flat_map(|registry| registry.attributes).any(|attribute| attribute.treatment.links_records())
}

/// Whether the tables are valid; a record stores its registry's index in a byte.
fn validate(registries: &[&Registry<'_>]) -> Result<(), InvalidRegistry> {
    if registries.len() > usize::from(u8::MAX) {
        return Err(InvalidRegistry::TooMany);
    }
    registries.iter().try_for_each(|registry| registry.validate())
}

/// An exporter and a second one that gets a copy.
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

    fn lost(&self) -> Vec<(LossReason, u64)> {
        self.0.lost()
    }

    fn finish_files(&self) {
        self.0.finish_files();
        self.1.finish_files();
    }

    fn come_too_late(&self) {
        self.0.come_too_late();
    }
}

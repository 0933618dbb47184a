//! The line: from the ways in through the sieve to the way out, opened once.

use super::exporter::{ExportContext, Exporter, Kind};
use super::log::Log;
use super::spooled::{self, Policy, UploaderConfig};
use super::{resource, streams};
use crate::consent::{Decision, Facts, Mode, Preset, Reason, Settings, Switch, agent, decide};
use crate::encode::Encoder;
use crate::identity::{Installation, Random, Secret, Session, SystemRandom, installation};
use crate::privacy::{Clean, Declarations, DropCounts, Ids, OpenSpans, Record, Sanitizer, SanitizerConfig, Sink};
use crate::process::PerProcess;
use crate::registry::{Endpoint, EndpointError, InvalidRegistry, Registry, Source, Treatment};
use crate::spool::{PERIOD_BIT, PROCESS_BIT};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

/// What a line is made of, kept until it is.
#[derive(Default)]
pub(super) struct PipelineConfig {
    pub(super) version: Option<String>,
    pub(super) endpoint: Option<String>,
    pub(super) exporter: Option<Exporter>,
    pub(super) copy: Option<Exporter>,
    /// What is asked before anything is sent, or why it can't be.
    pub(super) policy: Option<Result<Policy, EndpointError>>,
    /// Nothing but the beginning of `main` had run when the pipeline was built.
    pub(super) is_first_line: bool,
    pub(super) span_events: bool,
    pub(super) random: Option<Box<dyn Random>>,
    pub(super) secret: Option<Secret>,
}

impl PipelineConfig {
    /// What an uploader is to do, if that is the way out. A yes that the host's own settings hold is no yes to anything
    /// in a person's home folder: who gives it names another way out.
    pub(super) fn errand(&self, settings: &Settings) -> Result<Option<UploaderConfig>, Reason> {
        let upload = self.exporter.as_ref().and_then(Exporter::upload);
        let Some((upload, registry)) = upload.zip(settings.registries.first()) else { return Ok(None) };
        let Some(places) =
            settings.own_places().filter(|_| settings.is_asked() && settings.preset != Preset::OperatorConsent)
        else {
            return Ok(None);
        };
        let service = &registry.service;
        let endpoint = self.endpoint.as_deref().unwrap_or(service.endpoint);
        let endpoint = Endpoint::parse(endpoint).map_err(Reason::Endpoint)?;
        let version = self.version.as_deref().unwrap_or(service.version);
        let terms = Declarations { registries: &settings.registries, opt_in: &settings.opt_in, version, narrow: None };
        let policy = self.policy.clone().transpose().map_err(Reason::PolicyAddress)?;
        Ok(Some(UploaderConfig::new(upload.clone(), settings, &terms, endpoint, places, policy)))
    }
}

/// An open line.
pub(crate) struct Pipeline {
    pub(crate) sieve: Arc<Sanitizer>,
    pub(super) switch: Switch,
    sessions: Arc<Sessions>,
    pub(super) budget: Duration,
    open: Mutex<Vec<Weak<dyn OpenSpans>>>,
}

/// Where one is declared, and in each process that is forked from this one another.
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

    /// Opens a line whose decision is not no. Nothing is left open when it fails.
    pub(super) fn open(
        settings: &Settings,
        decision: Decision,
        mut parts: PipelineConfig,
        tally: &Arc<DropCounts>,
        budget: Duration,
    ) -> Result<Self, Reason> {
        streams::occupy();
        let registries = settings.registries.as_slice();
        let Some(&registry) = registries.first() else { return Err(Reason::NoTransport) };
        sound(registries).map_err(Reason::Registry)?;
        if settings.preset == Preset::Documented && decision.reason == Reason::Documented && links(registries) {
            return Err(Reason::NeedsMoreThanDocumentation);
        }
        let endpoint = parts.endpoint.as_deref().unwrap_or(registry.service.endpoint);
        let endpoint = Endpoint::parse(endpoint).map_err(Reason::Endpoint)?;
        let random = match parts.random.take() {
            Some(random) => random,
            None => Box::new(SystemRandom::new().map_err(|_| Reason::NoRandom)?),
        };
        // Only an uploader asks for a policy. What does not leave this machine needs none.
        let is_sent = decision.mode == Mode::On && !settings.rehearsal;
        if is_sent
            && parts.policy.is_some()
            && parts.exporter.as_ref().is_some_and(|exporter| exporter.upload().is_none())
        {
            return Err(Reason::PolicyNotAsked);
        }
        let session = session(settings, &*random);
        let sessions = Arc::new(Sessions(PerProcess::new(session)));
        let stored = stored(settings, decision, registries, &*random)?;
        let period = stored.as_ref().map_or(0, |installation| installation.period);
        let secret = match (parts.secret.take(), stored) {
            (Some(secret), _) => secret,
            (None, Some(installation)) => installation.secret,
            (None, None) => Secret::random(&*random),
        };
        let secret = Arc::new(secret);
        let version = parts.version.as_deref().unwrap_or(registry.service.version).to_owned();
        let resource = resource::of(registry, &version, session.as_ref(), &secret);
        let forked = {
            let (settings, sessions, secret) = (settings.clone(), Arc::clone(&sessions), Arc::clone(&secret));
            move || {
                let session = sessions.here(&settings);
                let resource = resource::of(registry, &version, session.as_ref(), &secret);
                Some((Encoder::new(&resource, &settings.registries), stem(period, &SystemRandom::new().ok()?)))
            }
        };
        let switch = Switch::new(settings.clone(), true);
        let opening = ExportContext {
            endpoint: &endpoint,
            resource: &resource,
            registries,
            switch: &switch,
            rehearsal: settings.rehearsal,
        };
        let errand = parts.errand(settings)?;
        let mut sink: Box<dyn Sink> = match (decision.mode, parts.exporter.take(), errand) {
            (Mode::Log, ..) => Box::new(Log::new(&resource)),
            (_, Some(Exporter(Kind::Opened(open))), _) => open(&opening)?,
            (_, Some(Exporter(Kind::Spool(_))), Some(errand)) => {
                spooled::open(errand, &opening, (stem(period, &*random), forked), parts.is_first_line)?
            }
            _ => return Err(Reason::NoTransport),
        };
        let copy = parts.copy.take().filter(|_| decision.mode == Mode::On);
        if let Some(Exporter(Kind::Opened(open))) = copy {
            sink = Box::new(Tee(sink, open(&opening)?));
        }
        // A rehearsal takes nothing from the environment.
        let agent = agent(&|name| std::env::var_os(name)).filter(|_| settings.is_asked());
        let sieve = Sanitizer::new(SanitizerConfig {
            registries,
            opt_in: &settings.opt_in,
            secret: &secret,
            clock: Arc::clone(&settings.clock),
            random,
            sink,
            tally: Arc::clone(tally),
            on: switch.flag(),
            span_events: parts.span_events,
            agent: agent.map(|rule| rule.name),
        });
        Ok(Self { sieve: Arc::new(sieve), switch, sessions, budget, open: Mutex::default() })
    }

    /// Ends the spans that are open there when the program exits. Ways in that are gone make room: a program may make one
    /// for each of its tasks.
    pub(crate) fn watch(&self, open: Weak<dyn OpenSpans>) {
        let mut ways = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        ways.retain(|way| way.strong_count() > 0);
        ways.push(open);
    }

    #[cfg(test)]
    pub(super) fn ways(&self) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The declared span that this thread is in.
    pub(super) fn innermost(&self) -> Option<Ids> {
        let ways = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        ways.iter().filter_map(Weak::upgrade).find_map(|open| open.innermost())
    }

    /// Takes every span that is open anywhere.
    pub(super) fn take_open(&self) -> Vec<Clean<Record>> {
        let ways = std::mem::take(&mut *self.open.lock().unwrap_or_else(PoisonError::into_inner));
        ways.iter().filter_map(Weak::upgrade).flat_map(|open| open.take_all()).collect()
    }
}

/// What names this process's files: random, but for the number of the period, by which an uploader tells them apart, and
/// for the last digits, which count the files.
fn stem(period: u64, random: &dyn Random) -> u64 {
    let mut drawn = [0; 8];
    random.fill(&mut drawn);
    let random = u64::from_le_bytes(drawn) >> (u64::BITS - PERIOD_BIT);
    period << PERIOD_BIT | random >> PROCESS_BIT << PROCESS_BIT
}

/// The session that the parent handed down, or a new one; none is drawn where none is declared. A rehearsal takes nothing
/// from the environment.
fn session(settings: &Settings, random: &dyn Random) -> Option<Session> {
    let is_session = |treatment: &Treatment<'_>| matches!(treatment, Treatment::Given { source: Source::Session, .. });
    let registry = settings.registries.first()?;
    let mut declared = registry.resource.iter().filter_map(|&index| registry.attribute(index));
    declared.find(|attribute| is_session(&attribute.treatment))?;
    let now = settings.clock.now();
    let handed = settings.is_asked().then(|| std::env::var_os(Session::variable(settings.app_id()))).flatten();
    handed.and_then(|value| Session::inherited(&value, now)).or_else(|| Some(Session::new(random, now)))
}

/// The installation's secret, if the person's own yes and the registry ask for one; else it lives as long as the process.
fn stored(
    settings: &Settings,
    decision: Decision,
    registries: &[&Registry<'_>],
    random: &dyn Random,
) -> Result<Option<Installation>, Reason> {
    // A clock that starts anew with each boot would keep one period, and its ids, for good.
    let is_kept = decision.reason.is_a_persons_yes() && !settings.is_clock_behind();
    if decision.mode != Mode::On || !is_kept || !links(registries) {
        return Ok(None);
    }
    let Some((places, registry)) = settings.own_places().zip(registries.first()) else { return Ok(None) };
    let now = settings.clock.now();
    let is_on = || decide(&Facts::read(settings)).mode == Mode::On;
    let installation = installation(&places.state, registry.service.rotate, now, random, &is_on);
    installation.map_err(Reason::Identity)?.map(Some).ok_or_else(|| decide(&Facts::read(settings)).reason)
}

/// Whether anything that is declared links one record of an installation to another.
fn links(registries: &[&Registry<'_>]) -> bool {
    let links = |treatment: &Treatment<'_>| {
        matches!(
            treatment,
            Treatment::Hash | Treatment::Sha256 { .. } | Treatment::Given { source: Source::Installation, .. }
        )
    };
    registries.iter().flat_map(|registry| registry.attributes).any(|attribute| links(&attribute.treatment))
}

/// Whether the tables are as the library needs them; a record names its registry by a byte.
fn sound(registries: &[&Registry<'_>]) -> Result<(), InvalidRegistry> {
    if registries.len() > usize::from(u8::MAX) {
        return Err(InvalidRegistry::TooMany);
    }
    registries.iter().try_for_each(|registry| registry.validate())
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

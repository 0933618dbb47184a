//! Narrows a program's tables to the text that a person was told.
//!
//! What stays is declared by both. A value stays only if it means the same in both: a bucket is a label for a range, so an
//! attribute whose buckets differ is left out, and so is one with another treatment.

use super::Snapshot;
use super::attribute::AttributeFacts;
use super::change::ChangeKind;
use super::registry::RegistryFacts;
use super::service::{ServiceFacts, have_one_origin};
use super::signal::SignalFacts;
use crate::narrow::{Keep, narrowed};
use crate::{
    Attribute, AttributeRef, Expiry, Normalize, Purpose, Registry, RequirementLevel, Service, Signal, SignalKind,
    Treatment,
};

impl Snapshot<'_> {
    /// Whether a program may send anything by this text. The first registry is the program's own.
    ///
    /// # Errors
    /// The first reason against it: the program's own registry, the controller or the receiver is another, the receiver
    /// now adds a part of the sender's address, or no signal is declared by both and is not over by the earlier end.
    pub fn allows(
        &self,
        registries: &[&Registry<'_>],
        is_over: &dyn Fn(&Registry<'_>, Expiry) -> bool,
    ) -> Result<(), ChangeKind> {
        let program = registries.first().map(|registry| registry.service.app_id);
        if self.program.as_deref() != program {
            return Err(ChangeKind::Program);
        }
        let common = || registries.iter().filter_map(|registry| Some((self.told(registry)?, registry)));
        common().try_for_each(|(told, registry)| told.service.allows(&registry.service))?;
        let end =
            common().next().map(|(told, program)| (program, program.service.expires.or_earlier(told.service.expires)));
        if end.is_some_and(|(program, end)| is_over(program, end)) {
            return Err(ChangeKind::Signal);
        }
        let has_signals = common().any(|(told, registry)| {
            registry.all_signals().any(|(kind, signal)| {
                let end = |told: &SignalFacts<'_>| registry.expiry(Some(signal), None).or_earlier(told.expires);
                told.signal(kind, signal, registry).is_some_and(|told| !is_over(registry, end(told)))
            })
        });
        if has_signals { Ok(()) } else { Err(ChangeKind::Signal) }
    }

    /// The tables of a program and its libraries, narrowed to what this text declares too. A library that this text does
    /// not have is left out. `opt_in` has the attributes that the program opts in to.
    ///
    /// # Errors
    /// As [`Snapshot::allows`].
    pub fn narrow(
        &self,
        registries: &[&'static Registry<'static>],
        opt_in: &[String],
    ) -> Result<Vec<&'static Registry<'static>>, ChangeKind> {
        self.allows(&registries.iter().map(|&registry| registry as &_).collect::<Vec<_>>(), &|_, _| false)?;
        let narrow = |registry: &&'static Registry<'static>| {
            self.told(registry).map(|told| narrowed(registry, &AgreedText { told, registry, opt_in }))
        };
        Ok(registries.iter().filter_map(narrow).collect())
    }

    fn told(&self, registry: &Registry<'_>) -> Option<&RegistryFacts<'_>> {
        self.registries.iter().find(|facts| facts.service.app_id == registry.service.app_id)
    }
}

impl RegistryFacts<'_> {
    /// The facts of a signal of the tables, if it is of the same kind and for the same purpose.
    fn signal<'r>(&self, kind: SignalKind, signal: &Signal<'r>, registry: &Registry<'r>) -> Option<&SignalFacts<'_>> {
        let signals = if kind == SignalKind::Span { &self.spans } else { &self.events };
        let told = signals.iter().find(|told| told.name == signal.name)?;
        let purpose = registry.purpose(signal);
        let is_same = kind == SignalKind::Event || told.kind == signal.kind;
        (is_same && told.purpose == purpose && self.describes_alike(purpose, registry)).then_some(told)
    }

    /// Whether a purpose was told in the words of the tables.
    fn describes_alike(&self, purpose: &str, registry: &Registry<'_>) -> bool {
        let told = self.description(purpose).or_else(|| Purpose::common(purpose));
        self.purposes().contains(&purpose) && told == registry.describe(purpose)
    }

    /// Leaves out what is for another purpose.
    pub(super) fn only(&mut self, is_agreed: &dyn Fn(&str) -> bool) {
        self.attributes.retain(|attribute| attribute.purpose.as_deref().is_none_or(is_agreed));
        let Self { attributes, resource, spans, events, .. } = self;
        let is_left = |key: &str| attributes.binary_search_by(|attribute| (*attribute.key).cmp(key)).is_ok();
        resource.retain(|key| is_left(key));
        for signals in [spans, events] {
            signals.retain(|signal| is_agreed(&signal.purpose));
            signals.iter_mut().for_each(|signal| signal.carries.retain(|(key, _)| is_left(key)));
        }
        let purposes: Vec<String> = self.purposes().into_iter().map(str::to_owned).collect();
        self.described.retain(|(name, _)| purposes.iter().any(|purpose| purpose == name));
    }
}

impl ServiceFacts<'_> {
    /// Whether this text allows this service to receive anything.
    fn allows(&self, now: &Service<'_>) -> Result<(), ChangeKind> {
        match now {
            _ if self.controller != now.controller => Err(ChangeKind::Controller),
            _ if self.endpoint != now.endpoint && !have_one_origin(&self.endpoint, now.endpoint) => {
                Err(ChangeKind::Endpoint)
            }
            _ if now.client_address && !self.client_address => Err(ChangeKind::ClientAddress),
            _ => Ok(()),
        }
    }
}

/// What a text tells of one registry.
struct AgreedText<'t> {
    told: &'t RegistryFacts<'t>,
    registry: &'static Registry<'static>,
    opt_in: &'t [String],
}

impl Keep for AgreedText<'_> {
    fn service(&self, mut service: Service<'static>) -> Service<'static> {
        let told = &self.told.service;
        service.rotate = service.rotate.min(told.rotate);
        service.time = service.time.max(told.time);
        service.duration = service.duration.max(told.duration.unwrap_or(told.time));
        service.expires = service.expires.or_earlier(told.expires);
        service
    }

    fn attribute(&self, attribute: Attribute<'static>) -> Option<Attribute<'static>> {
        let told = self.told.attributes.iter().find(|told| told.key == attribute.key)?;
        let is_same = told.purpose.as_deref() == attribute.purpose
            && attribute.purpose.is_none_or(|purpose| self.told.describes_alike(purpose, self.registry));
        let treatment = treatment(told, attribute.treatment).filter(|_| is_same)?;
        Some(Attribute { treatment, expires: attribute.expires.or_earlier(told.expires), ..attribute })
    }

    fn is_in_resource(&self, attribute: &Attribute<'static>) -> bool {
        self.told.resource.iter().any(|key| key == attribute.key)
    }

    fn signal(&self, kind: SignalKind, mut signal: Signal<'static>) -> Option<Signal<'static>> {
        let told = self.told.signal(kind, &signal, self.registry)?;
        signal.time = signal.time.max(told.time);
        signal.duration = signal.duration.max(told.duration.unwrap_or(told.time));
        if kind == SignalKind::Event {
            signal.duration = signal.time;
        }
        signal.at_most = signal.at_most.min(told.at_most);
        signal.expires = signal.expires.or_earlier(told.expires);
        Some(signal)
    }

    fn is_carried(
        &self,
        kind: SignalKind,
        signal: &Signal<'static>,
        attribute: &Attribute<'static>,
        used: AttributeRef,
    ) -> bool {
        let told = self
            .told
            .signal(kind, signal, self.registry)
            .and_then(|told| told.carries.iter().find(|(key, _)| key == attribute.key));
        let is_opted_in = || self.opt_in.iter().any(|key| key == attribute.key);
        let is_sent = used.level != RequirementLevel::OptIn || is_opted_in();
        // An attribute that the program now opts in to was perhaps told as one that it does not send.
        told.is_some_and(|(_, level)| *level != RequirementLevel::OptIn || !is_sent)
    }
}

/// The treatment with what both declare; `None` if that is nothing.
fn treatment(told: &AttributeFacts<'_>, now: Treatment<'static>) -> Option<Treatment<'static>> {
    if told.way != now.kind() {
        return None;
    }
    let members = || {
        let both: Vec<&str> =
            now.members().iter().copied().filter(|member| told.members.iter().any(|told| told == member)).collect();
        Some(both).filter(|both| !both.is_empty())
    };
    // A member for other values stays if it was told for them.
    let same = |index: Option<u16>, told: Option<&str>, both: &[&str]| {
        let member = now.members().get(usize::from(index?)).filter(|member| Some(**member) == told)?;
        u16::try_from(both.iter().position(|kept| kept == member)?).ok()
    };
    Some(match now {
        Treatment::Enum { otherwise, .. } => {
            let both = members()?;
            let otherwise = same(otherwise, told.otherwise.as_deref(), &both);
            Treatment::Enum { members: leaked(both, now), otherwise }
        }
        Treatment::IntegerEnum { otherwise, .. } => {
            let both = members()?;
            let otherwise = same(otherwise, told.otherwise.as_deref(), &both);
            Treatment::IntegerEnum { members: leaked(both, now), otherwise }
        }
        Treatment::UriScheme { otherwise, absent, .. } => {
            let both = members()?;
            let otherwise = same(otherwise, told.otherwise.as_deref(), &both);
            let absent = same(absent, told.absent.as_deref(), &both);
            Treatment::UriScheme { members: leaked(both, now), otherwise, absent }
        }
        Treatment::Agent { .. } => Treatment::Agent { members: leaked(members()?, now) },
        Treatment::Names { .. } => Treatment::Names { members: leaked(members()?, now) },
        Treatment::Bucket { members, below } => {
            let (told_labels, rest) = (told.below.iter(), told.rest.as_deref());
            let is_same = told_labels
                .map(|(bound, label)| (*bound, &**label))
                .eq(below.iter().copied().zip(members.iter().copied()))
                && rest == members.last().copied();
            return is_same.then_some(now);
        }
        Treatment::Count { max } => Treatment::Count { max: told.max.map_or(max, |told| max.min(told)) },
        Treatment::Sha256 { normalize } => Treatment::Sha256 {
            normalize: match (normalize, told.normalize) {
                (Normalize::None, Some(told)) => told,
                (now, _) => now,
            },
        },
        Treatment::Given { source, members: all } => match (told.members.is_empty(), all.is_empty()) {
            (true, true) => now,
            (false, false) => Treatment::Given { source, members: leaked(members()?, now) },
            _ => return None,
        },
        Treatment::Boolean | Treatment::Hash | Treatment::Version | Treatment::Location { .. } => now,
    })
}

/// The members that stay, without a copy if all do: tables are never freed.
fn leaked(both: Vec<&'static str>, now: Treatment<'static>) -> &'static [&'static str] {
    if both == now.members() { now.members() } else { Vec::leak(both) }
}

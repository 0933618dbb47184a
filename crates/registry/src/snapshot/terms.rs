//! The facts of one registry in comparable form: flat, sorted, with names in place of indices.

use crate as tables;
use crate::{Normalize, Registry, RequirementLevel, Rotation, SignalKind, SpanKind, TimeResolution, TreatmentKind};
use std::borrow::Cow;

/// All that one registry says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RegistryFacts<'a> {
    pub(super) schema_url: Cow<'a, str>,
    pub(super) app_id: Cow<'a, str>,
    pub(super) name: Cow<'a, str>,
    pub(super) controller: Cow<'a, str>,
    pub(super) endpoint: Cow<'a, str>,
    pub(super) client_address: bool,
    pub(super) rotate: Rotation,
    pub(super) time: TimeResolution,
    pub(super) because: Option<Cow<'a, str>>,
    pub(super) link: Option<Cow<'a, str>>,
    /// The keys of the resource, sorted.
    pub(super) resource: Vec<Cow<'a, str>>,
    /// Sorted by key.
    pub(super) attributes: Vec<Attribute<'a>>,
    /// Sorted by name.
    pub(super) spans: Vec<Signal<'a>>,
    /// Sorted by name.
    pub(super) events: Vec<Signal<'a>>,
}

/// An attribute: each fact that may be said of one. Those that its treatment does not have are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute<'a> {
    pub(super) key: Cow<'a, str>,
    pub(super) way: TreatmentKind,
    pub(super) brief: Cow<'a, str>,
    pub(super) because: Option<Cow<'a, str>>,
    /// None: it is the key.
    pub(super) field: Option<Cow<'a, str>>,
    /// Sorted, without those of buckets.
    pub(super) members: Vec<Cow<'a, str>>,
    pub(super) otherwise: Option<Cow<'a, str>>,
    pub(super) absent: Option<Cow<'a, str>>,
    /// The exclusive bounds of the buckets, growing, each with its label.
    pub(super) below: Vec<(i64, Cow<'a, str>)>,
    /// The label of the bucket without a bound.
    pub(super) rest: Option<Cow<'a, str>>,
    pub(super) max: Option<i64>,
    pub(super) normalize: Option<Normalize>,
}

/// A span or an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signal<'a> {
    pub(super) is: SignalKind,
    pub(super) name: Cow<'a, str>,
    pub(super) brief: Cow<'a, str>,
    pub(super) because: Option<Cow<'a, str>>,
    /// That of a span; internal for an event.
    pub(super) kind: SpanKind,
    pub(super) time: TimeResolution,
    /// `u32::MAX` is no limit.
    pub(super) at_most: u32,
    /// The keys it may carry, sorted.
    pub(super) carries: Vec<(Cow<'a, str>, RequirementLevel)>,
}

impl<'a> RegistryFacts<'a> {
    /// Those of which nothing is known yet.
    pub(super) fn new() -> Self {
        Self {
            schema_url: Cow::default(),
            app_id: Cow::default(),
            name: Cow::default(),
            controller: Cow::default(),
            endpoint: Cow::default(),
            client_address: false,
            rotate: Rotation::Daily,
            time: TimeResolution::Day,
            because: None,
            link: None,
            resource: Vec::new(),
            attributes: Vec::new(),
            spans: Vec::new(),
            events: Vec::new(),
        }
    }

    /// What the tables say.
    pub(super) fn of(registry: &Registry<'a>) -> Self {
        let service = &registry.service;
        let key = |index: u16| registry.attribute(index).map_or("", |attribute| attribute.key);
        let signals = |is| {
            let mut signals: Vec<_> = registry.signals(is).iter().map(|found| Signal::of(is, found, key)).collect();
            signals.sort_by(|one, other| one.name.cmp(&other.name));
            signals
        };
        let mut terms = Self {
            schema_url: registry.schema_url.into(),
            app_id: service.app_id.into(),
            name: service.name.into(),
            controller: service.controller.into(),
            endpoint: service.endpoint.into(),
            client_address: service.client_address,
            rotate: service.rotate,
            time: service.time,
            because: service.because.map(Cow::Borrowed),
            link: service.link.map(Cow::Borrowed),
            resource: registry.resource.iter().map(|index| key(*index).into()).collect(),
            attributes: registry.attributes.iter().map(Attribute::of).collect(),
            spans: signals(SignalKind::Span),
            events: signals(SignalKind::Event),
            ..Self::new()
        };
        terms.resource.sort();
        terms.attributes.sort_by(|one, other| one.key.cmp(&other.key));
        terms
    }
}

impl<'a> Attribute<'a> {
    /// One of which nothing but the key is known yet.
    pub(super) fn new(key: Cow<'a, str>) -> Self {
        Self {
            key,
            way: TreatmentKind::Boolean,
            brief: Cow::default(),
            because: None,
            field: None,
            members: Vec::new(),
            otherwise: None,
            absent: None,
            below: Vec::new(),
            rest: None,
            max: None,
            normalize: None,
        }
    }

    fn of(found: &tables::Attribute<'a>) -> Self {
        let mut facts = Self::new(found.key.into());
        facts.way = found.treatment.kind();
        facts.brief = found.brief.into();
        facts.because = found.because.map(Cow::Borrowed);
        facts.field = (found.field != found.key).then(|| found.field.into());
        let member = |members: &[&'a str], index: Option<u16>| {
            index.and_then(|index| members.get(usize::from(index))).map(|member| Cow::from(*member))
        };
        let mut members = found.treatment.members();
        match found.treatment {
            tables::Treatment::Enum { otherwise, .. } => facts.otherwise = member(members, otherwise),
            tables::Treatment::UriScheme { otherwise, absent, .. } => {
                facts.otherwise = member(members, otherwise);
                facts.absent = member(members, absent);
            }
            tables::Treatment::Bucket { below, .. } => {
                facts.below = below.iter().copied().zip(members.iter().map(|member| Cow::from(*member))).collect();
                facts.rest = members.get(below.len()).map(|member| Cow::from(*member));
                members = &[];
            }
            tables::Treatment::Count { max } => facts.max = Some(max),
            tables::Treatment::Sha256 { normalize } => facts.normalize = Some(normalize),
            tables::Treatment::Boolean
            | tables::Treatment::Agent { .. }
            | tables::Treatment::Names { .. }
            | tables::Treatment::Hash
            | tables::Treatment::Version
            | tables::Treatment::Location { .. }
            | tables::Treatment::Given { .. } => {}
        }
        facts.members = members.iter().map(|member| Cow::from(*member)).collect();
        facts.members.sort();
        facts.members.dedup();
        facts
    }
}

impl<'a> Signal<'a> {
    /// One of which nothing but the name is known yet.
    pub(super) fn new(is: SignalKind, name: Cow<'a, str>) -> Self {
        Self {
            is,
            name,
            brief: Cow::default(),
            because: None,
            kind: SpanKind::Internal,
            time: TimeResolution::Day,
            at_most: u32::MAX,
            carries: Vec::new(),
        }
    }

    fn of(is: SignalKind, found: &tables::Signal<'a>, key: impl Fn(u16) -> &'a str) -> Self {
        let mut facts = Self::new(is, found.name.into());
        facts.brief = found.brief.into();
        facts.because = found.because.map(Cow::Borrowed);
        facts.time = found.time;
        facts.at_most = found.at_most;
        if is == SignalKind::Span {
            facts.kind = found.kind;
        }
        facts.carries = found.attributes.iter().map(|used| (key(used.attribute).into(), used.level)).collect();
        facts.carries.sort_by(|(one, _), (other, _)| one.cmp(other));
        facts
    }
}

//! The registries as records are made: each signal with its fields, found once.

use super::drops::DropReason;
use super::record::Record;
use super::values::{Value, bit};
use crate::identity::{AttributeKey, Secret};
use crate::registry::{
    Attribute, AttributeRef, Expiry, Registry, RequirementLevel, Signal, SignalKind, TimeResolution, Treatment,
};
use std::sync::atomic::AtomicU32;

/// One registry.
pub(super) struct CompiledRegistry {
    pub(super) registry: &'static Registry<'static>,
    pub(super) keys: Vec<Option<AttributeKey>>,
    spans: Vec<SignalState>,
    events: Vec<SignalState>,
}

/// A signal: its fields, and the initial state of its records.
pub(super) struct SignalState {
    /// The names of the declared fields with their destinations: a gate finds each attribute by its name.
    pub(super) fields: Box<[(&'static str, Field)]>,
    /// The number of records so far, if there is a limit.
    pub(super) count: AtomicU32,
    /// The attributes that a record must have.
    pub(super) required: u64,
    /// The time, in nanoseconds since the epoch, from which it is no more recorded; `u64::MAX` for never.
    pub(super) ends: u64,
    /// The attributes that end before it does, each with its time.
    pub(super) attribute_ends: Vec<(u8, u64)>,
    /// The values of attributes that are absent until recorded.
    pub(super) absent: Vec<(u8, Value)>,
}

/// The id of a declared signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SignalId {
    pub kind: SignalKind,
    pub(super) part: u8,
    pub(super) signal: u16,
}

impl SignalId {
    pub(crate) fn of(record: &Record) -> Self {
        Self { kind: record.kind, part: record.part, signal: record.index }
    }
}

/// The destination of a recorded field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Field {
    /// An attribute.
    Slot(Slot),
    /// The span's status.
    Status,
    /// None: the value of this signal is dropped.
    Nowhere(SignalId, DropReason),
}

/// An attribute of a declared signal, looked up once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Slot {
    pub(super) of: SignalId,
    pub(super) slot: u8,
    pub(super) attribute: u16,
    pub(super) treatment: &'static Treatment<'static>,
}

impl CompiledRegistry {
    /// A registry of this program, the number `part`.
    pub(super) fn new(
        registry: &'static Registry<'static>,
        part: u8,
        opt_in: &[String],
        secret: &Secret,
        detected: Option<&'static str>,
        ends_all: u64,
    ) -> Self {
        let opted_in = |key: &str| opt_in.iter().any(|opted_in| opted_in == key);
        let sent = |used: &AttributeRef, key: &str| used.level != RequirementLevel::OptIn || opted_in(key);
        let absent = |(used, slot): (&AttributeRef, u8)| {
            let attribute = registry.attribute(used.attribute)?;
            let member = match attribute.treatment {
                Treatment::UriScheme { absent, .. } => absent?,
                Treatment::Agent { members } => agent(members, detected)?,
                _ => return None,
            };
            sent(used, attribute.key).then_some((slot, Value::Member(member)))
        };
        let field = |of: SignalId, (used, slot): (&AttributeRef, u8)| {
            let attribute = registry.attribute(used.attribute)?;
            let to = Slot { of, slot, attribute: used.attribute, treatment: &attribute.treatment };
            let is_sent = sent(used, attribute.key);
            let to = if is_sent { Field::Slot(to) } else { Field::Nowhere(of, DropReason::NotOptedIn) };
            Some((attribute.field, to))
        };
        let begun = |kind: SignalKind| {
            let state = |(signal, index): (&Signal<'static>, u16)| {
                let of = SignalId { kind, part, signal: index };
                let used = || signal.attributes.iter().zip(0..);
                let is_required = |(used, _): &(&AttributeRef, u8)| used.level == RequirementLevel::Required;
                SignalState {
                    fields: used().filter_map(|used| field(of, used)).collect(),
                    count: AtomicU32::new(0),
                    required: used().filter(is_required).fold(0, |set, (_, slot)| set | bit(slot)),
                    ends: ends_all.min(end(registry.expiry(Some(signal), None))),
                    attribute_ends: used().filter_map(|used| attribute_end(registry, signal, used)).collect(),
                    absent: used().filter_map(absent).collect(),
                }
            };
            registry.signals(kind).iter().zip(0..).map(state).collect()
        };
        let key = |attribute: &Attribute<'_>| {
            matches!(attribute.treatment, Treatment::Hash).then(|| secret.attribute(attribute.key))
        };
        Self {
            registry,
            keys: registry.attributes.iter().map(key).collect(),
            spans: begun(SignalKind::Span),
            events: begun(SignalKind::Event),
        }
    }

    /// The first of all ends of its signals and attributes.
    pub(super) fn first_end(&self) -> u64 {
        let all = self.spans.iter().chain(&self.events);
        let ends = all.flat_map(|signal| signal.attribute_ends.iter().map(|(_, ends)| *ends).chain([signal.ends]));
        ends.min().unwrap_or(u64::MAX)
    }

    /// The last of all ends of its signals; `None` if it has no signal.
    pub(super) fn last_end(&self) -> Option<u64> {
        self.spans.iter().chain(&self.events).map(|signal| signal.ends).max()
    }

    /// A signal of this registry.
    #[inline]
    pub(super) fn signal(&self, of: SignalId) -> Option<&SignalState> {
        let signals = if of.kind == SignalKind::Span { &self.spans } else { &self.events };
        signals.get(usize::from(of.signal))
    }
}

/// The end of a day, in nanoseconds since the epoch. What ends with a version is not in the tables of a process that has
/// reached it.
fn end(expiry: Expiry) -> u64 {
    expiry.date.map_or(u64::MAX, |date| date.end().saturating_mul(TimeResolution::Second.nanoseconds()))
}

/// The end of every record: that of the program's own service, and that of an attribute of the resource, of which a process
/// has one, the first registry's.
pub(super) fn end_of_all(registries: &[&'static Registry<'static>]) -> u64 {
    let Some(program) = registries.first() else { return u64::MAX };
    let attributes = program.resource.iter().filter_map(|index| program.attribute(*index));
    let ends = attributes.map(|attribute| end(program.expiry(None, Some(attribute))));
    ends.chain([end(program.service.expires)]).min().unwrap_or(u64::MAX)
}

/// An attribute of a signal that ends on a day, and its end.
fn attribute_end(registry: &Registry<'_>, signal: &Signal<'_>, (used, slot): (&AttributeRef, u8)) -> Option<(u8, u64)> {
    let ends = end(registry.expiry(Some(signal), registry.attribute(used.attribute)));
    (ends < u64::MAX).then_some((slot, ends))
}

/// The member of a detected agent: `other` if it is not declared, `none` if there is no agent.
fn agent(members: &[&str], detected: Option<&str>) -> Option<u16> {
    let index = |name| members.iter().position(|member| *member == name);
    let index = detected.map_or_else(|| index("none"), |name| index(name).or_else(|| index("other")))?;
    u16::try_from(index).ok()
}

//! A record: one span or event, with declared content only.

use super::clean::Clean;
use super::drops::DropReason;
use super::values::{SlotValues, Value};
use crate::registry::{Attribute, Registry, Signal, SignalKind, Source, Treatment};

/// One span or event, as indices into its registry and treated values. It holds no text of its own.
#[derive(Clone, PartialEq)]
pub struct Record {
    pub(super) part: u8,
    pub(super) registry: &'static Registry<'static>,
    pub(super) signal: &'static Signal<'static>,
    pub(super) index: u16,
    pub(super) kind: SignalKind,
    pub(super) ids: Ids,
    pub(super) start: u64,
    /// The exact start of an open span, from which its duration is measured. It is never encoded, and is the rounded one
    /// once the span has ended.
    pub(super) began: u64,
    pub(super) end: u64,
    pub(super) status: SpanStatus,
    pub(super) values: SlotValues,
    pub(super) events: Vec<Record>,
}

impl Record {
    /// The index of its registry: 0 is the program's own.
    pub fn part(&self) -> u8 {
        self.part
    }

    /// Its registry.
    pub fn registry(&self) -> &'static Registry<'static> {
        self.registry
    }

    /// Its signal.
    pub fn signal(&self) -> &'static Signal<'static> {
        self.signal
    }

    /// The index of its signal among the registry's spans or events.
    pub fn index(&self) -> u16 {
        self.index
    }

    /// Whether it is a span or an event.
    pub fn kind(&self) -> SignalKind {
        self.kind
    }

    /// Its ids in a trace. An event outside every declared span has none: all ids are zero.
    pub fn ids(&self) -> Ids {
        self.ids
    }

    /// The start of a span or the time of an event, in nanoseconds since the Unix epoch, at the signal's resolution.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// The end, in the same form; never before `start`, and equal to it for an event.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// The status; [`SpanStatus::Unset`] for an event.
    pub fn status(&self) -> SpanStatus {
        self.status
    }

    /// Its attributes, sorted by key, without duplicates.
    pub fn attributes(&self) -> impl Iterator<Item = (u16, &'static Attribute<'static>, &Value)> + '_ {
        self.values.iter().filter_map(|(slot, value)| {
            let index = self.signal.attributes.get(usize::from(slot))?.attribute;
            Some((index, self.registry.attribute(index)?, value))
        })
    }

    /// The events inside this span, if the pipeline attaches them to the span.
    pub fn events(&self) -> &[Record] {
        &self.events
    }
}

/// The trace context of a record: ids made here, at random.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ids {
    /// The trace.
    pub trace: [u8; 16],
    /// The span; for an event, the span it happened in.
    pub span: [u8; 8],
    /// The nearest declared span around a span; zero for a root.
    pub parent: [u8; 8],
}

/// A span's status code; the description is never sent. A later status replaces an earlier one that is smaller: unset
/// changes nothing and ok is final, as in the OpenTelemetry specification (trace API, "Set Status").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum SpanStatus {
    /// Unknown.
    #[default]
    Unset,
    /// It failed.
    Error,
    /// It succeeded.
    Ok,
}

/// The resource of one process, sent with every record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    pub(super) schema_url: &'static str,
    pub(super) attributes: Vec<(&'static str, String)>,
}

impl Resource {
    /// The registry's schema URL.
    pub fn schema_url(&self) -> &'static str {
        self.schema_url
    }

    /// The declared attributes with a known value, sorted by key.
    pub fn attributes(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.attributes.iter().map(|(key, value)| (*key, value.as_str()))
    }
}

impl Clean<Resource> {
    /// The declared attributes of the resource, with the values of `given`.
    pub(crate) fn resource(
        registry: &'static Registry<'static>,
        given: impl Fn(Source, &'static str) -> Option<String>,
    ) -> Self {
        let attributes = registry.resource.iter().filter_map(|&index| {
            let attribute = registry.attribute(index)?;
            let Treatment::Given { source, members } = attribute.treatment else { return None };
            let value = given(source, attribute.key)?;
            let printable = value.len() <= crate::registry::MAX_TEXT && !value.chars().any(char::is_control);
            let member = members.is_empty() || members.contains(&value.as_str());
            (printable && member).then_some((attribute.key, value))
        });
        Self(Resource { schema_url: registry.schema_url, attributes: attributes.collect() })
    }
}

impl Clean<Record> {
    /// The last value recorded for an attribute counts, even if it is dropped.
    pub(crate) fn put(&mut self, treated: TreatedValue) {
        match treated.value {
            Ok(value) => self.0.values.put(treated.slot, value),
            Err(_) => self.0.values.remove(treated.slot),
        }
    }

    /// An unset status changes nothing, and ok is final.
    pub(crate) fn put_status(&mut self, status: SpanStatus) {
        self.0.status = self.0.status.max(status);
    }

    /// Attaches an event to its span; 128 at most, as in the SDK's default.
    pub(crate) fn put_event(&mut self, event: &Self) -> Result<(), DropReason> {
        if self.0.events.len() >= 128 {
            return Err(DropReason::OverLimit);
        }
        self.0.events.push(event.0.clone());
        Ok(())
    }

    /// Removes the attached events, whose memory a record that waits for its next use must not keep.
    pub(crate) fn forget_events(&mut self) {
        self.0.events = Vec::new();
    }
}

/// A treated value and its slot; only `privacy` can make one.
pub(crate) struct TreatedValue {
    pub(super) slot: u8,
    pub(super) value: Result<Value, DropReason>,
}

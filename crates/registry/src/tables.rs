//! The tables: a registry, its attributes and its signals.

use super::{Expiry, Purpose, RequirementLevel, Service, SignalKind, SpanKind, TimeResolution, Treatment};

/// All that one program may report, and to whom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Registry<'a> {
    /// The registry's own schema URL, from its manifest.
    pub schema_url: &'a str,
    /// The program, its controller and receiver, and the resolution of identity and time.
    pub service: Service<'a>,
    /// Every declared attribute, sorted by key. Signals and the resource refer to it by index.
    pub attributes: &'a [Attribute<'a>],
    /// The attributes of the resource: indices into `attributes`, ascending.
    pub resource: &'a [u16],
    /// The declared spans, sorted by name.
    pub spans: &'a [Signal<'a>],
    /// The declared events, sorted by name.
    pub events: &'a [Signal<'a>],
}

impl<'a> Registry<'a> {
    /// The index of the span of this name.
    pub fn span(&self, name: &str) -> Option<u16> {
        find(self.spans, name)
    }

    /// The index of the event of this name.
    pub fn event(&self, name: &str) -> Option<u16> {
        find(self.events, name)
    }

    /// The spans or the events.
    pub fn signals(&self, kind: SignalKind) -> &'a [Signal<'a>] {
        match kind {
            SignalKind::Span => self.spans,
            SignalKind::Event => self.events,
        }
    }

    /// Every span, and then every event, each with its kind.
    pub fn all_signals(&self) -> impl Iterator<Item = (SignalKind, &'a Signal<'a>)> + use<'a> {
        let spans = self.spans.iter().map(|signal| (SignalKind::Span, signal));
        spans.chain(self.events.iter().map(|signal| (SignalKind::Event, signal)))
    }

    /// The attribute that a signal or the resource refers to.
    pub fn attribute(&self, index: u16) -> Option<&'a Attribute<'a>> {
        self.attributes.get(usize::from(index))
    }

    /// The purpose of a signal: its own, or the service's.
    pub fn purpose(&self, signal: &Signal<'a>) -> &'a str {
        signal.purpose.unwrap_or(self.service.purpose)
    }

    /// The purposes of all signals and attributes, sorted by name, each with the registry's description of it, or else the
    /// common one.
    pub fn purposes(&self) -> Vec<Purpose<'a>> {
        let attributes = self.attributes.iter().filter_map(|attribute| attribute.purpose);
        let mut names: Vec<_> = self.all_signals().map(|(_, signal)| self.purpose(signal)).chain(attributes).collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter().map(|name| Purpose::new(name, self.describe(name).unwrap_or_default())).collect()
    }

    /// The end of a record of this signal; with an attribute, of that attribute in it; with the attribute alone, of that of
    /// the resource. It is the earliest end of the service and of what is given.
    pub fn expiry(&self, signal: Option<&Signal<'_>>, attribute: Option<&Attribute<'_>>) -> Expiry {
        let signal = signal.map(|signal| signal.expires).unwrap_or_default();
        let attribute = attribute.map(|attribute| attribute.expires).unwrap_or_default();
        self.service.expires.or_earlier(signal).or_earlier(attribute)
    }

    /// The description of a purpose.
    pub(crate) fn describe(&self, name: &str) -> Option<&'a str> {
        let own = self.service.purposes.iter().find(|purpose| purpose.name == name);
        own.map(|purpose| purpose.brief).or_else(|| Purpose::common(name))
    }
}

fn find(signals: &[Signal<'_>], name: &str) -> Option<u16> {
    let index = signals.binary_search_by(|signal| signal.name.cmp(name)).ok()?;
    u16::try_from(index).ok()
}

/// A declared attribute: its key on the wire, the field it is recorded in, and the way from one to the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attribute<'a> {
    /// The key on the wire.
    pub key: &'a str,
    /// The name of the field it is recorded in: the key, unless `privacy: {field: …}` names another.
    pub field: &'a str,
    /// The description, in the registry's words.
    pub brief: &'a str,
    /// The treatment of a recorded value.
    pub treatment: Treatment<'a>,
    /// Why so much is said, where the treatment wants a reason.
    pub because: Option<&'a str>,
    /// Its end, in every signal and in the resource, if that of the service or the signal is not earlier.
    pub expires: Expiry,
    /// Its purpose, in addition to that of the signal: it is sent if both are agreed to.
    pub purpose: Option<&'a str>,
}

/// A declared span or event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Signal<'a> {
    /// The span's or event's name, exactly as it is recorded and sent.
    pub name: &'a str,
    /// The description, in the registry's words.
    pub brief: &'a str,
    /// The kind of a span; [`SpanKind::Internal`] for an event, where it is not sent.
    pub kind: SpanKind,
    /// The attributes it may carry, sorted by key.
    pub attributes: &'a [AttributeRef],
    /// The resolution that its times are rounded down to.
    pub time: TimeResolution,
    /// The resolution that a span's duration is rounded down to; unused for an event.
    pub duration: TimeResolution,
    /// How many a process may report.
    pub at_most: u32,
    /// Why its times are finer than the service's.
    pub because: Option<&'a str>,
    /// Its end, if that of the service is not earlier.
    pub expires: Expiry,
    /// Its purpose; `None` if it is that of the service.
    pub purpose: Option<&'a str>,
}

/// One attribute of one signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttributeRef {
    /// The index into [`Registry::attributes`].
    pub attribute: u16,
    /// Whether it is expected, welcome, or sent only when the author opts in.
    pub level: RequirementLevel,
}

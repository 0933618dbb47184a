//! Renders records as text for a person: `session#1` instead of the id, since bug reports are public.

use crate::encode::text;
use crate::privacy::{Record, SpanStatus, Value};
use crate::registry::{self, AttributeRef, Registry, RequirementLevel, Signal, SignalKind, TimeResolution};
use std::fmt::{self, Write as _};
use std::time::{Duration, UNIX_EPOCH};

/// Replaces each id by a number in the order of appearance, or shows it.
#[derive(Default)]
pub(super) struct Renderer {
    ids: bool,
    met: Vec<(String, String)>,
}

impl Renderer {
    /// With ids as they are sent, or replaced.
    pub(super) fn new(ids: bool) -> Self {
        Self { ids, met: Vec::new() }
    }

    /// An id of some kind, such as `session`.
    pub(super) fn id(&mut self, kind: &str, id: &str) -> String {
        if self.ids {
            return id.to_owned();
        }
        let same_kind = |(met, _): &&(String, String)| met == kind;
        let known = self.met.iter().filter(same_kind).position(|(_, met)| met == id);
        let number = known.unwrap_or_else(|| {
            self.met.push((kind.to_owned(), id.to_owned()));
            self.met.iter().filter(same_kind).count() - 1
        });
        format!("{kind}#{}", number + 1)
    }

    /// An attribute of the resource.
    pub(super) fn of_resource(&mut self, key: &str, value: &str) -> String {
        match key {
            "session.id" => self.id("session", value),
            "service.instance.id" => self.id("installation", value),
            _ => value.to_owned(),
        }
    }

    /// A record on lines of its own: name, times, status, place in a trace, then an attribute a line.
    pub(super) fn record(&mut self, record: &Record) -> String {
        let RecordText { name, place, attributes } = self.parts(record);
        let mut out = line(format_args!("{name} {place}"));
        attributes.iter().for_each(|(key, value)| out.push_str(&line(format_args!("    {key} = {value}"))));
        out
    }

    /// The same in parts.
    pub(super) fn parts(&mut self, record: &Record) -> RecordText {
        let signal = record.signal();
        let mut out = time(record.start(), signal.time);
        if record.end() > record.start() {
            // Writing to a `String` can't fail.
            let _ = write!(out, " to {}", time(record.end(), signal.time));
        }
        match record.status() {
            SpanStatus::Unset => {}
            SpanStatus::Ok => out.push_str(", ok"),
            SpanStatus::Error => out.push_str(", error"),
        }
        let ids = record.ids();
        for (kind, id) in [("trace", ids.trace.as_slice()), ("span", &ids.span), ("parent span", &ids.parent)] {
            if id.iter().any(|byte| *byte != 0) {
                let _ = write!(out, ", {}", self.id(kind.trim_start_matches("parent "), &hexadecimal(id)));
                out.push_str(if kind == "parent span" { " around it" } else { "" });
            }
        }
        let attributes = record.attributes().map(|(_, attribute, value)| {
            let text = text(attribute, value);
            let is_id = matches!(value, Value::Hash(_) | Value::Sha256(_));
            (attribute.key, if is_id { self.id("hash", &text) } else { text })
        });
        RecordText { name: signal.name, attributes: attributes.collect(), place: out }
    }
}

/// A record as text, not escaped.
pub(super) struct RecordText {
    pub(super) name: &'static str,
    /// Its times, its status, and its place in a trace.
    pub(super) place: String,
    /// Keys with values.
    pub(super) attributes: Vec<(&'static str, String)>,
}

/// What a signal carries, declared.
pub(super) struct CarriedText<'r> {
    /// The key, or the name of what every signal of its kind has.
    pub(super) key: &'r str,
    /// The possible values.
    pub(super) values: String,
    /// Its meaning, in the registry's words.
    pub(super) brief: &'r str,
}

/// A line with text of a registry or a file, escaped.
pub(super) fn line(text: fmt::Arguments<'_>) -> String {
    registry::escaped(text) + "\n"
}

/// What a signal carries: its times, the status of a span, and its attributes.
pub(super) fn declared<'r>(
    registry: &Registry<'r>,
    kind: SignalKind,
    signal: &Signal<'r>,
    opted_in: &[String],
) -> Vec<CarriedText<'r>> {
    let always = |key, values, brief| CarriedText { key, values, brief };
    let time = resolution(signal.time);
    let mut list = match kind {
        SignalKind::Span => {
            let own = (signal.duration != signal.time).then(|| resolution(signal.duration));
            let duration = own.map(|own| always("duration", own, "How long it took."));
            let times = std::iter::once(always("begin and end", time, "When it began and ended.")).chain(duration);
            times.chain([always("status", "ok | error".to_owned(), "Whether it went well.")]).collect()
        }
        SignalKind::Event => vec![always("time", time, "When it happened.")],
    };
    list.extend(signal.attributes.iter().filter_map(|used: &AttributeRef| {
        let attribute = registry.attribute(used.attribute)?;
        let is_sent = used.level != RequirementLevel::OptIn || opted_in.iter().any(|key| key == attribute.key);
        let opt_in = if is_sent { "" } else { " (only if asked for)" };
        Some(always(attribute.key, format!("{}{opt_in}", attribute.treatment), attribute.brief))
    }));
    list
}

/// The resolution of a time, in words.
fn resolution(resolution: TimeResolution) -> String {
    match resolution {
        TimeResolution::Nanosecond => "exact".to_owned(),
        resolution => format!("to the {}", resolution.unit()),
    }
}

/// A time as RFC 3339, with the digits of its resolution.
fn time(nanoseconds: u64, resolution: TimeResolution) -> String {
    let time = UNIX_EPOCH + Duration::from_nanos(nanoseconds);
    match resolution {
        TimeResolution::Nanosecond => humantime::format_rfc3339_nanos(time).to_string(),
        TimeResolution::Millisecond => humantime::format_rfc3339_millis(time).to_string(),
        TimeResolution::Second | TimeResolution::Minute | TimeResolution::Hour | TimeResolution::Day => {
            humantime::format_rfc3339_seconds(time).to_string()
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A time in seconds since the Unix epoch.
pub(super) fn timestamp(seconds: u64) -> String {
    /// The last second of the year 9999, the last in this format.
    const LAST: u64 = 253_402_300_799;
    humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(seconds.min(LAST))).to_string()
}

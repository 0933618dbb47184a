//! Renders records as text for a person: `session#1` instead of the id, since bug reports are public.

use crate::encode::text;
use crate::privacy::{Record, SpanStatus, Value};
use crate::registry::{self, AttributeRef, Registry, RequirementLevel, Signal, TimeResolution};
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
        let signal = record.signal();
        let mut out = format!("{} {}", registry::escaped(signal.name), time(record.start(), signal.time));
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
        out.push('\n');
        for (_, attribute, value) in record.attributes() {
            let mut text = text(attribute, value);
            if let Value::Hash(_) | Value::Sha256(_) = value {
                text = self.id("hash", &text);
            }
            out.push_str(&line(format_args!("    {} = {text}", attribute.key)));
        }
        out
    }
}

/// A line with text of a registry or a file, escaped.
pub(super) fn line(text: fmt::Arguments<'_>) -> String {
    registry::escaped(text) + "\n"
}

/// The possible values of a signal's attributes, a line each.
pub(super) fn attributes(registry: &Registry<'_>, signal: &Signal<'_>, opted_in: &[String]) -> String {
    let of = |used: &AttributeRef| {
        let attribute = registry.attribute(used.attribute)?;
        let is_sent = used.level != RequirementLevel::OptIn || opted_in.iter().any(|key| key == attribute.key);
        let opt_in = if is_sent { "" } else { " (only if asked for)" };
        Some(line(format_args!("    {} = {}{opt_in}", attribute.key, attribute.treatment)))
    };
    signal.attributes.iter().filter_map(of).collect()
}

/// The resolution of a time, in words.
pub(super) fn resolution(resolution: TimeResolution) -> String {
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

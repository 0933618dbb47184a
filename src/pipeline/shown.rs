//! What is sent, as a person may show it to others: `session#1` instead of the id, since bug reports are public.

use super::telemetry::Shared;
use super::{Telemetry, resource, spooled};
use crate::encode::text;
use crate::privacy::{Declarations, Record, Status, Value};
use crate::registry::{self, AttributeRef, Registry, RequirementLevel, Signal, TimeResolution};
use std::fmt::{self, Write as _};
use std::time::{Duration, UNIX_EPOCH};

impl Telemetry {
    /// What this program can send, decoded: with each record, and each record. It makes no id and sends nothing, and
    /// works while telemetry is off. Ids are shown as `session#1` unless `ids` is set: they are not for bug reports.
    pub fn show(&self, ids: bool) -> String {
        let inside = &self.inside;
        let mut shown = Shown::new(ids);
        let mut out = format!(
            "{}\nThis is what it sends when it is on; showing it sends nothing.\n\nWith each record:\n",
            self.status().headline()
        );
        let Some(registry) = inside.settings.registries.first() else { return out };
        for (key, value) in resource::preview(registry, inside.version()) {
            let value = match (key.as_str(), value) {
                (_, Some(value)) => value,
                ("session.id", None) => "a random id, new in every process".to_owned(),
                ("service.instance.id", None) => match inside.installation() {
                    Some(found) => shown.id("installation", &found.secret.installation_id().to_string()),
                    None => "a random id of this installation, made when it is on".to_owned(),
                },
                _ => "not known here".to_owned(),
            };
            out.push_str(&line(format_args!("    {key} = {value}")));
        }
        if let Ok(places) = inside.places() {
            out.push_str("\nWaiting to be sent:\n");
            let before = out.len();
            let receiver = inside.settings.queue();
            let show = |_: &_, record: &Record| out.push_str(&shown.record(record));
            spooled::waiting(&places.state, &receiver, &inside.terms(), show);
            if out.len() == before {
                out.push_str("    nothing that is finished\n");
            }
            if let Some(amount) = spooled::amount_elsewhere(&places.state, &receiver) {
                out.push_str(&line(format_args!("    {amount} for another receiver: never sent to this one")));
            }
        }
        for registry in &inside.settings.registries {
            for span in registry.spans {
                out.push('\n');
                out.push_str(&line(format_args!("span {}: {}", span.name, span.brief)));
                out.push_str(&format!("    begin and end = {}\n    status = ok | error\n", grain(span.time)));
                out.push_str(&attributes(registry, span, &inside.settings.opt_in));
            }
            for event in registry.events {
                out.push('\n');
                out.push_str(&line(format_args!("event {}: {}", event.name, event.brief)));
                out.push_str(&format!("    time = {}\n", grain(event.time)));
                out.push_str(&attributes(registry, event, &inside.settings.opt_in));
            }
        }
        out
    }
}

impl Telemetry {
    /// What was sent, decoded, as far as there are receipts: of the last 30 days, and 1 MiB at most. Ids are shown as
    /// [`Telemetry::show`] shows them.
    pub fn show_sent(&self, ids: bool) -> String {
        let mut shown = Shown::new(ids);
        let mut out = String::new();
        if let Ok(places) = self.inside.places() {
            let mut last = None;
            spooled::sent(&places.state, &self.inside.terms(), |resource, record| {
                if last.as_ref() != Some(resource) {
                    last = Some(resource.clone());
                    out.push_str("with each of the following\n");
                    for (key, value) in resource.attributes() {
                        out.push_str(&line(format_args!("    {key} = {}", shown.of_resource(key, value))));
                    }
                }
                out.push_str(&shown.record(record));
            });
        }
        if out.is_empty() { "Nothing was sent that there is a receipt of.\n".to_owned() } else { out }
    }
}

impl Shared {
    /// What may be sent.
    fn terms(&self) -> Declarations<'_> {
        Declarations {
            registries: &self.settings.registries,
            opt_in: &self.settings.opt_in,
            version: self.version(),
            narrow: None,
        }
    }
}

/// Gives each id a number in the order in which it is met, or lets it be seen.
#[derive(Default)]
pub(super) struct Shown {
    ids: bool,
    met: Vec<(String, String)>,
}

impl Shown {
    /// With ids as they are sent, or not.
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
            // A `String` takes all that is written.
            let _ = write!(out, " to {}", time(record.end(), signal.time));
        }
        match record.status() {
            Status::Unset => {}
            Status::Ok => out.push_str(", ok"),
            Status::Error => out.push_str(", error"),
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

/// A line that holds text of a registry or a file.
pub(super) fn line(text: fmt::Arguments<'_>) -> String {
    registry::escaped(text) + "\n"
}

/// What a signal's attributes may say, a line each.
fn attributes(registry: &Registry<'_>, signal: &Signal<'_>, opted_in: &[String]) -> String {
    let of = |used: &AttributeRef| {
        let attribute = registry.attribute(used.attribute)?;
        let is_sent = used.level != RequirementLevel::OptIn || opted_in.iter().any(|key| key == attribute.key);
        let opt_in = if is_sent { "" } else { " (only if asked for)" };
        Some(line(format_args!("    {} = {}{opt_in}", attribute.key, attribute.treatment)))
    };
    signal.attributes.iter().filter_map(of).collect()
}

/// How fine a time is.
fn grain(grain: TimeResolution) -> String {
    match grain {
        TimeResolution::Nanosecond => "exact".to_owned(),
        grain => format!("to the {}", grain.unit()),
    }
}

/// A time as RFC 3339, with no more digits than its grain has.
fn time(nanoseconds: u64, grain: TimeResolution) -> String {
    let time = UNIX_EPOCH + Duration::from_nanos(nanoseconds);
    match grain {
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

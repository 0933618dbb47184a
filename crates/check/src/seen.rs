//! The content of a request as plain data, to be shown to a person.

use std::fmt::Write as _;
use std::sync::Arc;

use super::node::{Datum, Node};
use scruple_registry::SignalKind;

/// A span or a log record, as it was received. An unreadable or absent value is empty or 0.
///
/// It has no `Debug`, since it holds raw text.
#[derive(Clone, PartialEq, Eq)]
pub struct Seen {
    /// Whether it is a span or a log record.
    pub signal: SignalKind,
    /// The span's name, or the log record's event name.
    pub name: String,
    /// The span's kind by its OTLP number; 0 for a log record.
    pub kind: i32,
    /// In hexadecimal.
    pub trace_id: String,
    /// In hexadecimal.
    pub span_id: String,
    /// In hexadecimal.
    pub parent_span_id: String,
    /// In nanoseconds since the epoch; a log record's time.
    pub start: u64,
    /// In nanoseconds since the epoch; a log record's observed time.
    pub end: u64,
    /// Keys with their values as text.
    pub attributes: Vec<(String, String)>,
    /// The span's status code by its OTLP number; 0 for a log record.
    pub status: i32,
    /// The span's events.
    pub events: Vec<SeenEvent>,
    /// The resource's attributes, shared by all records of it.
    pub resource: Arc<[(String, String)]>,
}

/// An event inside a span, as it was received.
#[derive(Clone, PartialEq, Eq)]
pub struct SeenEvent {
    /// The event's name.
    pub name: String,
    /// In nanoseconds since the epoch.
    pub time: u64,
    /// Keys with their values as text.
    pub attributes: Vec<(String, String)>,
}

/// The records of a request, in its order.
pub(super) fn records(signal: SignalKind, request: &Node<'_>) -> Vec<Seen> {
    let [carriers, scopes, records] = match signal {
        SignalKind::Span => ["resourceSpans", "scopeSpans", "spans"],
        SignalKind::Event => ["resourceLogs", "scopeLogs", "logRecords"],
    };
    let mut all = Vec::new();
    for (_, carrier) in request.messages(carriers) {
        let resource: Arc<[_]> = carrier.messages("resource").flat_map(|(_, node)| attributes(node)).collect();
        for (_, group) in carrier.messages(scopes) {
            all.extend(group.messages(records).map(|(_, node)| record(signal, node, &resource)));
        }
    }
    all
}

fn record(signal: SignalKind, node: &Node<'_>, resource: &Arc<[(String, String)]>) -> Seen {
    let [name, start, end] = match signal {
        SignalKind::Span => ["name", "startTimeUnixNano", "endTimeUnixNano"],
        SignalKind::Event => ["eventName", "timeUnixNano", "observedTimeUnixNano"],
    };
    Seen {
        signal,
        name: node.text(name).unwrap_or_default().to_owned(),
        kind: small(node, "kind"),
        trace_id: hex(node, "traceId"),
        span_id: hex(node, "spanId"),
        parent_span_id: hex(node, "parentSpanId"),
        start: time(node, start),
        end: time(node, end),
        attributes: attributes(node),
        status: node.messages("status").last().map_or(0, |(_, status)| small(status, "code")),
        events: node.messages("events").map(|(_, event)| span_event(event)).collect(),
        resource: Arc::clone(resource),
    }
}

fn span_event(node: &Node<'_>) -> SeenEvent {
    SeenEvent {
        name: node.text("name").unwrap_or_default().to_owned(),
        time: time(node, "timeUnixNano"),
        attributes: attributes(node),
    }
}

fn attributes(node: &Node<'_>) -> Vec<(String, String)> {
    let pairs = node.messages("attributes").map(|(_, pair)| {
        let mut value = String::new();
        pair.messages("value").for_each(|(_, any)| render(any, &mut value));
        (pair.text("key").unwrap_or_default().to_owned(), value)
    });
    pairs.collect()
}

/// Writes text as it is, lists in brackets, maps in braces. The reader limits the depth of this recursion.
fn render(any: &Node<'_>, text: &mut String) {
    for entry in &any.entries {
        // Writing to a string does not fail.
        let _ = match &entry.datum {
            Datum::Text(value) => write!(text, "{value}"),
            Datum::Number(value) => write!(text, "{value}"),
            Datum::Boolean(value) => write!(text, "{value}"),
            Datum::Double(value) => write!(text, "{value:?}"),
            Datum::Bytes(_) => write!(text, "(bytes)"),
            Datum::Unread => write!(text, "(unreadable)"),
            Datum::Message(list) if entry.field.name == "arrayValue" => {
                text.push('[');
                for (place, (_, any)) in list.messages("values").enumerate() {
                    text.push_str(if place > 0 { ", " } else { "" });
                    render(any, text);
                }
                write!(text, "]")
            }
            Datum::Message(map) => {
                text.push('{');
                for (place, (_, pair)) in map.messages("values").enumerate() {
                    text.push_str(if place > 0 { ", " } else { "" });
                    text.push_str(pair.text("key").unwrap_or_default());
                    text.push_str(": ");
                    pair.messages("value").for_each(|(_, any)| render(any, text));
                }
                write!(text, "}}")
            }
        };
    }
}

fn hex(node: &Node<'_>, field: &str) -> String {
    node.bytes(field).unwrap_or_default().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn time(node: &Node<'_>, field: &str) -> u64 {
    node.number(field).and_then(|time| u64::try_from(time).ok()).unwrap_or_default()
}

fn small(node: &Node<'_>, field: &str) -> i32 {
    node.number(field).and_then(|number| i32::try_from(number).ok()).unwrap_or_default()
}

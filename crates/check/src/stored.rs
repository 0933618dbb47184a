//! The records that a receiver has stored, one by one: each is either declared, with typed values, or refused with a finding.
//!
//! The finding of a part that several records share, such as their resource, refuses all of them. That of a record
//! refuses this record alone. A line that is no request has no records, and is refused as a whole.
//!
//! An event inside a span is checked, but is no record: it is a copy of one that arrives as a log record.

use super::finding::Finding;
use super::node::{Datum, Entry, Findings, Node, Path};
use super::rules;
use super::version::version;
use super::{Format, parse};
use scruple_registry::{Registry, Signal, SignalKind};

/// A record in which everything is declared: a span or a log record.
pub struct StoredRecord<'n> {
    /// The program's registry, of the version that this record is judged by.
    pub program: &'n Registry<'n>,
    /// The registry that declares the signal.
    pub registry: &'n Registry<'n>,
    /// The signal.
    pub signal: &'n Signal<'n>,
    /// Whether it is a span or an event.
    pub kind: SignalKind,
    /// 16 bytes; empty for an event outside of a trace.
    pub trace_id: &'n [u8],
    /// 8 bytes, of the span, or of the span that an event belongs to; empty for an event outside of a span.
    pub span_id: &'n [u8],
    /// In nanoseconds since the epoch.
    pub start: u64,
    /// In nanoseconds since the epoch; that of an event is its start.
    pub end: u64,
    /// The span's status code by its OTLP number; 0 for an event.
    pub status: i32,
    node: &'n Node<'n>,
    resource: Option<&'n Node<'n>>,
}

/// A value by its type on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredValue<'n> {
    /// `boolValue`.
    Boolean(bool),
    /// `intValue`.
    Int(i64),
    /// `stringValue`.
    Text(&'n str),
    /// `arrayValue` of texts.
    Texts(Vec<&'n str>),
}

impl<'n> StoredRecord<'n> {
    /// The attributes of the resource, then those of the record, in the request's order.
    pub fn attributes(&self) -> impl Iterator<Item = (&'n str, StoredValue<'n>)> + use<'n> {
        let nodes = self.resource.into_iter().chain([self.node]);
        nodes.flat_map(|node| node.messages("attributes")).filter_map(|(_, pair)| {
            let Some(Datum::Message(any)) = pair.last("value") else { return None };
            Some((pair.text("key")?, value(any)?))
        })
    }
}

/// Calls `each` with every record of one line of OTLP JSON that a receiver wrote, or with the finding that refuses it;
/// for a line without a readable record, once. `registries` are those of [`check_received`](super::check_received).
pub fn each_stored(
    registries: &[&Registry<'_>],
    signal: SignalKind,
    line: &[u8],
    each: &mut dyn FnMut(Result<StoredRecord<'_>, &Finding>),
) {
    each_record(registries, signal, Format::Json, line, each);
}

/// The same for a request in either encoding.
pub(super) fn each_record(
    registries: &[&Registry<'_>],
    signal: SignalKind,
    format: Format,
    request: &[u8],
    each: &mut dyn FnMut(Result<StoredRecord<'_>, &Finding>),
) {
    let mut findings = Findings::default();
    let request = parse(signal, format, request, &mut findings);
    rules::judge(registries, signal, true, &request, &mut findings);
    let mut stored = Stored { registries, signal, findings: findings.into_vec(), calls: 0, each };
    stored.request(&request);
    if let (0, Some(finding)) = (stored.calls, stored.findings.first()) {
        (stored.each)(Err(finding));
    }
}

struct Stored<'s> {
    registries: &'s [&'s Registry<'s>],
    signal: SignalKind,
    findings: Vec<Finding>,
    calls: u64,
    each: &'s mut dyn FnMut(Result<StoredRecord<'_>, &Finding>),
}

impl Stored<'_> {
    fn request(&mut self, request: &Node<'_>) {
        let [carriers, scopes, records] = match self.signal {
            SignalKind::Span => ["resourceSpans", "scopeSpans", "spans"],
            SignalKind::Event => ["resourceLogs", "scopeLogs", "logRecords"],
        };
        for (carrier_entry, carrier) in request.messages(carriers) {
            let registries = version(self.registries, carrier.text("schemaUrl"));
            let resource = carrier.messages("resource").last().map(|(_, node)| node);
            for (scope_entry, scope) in carrier.messages(scopes) {
                for (entry, node) in scope.messages(records) {
                    self.calls += 1;
                    if let Some(finding) = refusal(&self.findings, [carrier_entry, scope_entry, entry]) {
                        (self.each)(Err(finding));
                    } else {
                        self.record(registries, node, resource);
                    }
                }
            }
        }
    }

    /// Hands over a record without a finding.
    fn record<'n>(&mut self, registries: &'n [&'n Registry<'n>], node: &'n Node<'n>, resource: Option<&'n Node<'n>>) {
        let [name, start, end] = match self.signal {
            SignalKind::Span => ["name", "startTimeUnixNano", "endTimeUnixNano"],
            SignalKind::Event => ["eventName", "timeUnixNano", "timeUnixNano"],
        };
        let declared = registries.iter().find_map(|registry| {
            let mut signals = registry.signals(self.signal).iter();
            Some((*registry, signals.find(|signal| Some(signal.name) == node.text(name))?))
        });
        let (Some(program), Some((registry, signal))) = (registries.first(), declared) else { return };
        let status = node.messages("status").last().and_then(|(_, status)| status.number("code"));
        let record = StoredRecord {
            program,
            registry,
            signal,
            kind: self.signal,
            trace_id: node.bytes("traceId").unwrap_or_default(),
            span_id: node.bytes("spanId").unwrap_or_default(),
            start: time(node, start),
            end: time(node, end),
            status: status.and_then(|code| i32::try_from(code).ok()).unwrap_or_default(),
            node,
            resource,
        };
        (self.each)(Ok(record));
    }
}

/// The first finding about a record, or about what it shares with others.
fn refusal<'f>(findings: &'f [Finding], [carrier, scope, record]: [&Entry<'_>; 3]) -> Option<&'f Finding> {
    if findings.is_empty() {
        return None;
    }
    let root = Path::ROOT;
    let carrier_path = root.of(carrier);
    let scope_path = carrier_path.of(scope);
    let own = [carrier_path.to_string(), scope_path.to_string(), scope_path.of(record).to_string()];
    // A path below a sibling is about the sibling alone.
    let siblings = [
        format!("{}[", carrier.field.name),
        format!("{}.{}[", own[0], scope.field.name),
        format!("{}.{}[", own[1], record.field.name),
    ];
    findings.iter().find(|finding| {
        let is_below = |path: &String| finding.path.starts_with(path.as_str());
        !own.iter().zip(&siblings).any(|(own, sibling)| is_below(sibling) && !is_below(own))
    })
}

fn value<'n>(any: &'n Node<'n>) -> Option<StoredValue<'n>> {
    Some(match &any.entries.first()?.datum {
        Datum::Boolean(value) => StoredValue::Boolean(*value),
        Datum::Number(value) => StoredValue::Int(i64::try_from(*value).ok()?),
        Datum::Text(text) => StoredValue::Text(text),
        Datum::Message(list) => StoredValue::Texts(list.messages("values").filter_map(|(_, any)| text(any)).collect()),
        Datum::Bytes(_) | Datum::Double(_) | Datum::Unread => return None,
    })
}

fn text<'n>(any: &'n Node<'n>) -> Option<&'n str> {
    match &any.entries.first()?.datum {
        Datum::Text(text) => Some(text),
        _ => None,
    }
}

fn time(node: &Node<'_>, field: &str) -> u64 {
    node.number(field).and_then(|time| u64::try_from(time).ok()).unwrap_or_default()
}

//! Prints the received requests and the findings of `check`, as text for a person or as JSON lines.
//!
//! In received text, control characters and direction marks are escaped; outside of JSON, it is cut at [`MAX_SHOWN`]
//! characters. JSON lines are objects with a `type`: `listening`, `request`, `span`, `event`, `finding`, `refusal`, and
//! finally `end`. Times are nanoseconds since the epoch as decimal text, as in OTLP.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::{Duration, UNIX_EPOCH};

use anstyle::{AnsiColor, Style};
use scruple::check::{self, Finding, Format, Seen};
use scruple::registry::{Registry, SignalKind, count};
use serde_json::{Value, json};

use super::{Arrival, Head, Refusal, Request};
use crate::registry::escaped;

/// The maximum length of a shown text, in characters.
pub const MAX_SHOWN: usize = 200;

const BAD: Style = AnsiColor::Red.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const NAME: Style = Style::new().bold();

/// Prints the requests, and counts them.
pub struct RequestPrinter<'r, W> {
    out: W,
    json: bool,
    registries: &'r [&'r Registry<'r>],
    /// The counts so far.
    pub totals: Totals,
}

/// The counts of a receiver.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Accepted requests.
    pub requests: usize,
    /// Spans and events in them.
    pub records: usize,
    /// Findings of `check` in them.
    pub findings: usize,
    /// Refused requests.
    pub refusals: usize,
}

impl Totals {
    /// Whether there was no finding and no refusal.
    pub fn is_clean(self) -> bool {
        self.findings == 0 && self.refusals == 0
    }
}

impl<'r, W: Write> RequestPrinter<'r, W> {
    /// Checks against `registries`; writes to `out`, as JSON or as text with colours.
    pub fn new(out: W, json: bool, registries: &'r [&'r Registry<'r>]) -> Self {
        Self { out, json, registries, totals: Totals::default() }
    }

    /// Prints the receiver's addresses.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn listening(&mut self, grpc: SocketAddr, http: SocketAddr) -> io::Result<()> {
        if self.json {
            return self.line(&json!({"type": "listening", "grpc": grpc.to_string(), "http": http.to_string()}));
        }
        writeln!(self.out, "Listening for OTLP on http://{grpc} (gRPC) and http://{http} (HTTP). Ctrl-C ends.")?;
        self.out.flush()
    }

    /// Prints one request with its records, or its refusal.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn arrival(&mut self, arrival: &Arrival) -> io::Result<()> {
        match arrival {
            Arrival::Request(request) => self.request(request)?,
            Arrival::Refusal(refusal) => self.refusal(refusal)?,
        }
        self.out.flush()
    }

    /// Prints the counts.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn end(&mut self) -> io::Result<()> {
        let Totals { requests, records, findings, refusals } = self.totals;
        if self.json {
            let totals = json!({
                "type": "end", "requests": requests, "records": records, "findings": findings, "refusals": refusals,
            });
            return self.line(&totals);
        }
        let style = if self.totals.is_clean() { GOOD } else { BAD };
        let [requests, records] = [count(requests, "request"), count(records, "record")];
        let [findings, refusals] = [count(findings, "finding"), count(refusals, "refusal")];
        writeln!(self.out, "{requests}, {records}; {style}{findings}, {refusals}{style:#}.")?;
        self.out.flush()
    }

    fn request(&mut self, request: &Request) -> io::Result<()> {
        let Request { signal, protocol, format, head, bytes } = request;
        let (records, _) = check::read(*signal, *format, bytes);
        let findings = check::check(self.registries, *signal, *format, bytes);
        self.totals.requests += 1;
        self.totals.records += records.len();
        self.totals.findings += findings.len();
        let format = match format {
            Format::Json => "JSON",
            Format::Protobuf => "protobuf",
        };
        let signal = match signal {
            SignalKind::Span => "traces",
            SignalKind::Event => "logs",
        };
        if self.json {
            self.line(&json!({
                "type": "request", "signal": signal, "protocol": protocol.to_string(), "format": format,
                "bytes": bytes.len(), "headers": pairs(&head.headers),
            }))?;
        } else {
            writeln!(self.out, "\n{signal} over {protocol}, {} bytes of {format}", bytes.len())?;
        }
        let mut resource = None;
        for record in &records {
            if self.json {
                self.line(&record_json(record))?;
                continue;
            }
            if resource != Some(&record.resource) {
                resource = Some(&record.resource);
                let mut text = String::new();
                attributes(&mut text, &record.resource);
                let title = if text.is_empty() { "" } else { "  resource\n" };
                write!(self.out, "{title}{text}")?;
            }
            self.out.write_all(record_text(record).as_bytes())?;
        }
        findings.iter().try_for_each(|finding| self.finding(finding))
    }

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        if self.json {
            return self.line(&json!({
                "type": "finding", "path": finding.path, "about": finding.about, "text": finding.to_string(),
            }));
        }
        writeln!(self.out, "  {BAD}finding{BAD:#} {}", shown(&finding.to_string()))
    }

    fn refusal(&mut self, refusal: &Refusal) -> io::Result<()> {
        self.totals.refusals += 1;
        let Refusal { protocol, head: Head { method, path, headers }, why } = refusal;
        if self.json {
            return self.line(&json!({
                "type": "refusal", "protocol": protocol.to_string(), "method": method, "path": path,
                "headers": pairs(headers), "text": why.to_string(),
            }));
        }
        let [method, path, why] = [shown(method), shown(path), shown(&why.to_string())];
        writeln!(self.out, "\n{BAD}refused{BAD:#} {method} {path} over {protocol}: {why}")
    }

    fn line(&mut self, value: &Value) -> io::Result<()> {
        writeln!(self.out, "{value}")?;
        self.out.flush()
    }
}

fn record_text(record: &Seen) -> String {
    let kind = match record.signal {
        SignalKind::Span => "span",
        SignalKind::Event => "event",
    };
    let mut text = format!("  {kind} {NAME}{}{NAME:#}", shown(&record.name));
    // Writing to a `String` can't fail, here and below.
    if record.signal == SignalKind::Span {
        let _ = write!(text, "  {}, {}", span_kind(record.kind), status(record.status));
    }
    let _ = write!(text, "\n      {}", time(record.start));
    if record.signal == SignalKind::Span {
        let lasted = Duration::from_nanos(record.end.saturating_sub(record.start));
        let _ = write!(text, ", lasted {}", humantime::format_duration(lasted));
    }
    text.push('\n');
    let ids = [("trace", &record.trace_id), ("span", &record.span_id), ("parent", &record.parent_span_id)];
    let ids: Vec<String> =
        ids.iter().filter(|(_, id)| !id.is_empty()).map(|(of, id)| format!("{of} {}", short(id))).collect();
    if !ids.is_empty() {
        let _ = writeln!(text, "      {}", ids.join("  "));
    }
    attributes(&mut text, &record.attributes);
    for event in &record.events {
        let _ = writeln!(text, "      event {}  {}", shown(&event.name), time(event.time));
        attributes(&mut text, &event.attributes);
    }
    text
}

fn attributes(text: &mut String, attributes: &[(String, String)]) {
    for (key, value) in attributes {
        let _ = writeln!(text, "      {:<26}  {}", shown(key), shown(value));
    }
}

fn record_json(record: &Seen) -> Value {
    let events: Vec<Value> = record
        .events
        .iter()
        .map(
            |event| json!({"name": event.name, "time": event.time.to_string(), "attributes": pairs(&event.attributes)}),
        )
        .collect();
    match record.signal {
        SignalKind::Span => json!({
            "type": "span", "name": record.name, "kind": span_kind(record.kind), "status": status(record.status),
            "trace_id": record.trace_id, "span_id": record.span_id, "parent_span_id": record.parent_span_id,
            "start": record.start.to_string(), "end": record.end.to_string(), "attributes": pairs(&record.attributes),
            "resource": pairs(&record.resource), "events": events,
        }),
        SignalKind::Event => json!({
            "type": "event", "name": record.name, "trace_id": record.trace_id, "span_id": record.span_id,
            "time": record.start.to_string(), "attributes": pairs(&record.attributes), "resource": pairs(&record.resource),
        }),
    }
}

/// Keys and values as a list, since a request may hold a key twice.
fn pairs(pairs: &[(String, String)]) -> Value {
    pairs.iter().map(|(key, value)| json!({"key": key, "value": value})).collect()
}

fn span_kind(number: i32) -> String {
    match number {
        0 => "no kind".into(),
        1 => "internal".into(),
        2 => "server".into(),
        3 => "client".into(),
        4 => "producer".into(),
        5 => "consumer".into(),
        other => format!("kind {other}"),
    }
}

fn status(number: i32) -> String {
    match number {
        0 => "unset".into(),
        1 => "ok".into(),
        2 => "error".into(),
        other => format!("status {other}"),
    }
}

fn time(nanoseconds: u64) -> String {
    UNIX_EPOCH
        .checked_add(Duration::from_nanos(nanoseconds))
        .map_or_else(|| "no time".into(), |time| humantime::format_rfc3339(time).to_string())
}

/// The first eight digits of an id.
fn short(id: &str) -> String {
    match id.char_indices().nth(8) {
        Some((end, _)) => format!("{}…", shown(id.get(..end).unwrap_or_default())),
        None => shown(id),
    }
}

/// Text for a terminal: escaped and cut.
pub(crate) fn shown(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}… ({} bytes)", escaped(text.get(..end).unwrap_or_default()), text.len()),
        None => escaped(text),
    }
}

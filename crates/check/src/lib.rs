//! A second opinion: reads OTLP back and names everything the registry does not declare.
//!
//! Shares no code with the modules that treat and write records; all they have in common is the registry's tables.
//! So a mistake there is a finding here. `check` answers whether bytes may leave; [`read`] only tells what they hold.
//!
//! # What may be there
//!
//! One `ExportTraceServiceRequest` or `ExportLogsServiceRequest` of OTLP 1.10.0, or one line of an OTLP JSON file
//! (`TracesData`, `LogsData`: the same bytes), and in it nothing but:
//!
//! | carrier | holds |
//! |---|---|
//! | resource | attributes that the program's registry declares for it; its schema URL, or none |
//! | scope | the name `scruple` and a version of it; the program's schema URL, or none |
//! | span | a declared name and kind, ids, times to the span's grain, a status code |
//! | span event | a declared event's name, the time to that event's grain |
//! | log record | a declared event name, severity number 9, one time twice to the event's grain, both ids or neither, no value in its body |
//! | attributes | declared for that signal, each key once, each value in the form its treatment gives it |
//! | flags | the sampled bit; on spans also bit 8, by which OTLP says that bit 9 (remote parent, never set) is known |
//!
//! Every other field has to be absent or empty. Unknown and duplicate fields, and all that makes two readers
//! understand one text differently, are findings as well: the modules `json` and `protobuf` say which. Not findings:
//! a missing attribute, of whatever level; the order of fields and records; blanks and escapes in JSON; an empty field
//! that is spelt out. How many records a process sent (`at_most`) is not visible in one request.
//!
//! The first registry is the program's; resource, scope and schema URL are judged by it alone. A signal may be
//! declared by any of them, and its attributes by the same one.
//!
//! # What a finding says
//!
//! Findings end up in public reports. They hold no text that was found: a place in the request, names that a
//! registry declares, lengths, and field numbers.
//!
//! # Limits
//!
//! Any bytes are answered, without a panic, in time and memory in proportion to their number. Messages that lie
//! deeper in one another than 16, JSON deeper than 128, and findings after the 1,000th are not followed; that is a
//! finding each. Who reads from a network bounds the length first.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod finding;
mod json;
mod node;
mod protobuf;
mod rules;
mod seen;
mod shape;
mod value;

pub use self::finding::{Finding, MAX_FINDINGS, Noun, Type, Wanted, What};
pub use self::seen::{Seen, SeenEvent};

use self::node::{Findings, Node};
use scruple_registry::{Registry, SignalKind};

/// Which of OTLP's encodings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `application/json`, or one line of a JSON Lines file.
    Json,
    /// `application/x-protobuf`, and gRPC's message without its five bytes of prefix.
    Protobuf,
}

/// Names everything in a traces ([`SignalKind::Span`]) or logs ([`SignalKind::Event`]) request that the registries do
/// not declare. Empty: it holds nothing else.
///
/// `registries` is the program's, then those that were joined to it; with none, nothing is declared.
///
/// ```
/// use scruple_check::{Format, check};
/// use scruple_registry::SignalKind;
///
/// let findings = check(&[], SignalKind::Span, Format::Json, br#"{"resourceSpans": [], "resource_spans": []}"#);
/// let lines: Vec<_> = findings.iter().map(ToString::to_string).collect();
/// assert_eq!(lines, [
///     "the request: an unknown field, its name of 14 bytes",
///     "the request: an envelope with nothing in it",
/// ]);
/// ```
pub fn check(registries: &[&Registry<'_>], signal: SignalKind, format: Format, bytes: &[u8]) -> Vec<Finding> {
    judge(registries, signal, format, false, bytes)
}

/// The same for what a receiver keeps. Where the program's registry lets it ([`Service::client_address`]), its spans and
/// log records may also hold `client.address`: an IPv4 address whose last octet is 0.
///
/// [`Service::client_address`]: scruple_registry::Service::client_address
pub fn check_received(registries: &[&Registry<'_>], signal: SignalKind, format: Format, bytes: &[u8]) -> Vec<Finding> {
    judge(registries, signal, format, true, bytes)
}

fn judge(
    registries: &[&Registry<'_>],
    signal: SignalKind,
    format: Format,
    received: bool,
    bytes: &[u8],
) -> Vec<Finding> {
    let mut findings = Findings::default();
    let request = parse(signal, format, bytes, &mut findings);
    rules::judge(registries, signal, received, &request, &mut findings);
    findings.into_vec()
}

/// What a request holds, declared or not, for the eyes of the person it is about; and what could not be read.
///
/// Judges nothing. What [`Seen`] holds is raw: it is not for logs or reports.
pub fn read(signal: SignalKind, format: Format, bytes: &[u8]) -> (Vec<Seen>, Vec<Finding>) {
    let mut findings = Findings::default();
    let request = parse(signal, format, bytes, &mut findings);
    (seen::records(signal, &request), findings.into_vec())
}

fn parse<'a>(signal: SignalKind, format: Format, bytes: &'a [u8], findings: &mut Findings) -> Node<'a> {
    let shape = match signal {
        SignalKind::Span => &shape::TRACES,
        SignalKind::Event => &shape::LOGS,
    };
    match format {
        Format::Json => json::read(bytes, shape, findings),
        Format::Protobuf => protobuf::read(bytes, shape, findings),
    }
}

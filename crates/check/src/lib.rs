//! An independent check of OTLP: reads a request back and reports everything that the registry does not declare.
//!
//! It shares no code with the modules that treat and write records, only the registry's tables. So a mistake in those
//! modules is a finding here. [`check`] decides whether bytes may leave; [`read`] only lists their content.
//!
//! # Allowed content
//!
//! One `ExportTraceServiceRequest` or `ExportLogsServiceRequest` of OTLP 1.10.0, or one line of an OTLP JSON file
//! (`TracesData`, `LogsData`: the same bytes), with only these parts:
//!
//! | carrier | holds |
//! |---|---|
//! | resource | attributes that the program's registry declares for it; its schema URL, or none |
//! | scope | the name `scruple` and a version of it; the program's schema URL, or none |
//! | span | a declared name and kind, ids, times rounded to the span's resolution, a status code |
//! | span event | a declared event's name, the time rounded to that event's resolution |
//! | log record | a declared event name, severity number 9, equal times (event and observed) rounded to the event's resolution, both ids or neither, no value in its body |
//! | attributes | declared for that signal, each key once, each value in the form of its treatment |
//! | flags | the sampled bit; on spans also bit 8, which in OTLP marks bit 9 (remote parent, never set) as valid |
//!
//! Every other field must be absent or empty. Unknown and duplicate fields are findings too, and so are all encodings
//! that two readers could understand differently; the modules `json` and `protobuf` list them. Not findings are a
//! missing attribute of any level, the order of fields and records, blanks and escapes in JSON, and an explicit empty
//! field. The number of records of a process (`at_most`) is not visible in one request.
//!
//! The first registry is the program's; resource, scope and schema URL are checked against it alone. Any of the
//! registries may declare a signal; the same registry must declare the signal's attributes. Where a later registry has
//! the app id of the first, it begins another version of the program: a resource and its records are checked against
//! the version that has its schema URL, else against the first.
//!
//! # Content of a finding
//!
//! Findings end up in public reports. So they hold no text of the request, only a path in the request, names that a
//! registry declares, lengths, and field numbers.
//!
//! # Limits
//!
//! Any bytes are accepted as input: there is no panic, and time and memory are proportional to the number of bytes.
//! Messages nested deeper than 16, JSON nested deeper than 128, and findings after the 1,000th are not followed; each
//! of these is one finding. A caller that reads from a network must limit the length first.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod coverage;
mod finding;
mod json;
mod node;
mod protobuf;
mod rules;
mod seen;
mod shape;
mod stored;
mod value;
mod version;

pub use self::coverage::{Coverage, DeclaredPart};
pub use self::finding::{Finding, MAX_FINDINGS, Noun, Type, Wanted, What};
pub use self::seen::{Seen, SeenEvent};
pub use self::stored::{StoredRecord, StoredValue, each_stored};

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

/// Reports everything in a traces ([`SignalKind::Span`]) or logs ([`SignalKind::Event`]) request that the registries do
/// not declare. An empty list means that all of its content is declared.
///
/// `registries` holds the program's registry, then those of its libraries; then the same for each other version of the
/// program. Without a registry, nothing is declared.
///
/// ```
/// use scruple_check::{Format, check};
/// use scruple_registry::SignalKind;
///
/// let findings = check(&[], SignalKind::Span, Format::Json, br#"{"resourceSpans": [], "resource_spans": []}"#);
/// let lines: Vec<_> = findings.iter().map(ToString::to_string).collect();
/// assert_eq!(lines, [
///     "the request: an unknown field, its name of 14 bytes",
///     "the request: an empty envelope",
/// ]);
/// ```
pub fn check(registries: &[&Registry<'_>], signal: SignalKind, format: Format, bytes: &[u8]) -> Vec<Finding> {
    judge(registries, signal, format, false, bytes)
}

/// The same check for a file that a receiver wrote. If the program's registry allows it ([`Service::client_address`]),
/// spans and log records may also hold `client.address`: an IPv4 address whose last octet is 0.
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

/// Lists the records of a request, declared or not, for the person they are about; and findings for the unreadable
/// parts.
///
/// It checks nothing against a registry. A [`Seen`] holds raw text, which does not belong in logs or reports.
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

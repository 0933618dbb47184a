//! The second opinion: what is declared passes, and any one thing else is found, where it is, in both encodings.

mod agreed;
mod any;
mod encodings;
mod own;
mod records;
mod seen;
mod stored;
mod values;
mod words;

use std::sync::LazyLock;

use scruple::check::{Format, What, check as second_opinion};
use scruple::registry::SignalKind;
use serde_json::Value;

use crate::otlp::clean::{LOGS, logs, traces};
use crate::otlp::proto::Protos;
use crate::otlp::tables::REGISTRIES;
use crate::otlp::{path, set};

static PROTOS: LazyLock<Protos> = LazyLock::new(Protos::read);

/// Changes a clean request in one place, and compares the findings of both encodings with the expected ones, which
/// are at pointers relative to the same base (empty: at the base).
#[track_caller]
pub fn check(base: &str, field: &str, value: Value, expected: &[(&str, What)]) {
    let mut request = if base.starts_with(LOGS) { logs() } else { traces() };
    set(&mut request, &format!("{base}/{field}"), value);
    let expected: Vec<_> =
        expected.iter().map(|(rest, what)| (path(format!("{base}/{rest}").trim_end_matches('/')), *what)).collect();
    for (format, bytes) in both(&request) {
        assert_eq!(findings(&request, format, &bytes), expected, "{base}/{field} in {format:?}");
    }
}

pub fn both(request: &Value) -> [(Format, Vec<u8>); 2] {
    let message = match signal(request) {
        SignalKind::Span => "ExportTraceServiceRequest",
        SignalKind::Event => "ExportLogsServiceRequest",
    };
    [(Format::Json, request.to_string().into_bytes()), (Format::Protobuf, PROTOS.encode(message, request))]
}

pub fn signal(request: &Value) -> SignalKind {
    if request.get("resourceLogs").is_some() { SignalKind::Event } else { SignalKind::Span }
}

pub fn findings(request: &Value, format: Format, bytes: &[u8]) -> Vec<(String, What)> {
    let findings = second_opinion(&REGISTRIES, signal(request), format, bytes);
    findings.into_iter().map(|finding| (finding.path, finding.what)).collect()
}

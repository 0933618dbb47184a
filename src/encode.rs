//! Clean records as OTLP: JSON lines and protobuf, written directly.
//!
//! OTLP 1.x: `opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest` and its counterpart for logs, whose
//! bytes are those of `TracesData` and `LogsData`. JSON follows the OTLP specification's section "JSON Protobuf
//! Encoding": names in lowerCamelCase, ids as hexadecimal digits, 64-bit integers as decimal strings, enumerations as
//! integers; a line is what the file exporter specification calls a JSON object. Fields come in the order of their
//! numbers and absent ones are left out, so that equal records have equal bytes.
//!
//! The constant parts (resource, scope, keys, members) are encoded once, when the encoder is made.

mod answer;
mod base64;
mod each;
mod json;
mod protobuf;
pub(crate) mod value;

pub use answer::rejected;
pub(crate) use base64::base64;
pub(crate) use each::Each;
pub use value::{SCOPE_NAME, SCOPE_VERSION, text};

use crate::privacy::{Clean, Record, Resource};
use crate::registry::{Registry, SignalKind};

/// OTLP's two encodings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `application/json`.
    Json,
    /// `application/x-protobuf`.
    Protobuf,
}

/// Writes the records of one process.
pub struct Encoder {
    json: json::JsonFragments,
    protobuf: protobuf::ProtobufFragments,
}

impl Encoder {
    /// An encoder for a process with this resource and these registries, the program's own first.
    pub fn new(resource: &Clean<Resource>, registries: &[&'static Registry<'static>]) -> Self {
        Self {
            json: json::JsonFragments::new(resource, registries),
            protobuf: protobuf::ProtobufFragments::new(resource),
        }
    }

    /// Appends one request with the records of this kind. Without such a record it appends nothing: OTLP asks clients
    /// not to send empty envelopes.
    pub fn request<'r>(
        &self,
        format: Format,
        kind: SignalKind,
        records: impl IntoIterator<Item = &'r Clean<Record>>,
        out: &mut Vec<u8>,
    ) {
        let mut records = records.into_iter().filter(|record| record.kind() == kind).peekable();
        if records.peek().is_none() {
            return;
        }
        match format {
            Format::Json => self.json.request(kind, records, out),
            Format::Protobuf => self.protobuf.request(records, out),
        }
    }

    /// Appends one record in protobuf, as it stands among those of a request.
    pub fn record(record: &Clean<Record>, out: &mut Vec<u8>) {
        protobuf::record(record, out);
    }

    /// Appends a request in protobuf with these encoded records, all of one kind.
    pub fn envelop(&self, records: &[u8], out: &mut Vec<u8>) {
        self.protobuf.envelop(records, out);
    }
}

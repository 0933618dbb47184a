//! Clean records as OTLP: JSON lines and protobuf, written directly.
//!
//! OTLP 1.x: `opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest` and its counterpart for logs, whose
//! bytes are those of `TracesData` and `LogsData`. JSON follows the OTLP specification's section "JSON Protobuf
//! Encoding": names in lowerCamelCase, ids as hexadecimal digits, 64-bit integers as decimal strings, enumerations as
//! integers; a line is what the file exporter specification calls a JSON object. Fields come in the order of their
//! numbers and absent ones are left out, so that equal records have equal bytes.
//!
//! What is the same for every record (resource, scope, keys, members) is written once, when the encoder is made.

mod each;
mod json;
mod protobuf;

pub(crate) use each::Each;

use crate::privacy::{Clean, PRE_RELEASE, Record, Resource, Value};
use crate::registry::{Attribute, Registry, SignalKind, Treatment};

/// The instrumentation scope of every record.
pub const SCOPE_NAME: &str = "scruple";

/// The scope's version: this crate's.
pub const SCOPE_VERSION: &str = env!("CARGO_PKG_VERSION");

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
    json: json::Fragments,
    protobuf: protobuf::Fragments,
}

impl Encoder {
    /// For a process with this resource and these registries, the program's own first.
    pub fn new(resource: &Clean<Resource>, registries: &[&'static Registry<'static>]) -> Self {
        Self { json: json::Fragments::new(resource, registries), protobuf: protobuf::Fragments::new(resource) }
    }

    /// Appends one request with these records, which are all spans or all events. No records, no request: OTLP asks
    /// clients not to send empty envelopes.
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
            Format::Protobuf => self.protobuf.request(kind, records, out),
        }
    }
}

/// A treated value as text: what a person reads, and for text the very bytes that are sent.
pub fn text(attribute: &Attribute<'_>, value: &Value) -> String {
    match wire(attribute, value) {
        Some(Wire::Boolean(value)) => value.to_string(),
        Some(Wire::Integer(value)) => value.to_string(),
        Some(Wire::Text(text)) => text.to_string(),
        Some(Wire::List(members, bits)) => {
            let names: Vec<_> = listed(members, bits).map(|(_, name)| name).collect();
            names.join(", ")
        }
        None => String::new(),
    }
}

/// A value on the wire: the four kinds that there are.
pub(crate) enum Wire<'a> {
    Boolean(bool),
    Integer(i64),
    Text(Text<'a>),
    List(&'a [&'a str], u64),
}

/// Text on the wire: declared, or of digits.
pub(crate) enum Text<'a> {
    Declared(&'a str),
    Digits([u8; 64], usize),
    Line(&'a str, u32),
}

/// What a treated value looks like. `None` only if the value does not belong to the attribute.
pub(crate) fn wire<'a>(attribute: &Attribute<'a>, value: &Value) -> Option<Wire<'a>> {
    Some(match (value, &attribute.treatment) {
        (Value::Boolean(value), _) => Wire::Boolean(*value),
        (Value::Count(value), _) => Wire::Integer(*value),
        (Value::Member(index), treatment) => Wire::Text(Text::Declared(treatment.members().get(usize::from(*index))?)),
        (Value::Names(bits), Treatment::Names { members }) => Wire::List(members, *bits),
        (Value::Hash(bytes), _) => Wire::Text(hexadecimal(bytes)),
        (Value::Sha256(bytes), _) => Wire::Text(hexadecimal(bytes)),
        (Value::Version(version), _) => {
            let mut text = String::new();
            for (index, number) in version.numbers.iter().take(usize::from(version.parts)).enumerate() {
                text.push_str(if index == 0 { "" } else { "." });
                text.push_str(itoa::Buffer::new().format(*number));
            }
            if let Some(tag) = version.tag.and_then(|tag| PRE_RELEASE.get(usize::from(tag))) {
                text.push('-');
                text.push_str(tag);
            }
            let mut digits = [0; 64];
            digits.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
            Wire::Text(Text::Digits(digits, text.len()))
        }
        (Value::Location { file, line }, Treatment::Location { files, .. }) => {
            Wire::Text(Text::Line(files.get(usize::from(*file))?.path, *line))
        }
        _ => return None,
    })
}

/// The names whose bits are set.
pub(crate) fn listed<'a>(members: &'a [&'a str], bits: u64) -> impl Iterator<Item = (usize, &'a str)> {
    members.iter().copied().enumerate().take(64).filter(move |&(index, _)| bits >> index & 1 == 1)
}

impl Text<'_> {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Declared(text) => out.extend_from_slice(text.as_bytes()),
            Self::Digits(bytes, len) => out.extend_from_slice(bytes.get(..*len).unwrap_or_default()),
            Self::Line(path, line) => {
                out.extend_from_slice(path.as_bytes());
                out.push(b':');
                out.extend_from_slice(itoa::Buffer::new().format(*line).as_bytes());
            }
        }
    }
}

impl std::fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        f.write_str(&String::from_utf8_lossy(&bytes))
    }
}

fn hexadecimal(bytes: &[u8]) -> Text<'static> {
    let mut digits = [0; 64];
    write_hexadecimal(bytes, &mut digits);
    Text::Digits(digits, bytes.len() * 2)
}

/// Two digits a byte, as far as there is room.
fn write_hexadecimal(bytes: &[u8], digits: &mut [u8]) {
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&HEX[usize::from(*byte)]);
    }
}

/// The two digits of each byte.
static HEX: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut table = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = [digits[byte >> 4], digits[byte & 15]];
        byte += 1;
    }
    table
};

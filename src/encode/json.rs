//! OTLP as JSON.

use super::value::{SCOPE_NAME, SCOPE_VERSION, WireValue, listed, wire, write_hexadecimal};
use crate::privacy::{Clean, Record, Resource, SpanStatus, Value};
use crate::registry::{Attribute, Registry, SignalKind, Treatment, WireType};

/// The encoded parts that are the same in every record.
pub(super) struct JsonFragments {
    /// The request up to the list of spans, and the request up to the list of log records.
    open: [Vec<u8>; 2],
    close: Vec<u8>,
    parts: Vec<RegistryFragments>,
}

struct RegistryFragments {
    attributes: Vec<AttributeFragments>,
    spans: Vec<SpanFragments>,
    /// For each event: `"eventName":…}`.
    events: Vec<Vec<u8>>,
}

/// The encoded parts of one span, up to the digits of its start time. The digits of the ids are zeros.
struct SpanFragments {
    root: Vec<u8>,
    child: Vec<u8>,
}

/// The encoded parts of one attribute. Each begins with the comma that all attributes but the first need.
struct AttributeFragments {
    /// The attribute up to the text of its value, for instance `,{"key":…,"value":{"intValue":"`.
    open: Vec<u8>,
    /// For a member or a boolean the whole attribute; for a list of names each element; for a location the attribute up
    /// to the line number.
    whole: Vec<Vec<u8>>,
}

impl JsonFragments {
    pub(super) fn new(resource: &Clean<Resource>, registries: &[&'static Registry<'static>]) -> Self {
        let open = |resources: &str, scopes: &str, records: &str| {
            let mut out = format!("{{\"{resources}\":[{{\"resource\":{{\"attributes\":[").into_bytes();
            for (index, (key, value)) in resource.attributes().enumerate() {
                comma(index, &mut out);
                out.extend_from_slice(b"{\"key\":");
                string(key, &mut out);
                out.extend_from_slice(b",\"value\":{\"stringValue\":");
                string(value, &mut out);
                out.extend_from_slice(b"}}");
            }
            out.extend_from_slice(format!("]}},\"{scopes}\":[{{\"scope\":{{\"name\":\"{SCOPE_NAME}\",").as_bytes());
            out.extend_from_slice(format!("\"version\":\"{SCOPE_VERSION}\"}},\"{records}\":[").as_bytes());
            out
        };
        let mut close = b"]}],\"schemaUrl\":".to_vec();
        string(resource.schema_url(), &mut close);
        close.extend_from_slice(b"}]}");
        Self {
            open: [open("resourceSpans", "scopeSpans", "spans"), open("resourceLogs", "scopeLogs", "logRecords")],
            close,
            parts: registries.iter().map(|registry| RegistryFragments::new(registry)).collect(),
        }
    }

    pub(super) fn request<'r>(
        &self,
        kind: SignalKind,
        records: impl Iterator<Item = &'r Clean<Record>>,
        out: &mut Vec<u8>,
    ) {
        let open = &self.open[kind as usize];
        // Enough for a record with a few attributes, so that the buffer seldom grows.
        out.reserve(open.len() + self.close.len() + 1024);
        out.extend_from_slice(open);
        for (index, record) in records.enumerate() {
            comma(index, out);
            match kind {
                SignalKind::Span => self.span(record, out),
                SignalKind::Event => self.log(record, out),
            }
        }
        out.extend_from_slice(&self.close);
    }

    fn span(&self, record: &Record, out: &mut Vec<u8>) {
        let part = self.parts.get(usize::from(record.part()));
        let Some(fragments) = part.and_then(|part| part.spans.get(usize::from(record.index()))) else { return };
        let ids = record.ids();
        let is_root = ids.parent == [0; 8];
        let open = if is_root { &fragments.root } else { &fragments.child };
        let start = out.len();
        out.extend_from_slice(open);
        if let Some(open) = out.get_mut(start..) {
            put_hexadecimal(&ids.trace, TRACE, open);
            put_hexadecimal(&ids.span, SPAN, open);
            if !is_root {
                put_hexadecimal(&ids.parent, PARENT, open);
            }
        }
        let start = out.len();
        number(record.start(), out);
        let end = out.len();
        out.extend_from_slice(b"\",\"endTimeUnixNano\":\"");
        // With times rounded to the second, most spans end at their start time.
        if record.end() == record.start() {
            out.extend_from_within(start..end);
        } else {
            number(record.end(), out);
        }
        out.extend_from_slice(b"\",");
        self.attributes(record, out);
        if !record.events().is_empty() {
            out.extend_from_slice(b"\"events\":[");
            for (index, event) in record.events().iter().enumerate() {
                comma(index, out);
                out.extend_from_slice(b"{\"timeUnixNano\":\"");
                number(event.start(), out);
                out.extend_from_slice(b"\",\"name\":");
                string(event.signal().name, out);
                out.push(b',');
                self.attributes(event, out);
                close_object(out);
            }
            out.extend_from_slice(b"],");
        }
        match record.status() {
            SpanStatus::Unset => {}
            SpanStatus::Ok => out.extend_from_slice(b"\"status\":{\"code\":1},"),
            SpanStatus::Error => out.extend_from_slice(b"\"status\":{\"code\":2},"),
        }
        out.extend_from_slice(b"\"flags\":1}");
    }

    fn log(&self, record: &Record, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"timeUnixNano\":\"");
        let start = out.len();
        number(record.start(), out);
        let end = out.len();
        out.extend_from_slice(b"\",\"severityNumber\":9,");
        self.attributes(record, out);
        let ids = record.ids();
        if ids.span != [0; 8] {
            let mut place =
                *b"\"flags\":1,\"traceId\":\"00000000000000000000000000000000\",\"spanId\":\"0000000000000000\",";
            write_hexadecimal(&ids.trace, &mut place[21..53]);
            write_hexadecimal(&ids.span, &mut place[65..81]);
            out.extend_from_slice(&place);
        }
        out.extend_from_slice(b"\"observedTimeUnixNano\":\"");
        out.extend_from_within(start..end);
        out.extend_from_slice(b"\",");
        let part = self.parts.get(usize::from(record.part()));
        let index = usize::from(record.index());
        out.extend_from_slice(part.and_then(|part| part.events.get(index)).map_or(b"}", Vec::as_slice));
    }

    /// Writes `"attributes":[…],`, or nothing for a record without attributes.
    fn attributes(&self, record: &Record, out: &mut Vec<u8>) {
        let Some(part) = self.parts.get(usize::from(record.part())) else { return };
        let start = out.len();
        let mut first = true;
        for (index, attribute, value) in record.attributes() {
            let Some(fragments) = part.attributes.get(usize::from(index)) else { continue };
            if first {
                out.extend_from_slice(b"\"attributes\":[");
            }
            fragments.write(attribute, value, usize::from(first), out);
            first = false;
        }
        if out.len() > start {
            out.extend_from_slice(b"],");
        }
    }
}

impl RegistryFragments {
    fn new(registry: &Registry<'_>) -> Self {
        let span = |signal: &crate::registry::Signal<'_>| {
            let open = |parent: &str| {
                let zeros = "0".repeat(32);
                let out = format!("{{\"traceId\":\"{zeros}\",\"spanId\":\"{}\",{parent}\"name\":", &zeros[..16]);
                let mut out = out.into_bytes();
                string(signal.name, &mut out);
                out.extend_from_slice(format!(",\"kind\":{},\"startTimeUnixNano\":\"", signal.kind as u8).as_bytes());
                out
            };
            SpanFragments { root: open(""), child: open("\"parentSpanId\":\"0000000000000000\",") }
        };
        let event = |signal: &crate::registry::Signal<'_>| {
            let mut out = b"\"eventName\":".to_vec();
            string(signal.name, &mut out);
            out.push(b'}');
            out
        };
        Self {
            attributes: registry.attributes.iter().map(AttributeFragments::new).collect(),
            spans: registry.spans.iter().map(span).collect(),
            events: registry.events.iter().map(event).collect(),
        }
    }
}

impl AttributeFragments {
    fn new(attribute: &Attribute<'_>) -> Self {
        let mut key = b",{\"key\":".to_vec();
        string(attribute.key, &mut key);
        key.extend_from_slice(b",\"value\":{");
        let with = |before: &[u8], text: &str, after: &[u8]| {
            let mut out = [before, b"\"stringValue\":"].concat();
            string(text, &mut out);
            out.extend_from_slice(after);
            out
        };
        let open = |kind: &[u8]| [&key, kind].concat();
        let members = attribute.treatment.members();
        let (open, whole) = match (attribute.treatment, attribute.treatment.kind().wire_type(false)) {
            (Treatment::Location { files, .. }, _) => {
                let up_to_the_line = |path| {
                    let mut out = with(&key, path, b"");
                    out.pop();
                    out.push(b':');
                    out
                };
                (Vec::new(), files.iter().map(|file| up_to_the_line(file.path)).collect())
            }
            (Treatment::IntegerEnum { .. }, _) => {
                let whole = |number: &&str| [&key, b"\"intValue\":\"".as_slice(), number.as_bytes(), b"\"}}"].concat();
                (Vec::new(), members.iter().map(whole).collect())
            }
            (_, WireType::Boolean) => (Vec::new(), vec![open(b"\"boolValue\":false}}"), open(b"\"boolValue\":true}}")]),
            (_, WireType::Enum) => (Vec::new(), members.iter().map(|text| with(&key, text, b"}}")).collect()),
            (_, WireType::Strings) => {
                let elements = members.iter().map(|text| with(b"{", text, b"}")).collect();
                (open(b"\"arrayValue\":{\"values\":["), elements)
            }
            (_, WireType::Int) => (open(b"\"intValue\":\""), Vec::new()),
            (_, WireType::String) => (open(b"\"stringValue\":\""), Vec::new()),
        };
        Self { open, whole }
    }

    /// Writes one attribute without the first `skip` bytes of its opening: 1 leaves out the comma.
    fn write(&self, attribute: &Attribute<'_>, value: &Value, skip: usize, out: &mut Vec<u8>) {
        let mut whole = |index: usize| {
            out.extend_from_slice(self.whole.get(index).and_then(|bytes| bytes.get(skip..)).unwrap_or_default());
        };
        match value {
            Value::Member(index) => return whole(usize::from(*index)),
            Value::Boolean(value) => return whole(usize::from(*value)),
            Value::Location { file, line } => {
                whole(usize::from(*file));
                number(u64::from(*line), out);
                out.extend_from_slice(b"\"}}");
                return;
            }
            _ => out.extend_from_slice(self.open.get(skip..).unwrap_or_default()),
        }
        match value {
            Value::Count(value) => {
                out.extend_from_slice(itoa::Buffer::new().format(*value).as_bytes());
                out.extend_from_slice(b"\"}}");
                return;
            }
            Value::Hash(hash) => {
                let mut digits = *b"00000000000000000000000000000000\"}}";
                write_hexadecimal(hash, &mut digits);
                out.extend_from_slice(&digits);
                return;
            }
            _ => {}
        }
        match wire(attribute, value) {
            Some(WireValue::Integer(value)) => out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes()),
            // Hexadecimal digits and versions need no escapes in JSON.
            Some(WireValue::Text(text)) => text.write(out),
            Some(WireValue::List(members, bits)) => {
                for (nth, (index, _)) in listed(members, bits).enumerate() {
                    comma(nth, out);
                    out.extend_from_slice(self.whole.get(index).map_or(&[], Vec::as_slice));
                }
                out.extend_from_slice(b"]}}}");
                return;
            }
            Some(WireValue::Boolean(_)) | None => {}
        }
        out.extend_from_slice(b"\"}}");
    }
}

/// The places of ids in the opening of a span.
const TRACE: usize = r#"{"traceId":""#.len();
const SPAN: usize = TRACE + r#"00000000000000000000000000000000","spanId":""#.len();
const PARENT: usize = SPAN + r#"0000000000000000","parentSpanId":""#.len();

fn put_hexadecimal(bytes: &[u8], at: usize, out: &mut [u8]) {
    if let Some(digits) = out.get_mut(at..at + 2 * bytes.len()) {
        write_hexadecimal(bytes, digits);
    }
}

fn number(value: u64, out: &mut Vec<u8>) {
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(value).as_bytes();
    // The times of this century: a copy of a known length needs no call.
    match <&[u8; 19]>::try_from(digits) {
        Ok(digits) => out.extend_from_slice(digits),
        Err(_) => out.extend_from_slice(digits),
    }
}

fn comma(index: usize, out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
}

/// Closes an object, and removes the comma after its last field.
fn close_object(out: &mut Vec<u8>) {
    if out.last() == Some(&b',') {
        out.pop();
    }
    out.push(b'}');
}

/// A JSON string (RFC 8259, section 7).
fn string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for char in text.chars() {
        match char {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            char if u32::from(char) < 0x20 => out.extend_from_slice(format!("\\u{:04x}", u32::from(char)).as_bytes()),
            char => out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}

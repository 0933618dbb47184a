//! OTLP as protobuf: field numbers from `proto/opentelemetry/proto`.

use super::value::{SCOPE_NAME, SCOPE_VERSION, WireValue, listed, wire};
use crate::privacy::{Clean, Record, Resource, SpanStatus};
use crate::registry::SignalKind;

/// The encoded parts that are the same in every request.
pub(super) struct ProtobufFragments {
    resource: Vec<u8>,
    scope: Vec<u8>,
    schema_url: &'static str,
}

impl ProtobufFragments {
    pub(super) fn new(resource: &Clean<Resource>) -> Self {
        let mut bytes = Vec::new();
        message(1, &mut bytes, |out| {
            for (key, value) in resource.attributes() {
                key_value(1, key, out, |out| text(1, value.as_bytes(), out));
            }
        });
        let mut scope = Vec::new();
        message(1, &mut scope, |out| {
            text(1, SCOPE_NAME.as_bytes(), out);
            text(2, SCOPE_VERSION.as_bytes(), out);
        });
        Self { resource: bytes, scope, schema_url: resource.schema_url() }
    }

    pub(super) fn request<'r>(&self, records: impl Iterator<Item = &'r Clean<Record>>, out: &mut Vec<u8>) {
        self.around(out, |out| records.for_each(|each| record(each, out)));
    }

    pub(super) fn envelop(&self, records: &[u8], out: &mut Vec<u8>) {
        // Keys and lengths, of up to ten bytes each.
        out.reserve(self.resource.len() + self.scope.len() + self.schema_url.len() + records.len() + 64);
        self.around(out, |out| out.extend_from_slice(records));
    }

    fn around(&self, out: &mut Vec<u8>, records: impl FnOnce(&mut Vec<u8>)) {
        message(1, out, |out| {
            out.extend_from_slice(&self.resource);
            message(2, out, |out| {
                out.extend_from_slice(&self.scope);
                records(out);
            });
            text(3, self.schema_url.as_bytes(), out);
        });
    }
}

/// One of the repeated fields `spans` and `log_records`, which have the same number.
pub(super) fn record(record: &Clean<Record>, out: &mut Vec<u8>) {
    message(2, out, |out| match record.kind() {
        SignalKind::Span => span(record, out),
        SignalKind::Event => log(record, out),
    });
}

fn span(record: &Record, out: &mut Vec<u8>) {
    let ids = record.ids();
    text(1, &ids.trace, out);
    text(2, &ids.span, out);
    if ids.parent != [0; 8] {
        text(4, &ids.parent, out);
    }
    text(5, record.signal().name.as_bytes(), out);
    varint_field(6, record.signal().kind as u64, out);
    fixed64(7, record.start(), out);
    fixed64(8, record.end(), out);
    attributes(9, record, out);
    for event in record.events() {
        message(11, out, |out| {
            fixed64(1, event.start(), out);
            text(2, event.signal().name.as_bytes(), out);
            attributes(3, event, out);
        });
    }
    match record.status() {
        SpanStatus::Unset => {}
        SpanStatus::Ok => message(15, out, |out| varint_field(3, 1, out)),
        SpanStatus::Error => message(15, out, |out| varint_field(3, 2, out)),
    }
    fixed32(16, 1, out);
}

fn log(record: &Record, out: &mut Vec<u8>) {
    fixed64(1, record.start(), out);
    varint_field(2, 9, out);
    attributes(6, record, out);
    let ids = record.ids();
    if ids.span != [0; 8] {
        fixed32(8, 1, out);
        text(9, &ids.trace, out);
        text(10, &ids.span, out);
    }
    fixed64(11, record.start(), out);
    text(12, record.signal().name.as_bytes(), out);
}

fn attributes(field: u64, record: &Record, out: &mut Vec<u8>) {
    for (_, attribute, value) in record.attributes() {
        let Some(value) = wire(attribute, value) else { continue };
        key_value(field, attribute.key, out, |out| match value {
            WireValue::Boolean(value) => varint_field(2, u64::from(value), out),
            WireValue::Integer(value) => varint_field(3, value.cast_unsigned(), out),
            WireValue::Text(value) => message(1, out, |out| value.write(out)),
            WireValue::List(members, bits) => message(5, out, |out| {
                for (_, name) in listed(members, bits) {
                    message(1, out, |out| text(1, name.as_bytes(), out));
                }
            }),
        });
    }
}

fn key_value(field: u64, key: &str, out: &mut Vec<u8>, value: impl FnOnce(&mut Vec<u8>)) {
    message(field, out, |out| {
        text(1, key.as_bytes(), out);
        message(2, out, value);
    });
}

/// Writes a length-delimited field; its length is known only after its content is written.
fn message(field: u64, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    varint(field << 3 | 2, out);
    let start = out.len();
    write(out);
    let end = out.len();
    let len = (end - start) as u64;
    varint(len, out);
    // The length was appended after the content: rotate it to the front.
    if let Some(tail) = out.get_mut(start..) {
        tail.rotate_left(end - start);
    }
}

fn text(field: u64, bytes: &[u8], out: &mut Vec<u8>) {
    varint(field << 3 | 2, out);
    varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

fn varint_field(field: u64, value: u64, out: &mut Vec<u8>) {
    varint(field << 3, out);
    varint(value, out);
}

fn fixed64(field: u64, value: u64, out: &mut Vec<u8>) {
    varint(field << 3 | 1, out);
    out.extend_from_slice(&value.to_le_bytes());
}

fn fixed32(field: u64, value: u32, out: &mut Vec<u8>) {
    varint(field << 3 | 5, out);
    out.extend_from_slice(&value.to_le_bytes());
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

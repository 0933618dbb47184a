//! OTLP's messages, read from the `.proto` files, and an encoder that knows nothing else of them.

use std::collections::BTreeMap;

use serde_json::Value;

const FILES: [&str; 6] = [
    include_str!("../../../proto/opentelemetry/proto/common/v1/common.proto"),
    include_str!("../../../proto/opentelemetry/proto/resource/v1/resource.proto"),
    include_str!("../../../proto/opentelemetry/proto/trace/v1/trace.proto"),
    include_str!("../../../proto/opentelemetry/proto/logs/v1/logs.proto"),
    include_str!("../../../proto/opentelemetry/proto/collector/trace/v1/trace_service.proto"),
    include_str!("../../../proto/opentelemetry/proto/collector/logs/v1/logs_service.proto"),
];

/// A field as its file declares it.
pub struct ProtoField {
    /// In snake case.
    pub name: String,
    /// In lowerCamelCase.
    pub json: String,
    pub number: u32,
    pub repeated: bool,
    kind: String,
}

/// Every message of the files, by its name (nested: `Span.Event`), with its fields.
pub struct Protos(pub BTreeMap<String, Vec<ProtoField>>);

impl Protos {
    /// Reads the files line by line: a field is all on one line there.
    pub fn read() -> Self {
        let mut messages = BTreeMap::new();
        for file in FILES {
            // What the braces opened: a message by its name; a oneof or another block.
            let mut open: Vec<(&str, &str)> = Vec::new();
            for line in file.lines().map(|line| line.split("//").next().unwrap_or("").trim()) {
                let words: Vec<&str> = line.split_whitespace().collect();
                match words.as_slice() {
                    [kind @ ("message" | "enum" | "oneof" | "service"), name, "{"] => {
                        open.push((kind, name));
                        if *kind == "message" {
                            messages.insert(message_name(&open), Vec::new());
                        }
                    }
                    ["}" | "};"] => drop(open.pop()),
                    [.., "=", _] if matches!(open.last(), Some(("message" | "oneof", _))) => {
                        messages.entry(message_name(&open)).or_default().push(field(&words));
                    }
                    _ => {}
                }
            }
            assert!(open.is_empty(), "every brace is closed");
        }
        Self(messages)
    }

    /// The message of a field, if it holds one.
    pub fn message_of(&self, message: &str, field: &ProtoField) -> Option<String> {
        let last = field.kind.rsplit('.').next()?;
        [format!("{message}.{last}"), last.to_owned()].into_iter().find(|name| self.0.contains_key(name))
    }

    /// Encodes JSON as protobuf, in the order of field numbers.
    ///
    /// A value of another type than the field's is written as what it is. An unknown field has the number 900; the
    /// field `#` holds bytes in hexadecimal that are written after all others, as they are.
    pub fn encode(&self, message: &str, value: &Value) -> Vec<u8> {
        let fields = value.as_object().expect("a message is an object");
        let mut known: Vec<_> = fields
            .iter()
            .filter(|(name, _)| *name != "#")
            .map(|(name, value)| (self.0[message].iter().find(|field| field.json == *name), value))
            .collect();
        known.sort_by_key(|(field, _)| field.map_or(900, |field| field.number));
        let mut bytes = Vec::new();
        for (field, value) in known {
            match (field, value) {
                (Some(field), Value::Array(values)) => {
                    values.iter().for_each(|value| self.encode_one(message, field, value, &mut bytes));
                }
                (Some(field), value) => self.encode_one(message, field, value, &mut bytes),
                (None, value) => encode_untyped(900, value, &mut bytes),
            }
        }
        bytes.extend(fields.get("#").and_then(Value::as_str).map(hex).unwrap_or_default());
        bytes
    }

    fn encode_one(&self, message: &str, field: &ProtoField, value: &Value, bytes: &mut Vec<u8>) {
        let number = field.number;
        match (field.kind.as_str(), value) {
            ("bytes", Value::String(text)) => encode_bytes(number, &hex(text), bytes),
            ("fixed64", Value::String(text)) if text.parse::<u64>().is_ok() => {
                bytes.extend(varint(u64::from(number << 3 | 1)));
                bytes.extend(text.parse::<u64>().expect("seen to be one").to_le_bytes());
            }
            ("fixed32", Value::Number(flags)) if flags.as_u64().is_some_and(|flags| flags <= u32::MAX.into()) => {
                bytes.extend(varint(u64::from(number << 3 | 5)));
                bytes.extend(u32::try_from(flags.as_u64().expect("seen")).expect("to be one").to_le_bytes());
            }
            ("double", Value::Number(double)) => {
                bytes.extend(varint(u64::from(number << 3 | 1)));
                bytes.extend(double.as_f64().expect("a number").to_le_bytes());
            }
            ("int64", Value::String(text)) if text.parse::<i64>().is_ok() => {
                bytes.extend(varint(u64::from(number << 3)));
                bytes.extend(varint(text.parse::<i64>().expect("seen to be one").cast_unsigned()));
            }
            (_, Value::Object(_)) => match self.message_of(message, field) {
                Some(inner) => encode_bytes(number, &self.encode(&inner, value), bytes),
                None => encode_bytes(number, b"object", bytes),
            },
            _ => encode_untyped(number, value, bytes),
        }
    }
}

/// Bytes of hexadecimal text; the text's own, where it is none.
pub fn hex(text: &str) -> Vec<u8> {
    let digits: Option<Vec<u8>> = text.chars().map(|digit| digit.to_digit(16)?.try_into().ok()).collect();
    match digits {
        Some(digits) if digits.len() % 2 == 0 => digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect(),
        _ => text.as_bytes().to_vec(),
    }
}

/// Writes a length-delimited field.
pub fn encode_bytes(number: u32, content: &[u8], bytes: &mut Vec<u8>) {
    bytes.extend(varint(u64::from(number << 3 | 2)));
    bytes.extend(varint(content.len() as u64));
    bytes.extend(content);
}

fn encode_untyped(number: u32, value: &Value, bytes: &mut Vec<u8>) {
    match value {
        Value::String(text) => encode_bytes(number, text.as_bytes(), bytes),
        Value::Number(integer) => {
            bytes.extend(varint(u64::from(number << 3)));
            let integer = integer.as_u64().or_else(|| integer.as_i64().map(i64::cast_unsigned));
            bytes.extend(varint(integer.unwrap_or(u64::MAX)));
        }
        Value::Bool(truth) => {
            bytes.extend(varint(u64::from(number << 3)));
            bytes.extend(varint(u64::from(*truth)));
        }
        other => encode_bytes(number, other.to_string().as_bytes(), bytes),
    }
}

pub fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn message_name(open: &[(&str, &str)]) -> String {
    let names: Vec<_> = open.iter().filter(|(kind, _)| *kind == "message").map(|(_, name)| *name).collect();
    names.join(".")
}

fn field(words: &[&str]) -> ProtoField {
    let (repeated, words) = match words {
        ["repeated", rest @ ..] => (true, rest),
        _ => (false, words),
    };
    let [kind, name, "=", number] = words else { panic!("no field: {words:?}") };
    let mut json = String::new();
    for part in name.split('_') {
        let (first, rest) = part.split_at(1);
        json.push_str(&if json.is_empty() { first.to_owned() } else { first.to_uppercase() });
        json.push_str(rest);
    }
    ProtoField {
        name: (*name).to_owned(),
        json,
        number: number.trim_end_matches(';').parse().expect("a field number"),
        repeated,
        kind: (*kind).to_owned(),
    }
}

//! Reads the JSON encoding in its strictest form.
//!
//! OTLP's JSON (OTLP specification, "JSON Protobuf Encoding") lets a receiver ignore unknown fields and accept 64-bit
//! integers as numbers. Readers then differ: some accept snake case, some merge duplicate objects. This reader accepts
//! only lowerCamelCase names, each once; 64-bit integers as decimal text without leading zeros; enumerations as
//! integers; and ids as lower-case hexadecimal digits without escapes. It accepts no `null`, and only blanks after the
//! one value.

use std::borrow::Cow;
use std::fmt;

use serde_core::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::node::{Datum, Entry, FieldCounts, Findings, MAX_DEPTH, Node, Path, Read};
use super::shape::{Field, Form, Shape};
use super::{Type, What};

/// Reads one message.
pub(super) fn read<'a>(bytes: &'a [u8], shape: &'static Shape, findings: &mut Findings) -> Node<'a> {
    match serde_json::from_slice(bytes) {
        Ok(Json::Object(fields)) => message(fields, shape, &Path::ROOT, MAX_DEPTH, findings),
        Ok(_) => {
            findings.add(&Path::ROOT, What::Type(Type::Message));
            Node::default()
        }
        Err(error) => {
            findings.add(&Path::ROOT, What::NotJson { line: error.line(), column: error.column() });
            Node::default()
        }
    }
}

fn message<'a>(
    fields: Vec<(String, Json<'a>)>,
    shape: &'static Shape,
    path: &Path<'_>,
    depth: usize,
    findings: &mut Findings,
) -> Node<'a> {
    let mut counts = FieldCounts::default();
    let mut node = Node::default();
    for (name, json) in fields {
        let Some((position, field)) = shape.by_name(&name) else {
            findings.add(path, What::UnknownName { bytes: name.len() });
            continue;
        };
        if counts.count(position) > 0 {
            findings.add(&path.to(field.name), What::Duplicate);
        }
        let values = match (field.many, json) {
            (false, json) => vec![json],
            (true, Json::List(values)) => values,
            (true, _) => {
                findings.add(&path.to(field.name), What::Type(Type::List));
                node.entries.push(Entry { field, index: 0, datum: Datum::Unread });
                continue;
            }
        };
        for (index, json) in values.into_iter().enumerate() {
            let at = path.at(field, index);
            let read = datum(json, field, &at, depth, findings);
            node.add(field, index, read, &at, findings);
        }
    }
    node
}

fn datum<'a>(json: Json<'a>, field: &'static Field, at: &Path<'_>, depth: usize, findings: &mut Findings) -> Read<'a> {
    Ok(match (field.form, json) {
        (Form::Text, Json::Text(text)) => Datum::Text(text),
        // Borrowed text has no escapes: a Collector refuses a request with an escape in an id.
        (Form::Id, Json::Text(Cow::Borrowed(text))) => {
            Datum::Bytes(Cow::Owned(hex(text).ok_or(What::Type(Type::Hexadecimal))?))
        }
        // No declared value has this type, so the base64 need not be decoded.
        (Form::Bytes, Json::Text(text)) => Datum::Bytes(Cow::Owned(text.into_owned().into_bytes())),
        (Form::Boolean, Json::Boolean(value)) => Datum::Boolean(value),
        (Form::Signed32, Json::Integer(value)) => {
            Datum::Number(i32::try_from(value).map_err(|_| What::OutOfRange)?.into())
        }
        (Form::Unsigned32 | Form::Fixed32, Json::Integer(value)) => {
            Datum::Number(u32::try_from(value).map_err(|_| What::OutOfRange)?.into())
        }
        (Form::Signed64, Json::Text(text)) => {
            Datum::Number(decimal::<i64>(&text).ok_or(What::Type(Type::DecimalText))?.into())
        }
        (Form::Fixed64, Json::Text(text)) => {
            Datum::Number(decimal::<u64>(&text).ok_or(What::Type(Type::DecimalText))?.into())
        }
        (Form::Double, Json::Double(value)) => Datum::Double(value),
        (Form::Double, Json::Integer(value)) => Datum::Double(value as f64),
        (Form::Message(shape), Json::Object(fields)) => match depth.checked_sub(1) {
            Some(depth) => Datum::Message(message(fields, shape, at, depth, findings)),
            None => return Err(What::TooDeep),
        },
        (form, _) => {
            return Err(What::Type(match form {
                Form::Text => Type::Text,
                Form::Id => Type::Hexadecimal,
                Form::Bytes => Type::Base64,
                Form::Boolean => Type::Boolean,
                Form::Signed32 | Form::Unsigned32 | Form::Fixed32 => Type::Integer,
                Form::Signed64 | Form::Fixed64 => Type::DecimalText,
                Form::Double => Type::Number,
                Form::Message(_) => Type::Message,
            }));
        }
    })
}

/// Parses a number, if the text is its canonical spelling.
fn decimal<N: std::str::FromStr + ToString>(text: &str) -> Option<N> {
    let number = text.parse::<N>().ok()?;
    (number.to_string() == text).then_some(number)
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.bytes().map(|byte| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    });
    let digits = digits.collect::<Option<Vec<u8>>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// Any JSON value; objects keep their duplicate keys, which a map would lose.
///
/// If another crate of the program enables serde_json's `arbitrary_precision`, fractions and integers beyond 64 bits
/// are objects. They are findings in either case, since no declared value is a fraction or that large.
enum Json<'a> {
    Null,
    Boolean(bool),
    Integer(i128),
    Double(f64),
    /// Borrowed if it is spelt without escapes.
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(Vec<(String, Json<'a>)>),
}

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyJson)
    }
}

struct AnyJson;

impl<'de> Visitor<'de> for AnyJson {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Integer(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Integer(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Json::Double(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json<'de>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json<'de>, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = object.next_entry()? {
            fields.push(field);
        }
        Ok(Json::Object(fields))
    }
}

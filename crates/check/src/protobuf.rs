//! Reads the protobuf encoding, tag by tag.
//!
//! It is stricter than the specification requires of a parser (protobuf.dev, "Encoding"). An unknown field, a second
//! value of a singular field, a wrong wire type, a varint longer than necessary, and a number outside the range of its
//! type are findings, since each of them could carry undeclared content.

use std::borrow::Cow;

use super::What;
use super::node::{Datum, FieldCounts, Findings, MAX_DEPTH, Node, Path, Read};
use super::shape::{Field, Form, Shape};

/// Reads one message.
pub(super) fn read<'a>(bytes: &'a [u8], shape: &'static Shape, findings: &mut Findings) -> Node<'a> {
    message(bytes, shape, &Path::ROOT, MAX_DEPTH, findings)
}

fn message<'a>(
    bytes: &'a [u8],
    shape: &'static Shape,
    path: &Path<'_>,
    depth: usize,
    findings: &mut Findings,
) -> Node<'a> {
    let mut wire = Wire { rest: bytes };
    let mut counts = FieldCounts::default();
    let mut node = Node::default();
    while !wire.rest.is_empty() {
        let (number, raw) = match wire.field() {
            Ok(field) => field,
            Err(broken) => {
                // The start of the next field is unknown.
                findings.add(path, broken);
                break;
            }
        };
        let Some((position, field)) = shape.by_number(number) else {
            findings.add(path, What::UnknownNumber { number });
            continue;
        };
        let index = counts.count(position);
        let at = path.at(field, index);
        if index > 0 && !field.many {
            findings.add(&at, What::Duplicate);
        }
        let read = datum(raw, field, &at, depth, findings);
        node.add(field, index, read, &at, findings);
    }
    node
}

fn datum<'a>(raw: Raw<'a>, field: &'static Field, at: &Path<'_>, depth: usize, findings: &mut Findings) -> Read<'a> {
    Ok(match (field.form, raw) {
        (Form::Text, Raw::Bytes(bytes)) => {
            Datum::Text(Cow::Borrowed(std::str::from_utf8(bytes).map_err(|_| What::NotUtf8)?))
        }
        (Form::Id | Form::Bytes, Raw::Bytes(bytes)) => Datum::Bytes(Cow::Borrowed(bytes)),
        (Form::Boolean, Raw::Varint(value @ (0 | 1))) => Datum::Boolean(value == 1),
        (Form::Signed32, Raw::Varint(value)) => {
            Datum::Number(i32::try_from(value.cast_signed()).map_err(|_| What::OutOfRange)?.into())
        }
        (Form::Unsigned32, Raw::Varint(value)) => {
            Datum::Number(u32::try_from(value).map_err(|_| What::OutOfRange)?.into())
        }
        (Form::Signed64, Raw::Varint(value)) => Datum::Number(value.cast_signed().into()),
        (Form::Fixed32, Raw::Four(value)) => Datum::Number(value.into()),
        (Form::Fixed64, Raw::Eight(value)) => Datum::Number(value.into()),
        (Form::Double, Raw::Eight(value)) => Datum::Double(f64::from_bits(value)),
        (Form::Message(shape), Raw::Bytes(bytes)) => match depth.checked_sub(1) {
            Some(depth) => Datum::Message(message(bytes, shape, at, depth, findings)),
            None => return Err(What::TooDeep),
        },
        (Form::Boolean, Raw::Varint(_)) => return Err(What::OutOfRange),
        _ => return Err(What::WireType),
    })
}

/// A field's value by its wire type alone.
enum Raw<'a> {
    Varint(u64),
    Eight(u64),
    Bytes(&'a [u8]),
    Four(u32),
}

struct Wire<'a> {
    rest: &'a [u8],
}

impl<'a> Wire<'a> {
    fn field(&mut self) -> Result<(u32, Raw<'a>), What> {
        let tag = u32::try_from(self.varint()?).map_err(|_| What::Tag)?;
        let number = tag >> 3;
        if number == 0 {
            return Err(What::Tag);
        }
        let raw = match tag & 7 {
            0 => Raw::Varint(self.varint()?),
            1 => Raw::Eight(u64::from_le_bytes(self.take()?)),
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| What::Truncated)?;
                let (bytes, rest) = self.rest.split_at_checked(length).ok_or(What::Truncated)?;
                self.rest = rest;
                Raw::Bytes(bytes)
            }
            5 => Raw::Four(u32::from_le_bytes(self.take()?)),
            // Groups (3 and 4), which OTLP never used, and two undefined wire types.
            _ => return Err(What::Tag),
        };
        Ok((number, raw))
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], What> {
        let (bytes, rest) = self.rest.split_first_chunk::<N>().ok_or(What::Truncated)?;
        self.rest = rest;
        Ok(*bytes)
    }

    fn varint(&mut self) -> Result<u64, What> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = self.take::<1>()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(What::Varint);
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return if byte == 0 && shift > 0 { Err(What::Varint) } else { Ok(value) };
            }
        }
        Err(What::Varint)
    }
}

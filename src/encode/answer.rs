//! The answer to an accepted request: how many of its records the receiver rejected.
//!
//! `ExportTraceServiceResponse` and `ExportLogsServiceResponse` have the same form in protobuf: field 1 is the partial
//! success, and its field 1 the number of rejected records. Two integers need no derived reader.

use super::Format;

/// The number of rejected records in a partial success; 0 if the answer is malformed.
pub fn rejected(format: Format, answer: &[u8]) -> u64 {
    let rejected = match format {
        Format::Json => {
            let answer: serde_json::Value = serde_json::from_slice(answer).unwrap_or_default();
            let partial = answer.get("partialSuccess");
            let count = partial.and_then(|partial| partial.get("rejectedSpans").or(partial.get("rejectedLogRecords")));
            count.and_then(|count| count.as_i64().or_else(|| count.as_str()?.parse().ok()))
        }
        Format::Protobuf => partial_success(answer),
    };
    rejected.and_then(|rejected| u64::try_from(rejected).ok()).unwrap_or(0)
}

fn partial_success(mut answer: &[u8]) -> Option<i64> {
    let mut rejected = 0;
    while !answer.is_empty() {
        if let (1, FieldValue::Bytes(mut partial)) = field(&mut answer)? {
            while !partial.is_empty() {
                if let (1, FieldValue::Varint(count)) = field(&mut partial)? {
                    rejected = count.cast_signed();
                }
            }
        }
    }
    Some(rejected)
}

enum FieldValue<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    /// Of a fixed width, which no field that counts has.
    Fixed,
}

/// The next field: its number and value. `None` if it is malformed, or a group, which OTLP never had.
fn field<'a>(message: &mut &'a [u8]) -> Option<(u64, FieldValue<'a>)> {
    let key = varint(message)?;
    let value = match key & 7 {
        0 => FieldValue::Varint(varint(message)?),
        1 => take(message, 8).map(|_| FieldValue::Fixed)?,
        2 => {
            let length = usize::try_from(varint(message)?).ok()?;
            FieldValue::Bytes(take(message, length)?)
        }
        5 => take(message, 4).map(|_| FieldValue::Fixed)?,
        _ => return None,
    };
    Some((key >> 3, value))
}

fn take<'a>(message: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = message.split_at_checked(length)?;
    *message = rest;
    Some(taken)
}

fn varint(message: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = u64::from(*take(message, 1)?.first()?);
        // The tenth byte has room for one bit.
        if shift == 63 && byte > 1 {
            return None;
        }
        value |= (byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(answer: &[u8], expected: u64) {
        assert_eq!(rejected(Format::Protobuf, answer), expected, "{answer:?}");
    }

    #[test]
    fn the_rejected_records_are_counted() {
        check(b"", 0);
        check(b"\x0a\x00", 0);
        check(b"\x0a\x02\x08\x05", 5);
        check(b"\x0a\x03\x08\x80\x04", 512);
        check(b"\x0a\x06\x12\x02no\x08\x07", 7);
        // Unknown fields of each form.
        check(b"\x10\x01\x19\x00\x00\x00\x00\x00\x00\x00\x00\x22\x01a\x2d\x00\x00\x00\x00\x0a\x02\x08\x05", 5);
    }

    #[test]
    fn a_malformed_answer_rejects_nothing() {
        for answer in [
            &b"\x0a"[..],
            b"\x0a\x02\x08",
            b"\x0a\x05\x08\x05",
            b"\x0a\x02\x08\x05\x0b",
            b"\x0a\x02\x08\x05\x19\x00",
            b"\x80",
            b"\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",
            b"<html>",
        ] {
            check(answer, 0);
        }
        // A negative number.
        check(b"\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 0);
    }
}

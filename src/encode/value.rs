//! Treated values as OTLP has them, and the scope that they are sent in.

use crate::privacy::{PRE_RELEASE, Value};
use crate::registry::{Attribute, Treatment};

/// The instrumentation scope of every record.
pub const SCOPE_NAME: &str = "scruple";

/// The scope's version: this crate's.
pub const SCOPE_VERSION: &str = env!("CARGO_PKG_VERSION");

/// A treated value as text: what a person reads, and for text the very bytes that are sent.
pub fn text(attribute: &Attribute<'_>, value: &Value) -> String {
    match wire(attribute, value) {
        Some(WireValue::Boolean(value)) => value.to_string(),
        Some(WireValue::Integer(value)) => value.to_string(),
        Some(WireValue::Text(text)) => text.to_string(),
        Some(WireValue::List(members, bits)) => {
            let names: Vec<_> = listed(members, bits).map(|(_, name)| name).collect();
            names.join(", ")
        }
        None => String::new(),
    }
}

/// A value on the wire: the four kinds that there are.
pub(crate) enum WireValue<'a> {
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

/// The form of a treated value. `None` only if the value does not belong to the attribute.
pub(crate) fn wire<'a>(attribute: &Attribute<'a>, value: &Value) -> Option<WireValue<'a>> {
    Some(match (value, &attribute.treatment) {
        (Value::Boolean(value), _) => WireValue::Boolean(*value),
        (Value::Count(value), _) => WireValue::Integer(*value),
        (Value::Member(index), Treatment::IntegerEnum { members, .. }) => {
            WireValue::Integer(members.get(usize::from(*index))?.parse().ok()?)
        }
        (Value::Member(index), treatment) => {
            WireValue::Text(Text::Declared(treatment.members().get(usize::from(*index))?))
        }
        (Value::Names(bits), Treatment::Names { members }) => WireValue::List(members, *bits),
        (Value::Hash(bytes), _) => WireValue::Text(hexadecimal(bytes)),
        (Value::Sha256(bytes), _) => WireValue::Text(hexadecimal(bytes)),
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
            WireValue::Text(Text::Digits(digits, text.len()))
        }
        (Value::Location { file, line }, Treatment::Location { files, .. }) => {
            WireValue::Text(Text::Line(files.get(usize::from(*file))?.path, *line))
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
pub(super) fn write_hexadecimal(bytes: &[u8], digits: &mut [u8]) {
    let (bytes, _) = bytes.as_chunks();
    let (digits, _) = digits.as_chunks_mut();
    digits.iter_mut().zip(bytes).for_each(|(digits, bytes)| *digits = eight_digits(*bytes));
}

/// The eight digits of four bytes, all at once: a table would be read for each byte.
fn eight_digits(bytes: [u8; 4]) -> [u8; 8] {
    // One hexadecimal digit in each byte.
    let mut each = u64::from(u32::from_be_bytes(bytes));
    each = (each | each << 16) & 0x0000_ffff_0000_ffff;
    each = (each | each << 8) & 0x00ff_00ff_00ff_00ff;
    each = (each | each << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    // A digit over 9 is a letter.
    let letters = (each + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101;
    (each + 0x3030_3030_3030_3030 + letters * u64::from(b'a' - b'0' - 10)).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::eight_digits;

    #[test]
    fn each_byte_has_its_digits_at_each_place() {
        for byte in 0..=u8::MAX {
            for place in 0..4 {
                let mut bytes = [0x5a; 4];
                bytes[place] = byte;
                let expected: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(eight_digits(bytes), expected.as_bytes());
            }
        }
    }
}

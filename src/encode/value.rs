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

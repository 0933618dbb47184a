//! The wire forms, parsed back: from the text of a line to a value, or to the drop reason.
//!
//! Each form has exactly one spelling, the encoder's: no leading zeros, lower case, members as declared.

use super::drops::DropReason;
use super::parsed::ParsedValue;
use super::values::{PRE_RELEASE, Value, Version};
use crate::registry::{Registry, Source, SourceFile, Treatment};

/// The value, if this is a wire form of the attribute's treatment. Of a list, only its members.
pub(super) fn value(treatment: &Treatment<'_>, written: &ParsedValue<'_>) -> Result<Value, DropReason> {
    Ok(match (treatment, written) {
        (Treatment::Boolean, ParsedValue::Boolean(value)) => Value::Boolean(*value),
        (Treatment::Count { max }, ParsedValue::Integer(value)) => {
            Value::Count(Some(*value).filter(|value| (0..=*max).contains(value)).ok_or(DropReason::OutOfRange)?)
        }
        (Treatment::Names { members }, ParsedValue::List(names)) => {
            let found = names.iter().filter_map(|name| members.binary_search(&name.as_ref()).ok());
            Value::Names(found.filter(|&index| index < 64).fold(0, |bits, index| bits | 1 << index))
        }
        (
            Treatment::Enum { members, .. }
            | Treatment::Bucket { members, .. }
            | Treatment::UriScheme { members, .. }
            | Treatment::Agent { members },
            ParsedValue::Text(text),
        ) => Value::Member(position(members, text)?),
        (Treatment::IntegerEnum { members, .. }, ParsedValue::Integer(value)) => {
            Value::Member(position(members, itoa::Buffer::new().format(*value))?)
        }
        (Treatment::Hash, ParsedValue::Text(text)) => Value::Hash(hexadecimal(text).ok_or(DropReason::WrongType)?),
        (Treatment::Sha256 { .. }, ParsedValue::Text(text)) => {
            Value::Sha256(hexadecimal(text).ok_or(DropReason::WrongType)?)
        }
        (Treatment::Version, ParsedValue::Text(text)) => Value::Version(version(text).ok_or(DropReason::NotAVersion)?),
        (Treatment::Location { files, .. }, ParsedValue::Text(text)) => {
            let (file, line) = location(files, text).ok_or(DropReason::NotOwnSource)?;
            Value::Location { file, line }
        }
        (Treatment::Given { .. }, _) => return Err(DropReason::NotRecordable),
        _ => return Err(DropReason::WrongType),
    })
}

fn position(members: &[&str], text: &str) -> Result<u16, DropReason> {
    let index = members.iter().position(|member| *member == text);
    index.and_then(|index| u16::try_from(index).ok()).ok_or(DropReason::NotAMember)
}

/// Whether the pipeline can have set this resource attribute: now, or (`service.version`) in an earlier version of the
/// program. `now` is the running version.
pub(super) fn is_given(
    source: Source,
    key: &str,
    members: &[&str],
    registry: &Registry<'_>,
    now: &str,
    text: &str,
) -> bool {
    let is_member = members.contains(&text);
    let fits = match (source, key) {
        (Source::App, "service.name") => text == registry.service.name,
        (Source::App, "service.version") => text == now || is_program_version(text),
        (Source::Session, "session.id") => is_uuid(text, 4),
        (Source::Installation, "service.instance.id") => is_uuid(text, 8),
        // Declared members must also be known words.
        (Source::System, "os.type") => is_member || SYSTEMS.contains(&text),
        (Source::System, "host.arch") => is_member || ARCHITECTURES.contains(&text),
        (Source::System, "os.version") => are_numbers(text, 2, 4),
        (Source::Runtime, "process.runtime.name") => text == "rustc",
        (Source::Runtime, "process.runtime.version") => are_numbers(text, 3, 4),
        _ => false,
    };
    fits && (members.is_empty() || is_member)
}

/// `N` bytes, if this is their lower-case hexadecimal text.
pub(crate) fn hexadecimal<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

fn version(text: &str) -> Option<Version> {
    let (numbers, tag) = match text.split_once('-') {
        Some((numbers, tag)) => (numbers, Some(pre_release(tag)?)),
        None => (text, None),
    };
    let mut version = Version { numbers: [0; 3], parts: 0, tag };
    for part in numbers.split('.') {
        *version.numbers.get_mut(usize::from(version.parts))? =
            is_number(part, 4).then(|| part.parse().ok()).flatten()?;
        version.parts += 1;
    }
    Some(version)
}

fn pre_release(tag: &str) -> Option<u8> {
    PRE_RELEASE.iter().position(|known| *known == tag).and_then(|index| u8::try_from(index).ok())
}

fn location(files: &[SourceFile<'_>], text: &str) -> Option<(u16, u32)> {
    let (path, line) = text.rsplit_once(':')?;
    let file = files.iter().position(|file| file.path == path)?;
    let line: u32 = is_number(line, 10).then(|| line.parse().ok()).flatten()?;
    let line = (1..=files.get(file)?.lines).contains(&line).then_some(line)?;
    Some((u16::try_from(file).ok()?, line))
}

/// Whether this is a program version, as set at run time, perhaps by an earlier version: one to four numbers of up to
/// five digits, as in `16.18.2.33901`, and an optional known pre-release tag with a number of up to four digits, as in
/// `1.0.0-rc.2` or `1.0.0-rc2`. The form has no room for a word.
pub(crate) fn is_program_version(text: &str) -> bool {
    let (numbers, tag) = text.split_once('-').map_or((text, None), |(numbers, tag)| (numbers, Some(tag)));
    let is_tag = |tag: &str| {
        PRE_RELEASE
            .iter()
            .filter_map(|known| tag.strip_prefix(known))
            .any(|number| number.is_empty() || is_number(number.strip_prefix('.').unwrap_or(number), 4))
    };
    (1..=4).any(|count| are_numbers(numbers, count, 5)) && tag.is_none_or(is_tag)
}

fn are_numbers(text: &str, count: usize, digits: usize) -> bool {
    let mut parts = text.split('.').take(count + 1);
    parts.clone().count() == count && parts.all(|part| is_number(part, digits))
}

/// A number of 1 to `digits` digits, without leading zeros.
fn is_number(text: &str, digits: usize) -> bool {
    (1..=digits).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'))
}

/// RFC 9562, section 4, in the only spelling that is sent: hyphenated, lower case.
fn is_uuid(text: &str, version: usize) -> bool {
    uuid::Uuid::try_parse(text).is_ok_and(|id| {
        id.get_version_num() == version
            && id.get_variant() == uuid::Variant::RFC4122
            && id.hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer()) == text
    })
}

/// The pipeline's words for `os.type`.
const SYSTEMS: [&str; 24] = [
    "aix",
    "android",
    "cygwin",
    "darwin",
    "dragonflybsd",
    "emscripten",
    "freebsd",
    "fuchsia",
    "haiku",
    "hermit",
    "hurd",
    "illumos",
    "linux",
    "netbsd",
    "nto",
    "openbsd",
    "redox",
    "solaris",
    "tvos",
    "visionos",
    "vxworks",
    "wasi",
    "watchos",
    "windows",
];

/// The pipeline's words for `host.arch`.
const ARCHITECTURES: [&str; 23] = [
    "amd64",
    "arm32",
    "arm64",
    "arm64ec",
    "csky",
    "hexagon",
    "loongarch32",
    "loongarch64",
    "m68k",
    "mips",
    "mips32r6",
    "mips64",
    "mips64r6",
    "ppc32",
    "ppc64",
    "riscv32",
    "riscv64",
    "s390x",
    "sparc",
    "sparc64",
    "wasm32",
    "wasm64",
    "x86",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    #[test]
    fn an_agent_is_a_declared_one() {
        let check = |text: &'static str, expected| {
            let members = &["claude", "none"];
            assert_eq!(
                value(&Treatment::Agent { members }, &ParsedValue::Text(Cow::Borrowed(text))),
                expected,
                "{text}"
            );
        };
        check("claude", Ok(Value::Member(0)));
        check("none", Ok(Value::Member(1)));
        check("Claude", Err(DropReason::NotAMember));
        check("", Err(DropReason::NotAMember));
    }
}

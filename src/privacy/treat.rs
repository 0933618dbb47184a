//! The treatments: from a recorded value to a sanitized value, or to the drop reason.
//!
//! A treatment of text accepts an integer as its decimal text, and a treatment of numbers accepts decimal text:
//! tracing-opentelemetry passes `u64` as text, and both entrances must agree.

use super::{DropReason, PRE_RELEASE, Value, Version};
use crate::identity::{AttributeKey, sha256};
use crate::registry::{Normalize, SourceFile, Treatment};
use std::fmt::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The longest text that is read, in bytes: the longest path of Linux.
pub(crate) const MAX_RAW: usize = 4096;

/// A recorded value. Never stored, never shown: no `Debug`.
#[derive(Clone, Copy)]
pub enum Raw<'a> {
    /// A boolean.
    Boolean(bool),
    /// A number of `i64`.
    Integer(i64),
    /// A number of `u64`.
    Unsigned(u64),
    /// A number of `f64`.
    Float(f64),
    /// Text.
    Text(&'a str),
    /// A list of texts, as in the SDK.
    List(&'a [&'a str]),
    /// Anything that can be written; read at most once, and only if a treatment needs it.
    Debug(&'a dyn fmt::Debug),
    /// Bytes, 128-bit integers, errors: no treatment accepts them.
    Other,
}

/// Treats one value. `key` is the attribute's key, which [`Treatment::Hash`] needs; `scratch` is the buffer for a
/// `Debug`, and is left empty.
///
/// # Errors
/// Why the value is dropped.
pub fn treat(
    treatment: &Treatment<'_>,
    key: Option<&AttributeKey>,
    raw: Raw<'_>,
    scratch: &mut String,
) -> Result<Value, DropReason> {
    let mut value = Value::Boolean(false);
    treat_into(treatment, key, raw, scratch, &mut value).map(|()| value)
}

/// Like [`treat`], written in place: the value is not moved on its way into a record.
#[inline(always)]
pub(super) fn treat_into(
    treatment: &Treatment<'_>,
    key: Option<&AttributeKey>,
    raw: Raw<'_>,
    scratch: &mut String,
    place: &mut Value,
) -> Result<(), DropReason> {
    let Raw::Debug(value) = raw else { return plain(treatment, key, raw, place) };
    if !takes_text(treatment) {
        return plain(treatment, key, Raw::Text(""), place);
    }
    let mut text = std::mem::take(scratch);
    let result = write_debug(value, &mut text).and_then(|()| plain(treatment, key, Raw::Text(&text), place));
    text.clear();
    *scratch = text;
    result
}

/// Whether the treatment accepts text: otherwise a `Debug`, which is the program's code, is not run.
pub(super) fn takes_text(treatment: &Treatment<'_>) -> bool {
    !matches!(treatment, Treatment::Boolean | Treatment::Agent { .. } | Treatment::Given { .. })
}

/// The text of a field, for the two fields that are read without a treatment.
pub(crate) fn with_text<T>(raw: Raw<'_>, scratch: &mut String, read: impl FnOnce(&str) -> T) -> Option<T> {
    match raw {
        Raw::Text(text) => Some(read(text)),
        Raw::Debug(value) => {
            let mut text = std::mem::take(scratch);
            let result = write_debug(value, &mut text).ok().map(|()| read(&text));
            text.clear();
            *scratch = text;
            result
        }
        _ => None,
    }
}

#[inline(always)]
fn plain(
    treatment: &Treatment<'_>,
    key: Option<&AttributeKey>,
    raw: Raw<'_>,
    place: &mut Value,
) -> Result<(), DropReason> {
    let raw = edge(raw)?;
    *place = match *treatment {
        Treatment::Boolean => match raw {
            Raw::Boolean(value) => Value::Boolean(value),
            _ => return Err(DropReason::WrongType),
        },
        Treatment::Enum { members, otherwise } | Treatment::IntegerEnum { members, otherwise } => {
            let member = text(raw, |text| position(members, text)).flatten().or(otherwise);
            Value::Member(member.ok_or(DropReason::NotAMember)?)
        }
        Treatment::Bucket { members, below } => Value::Member(bucket(members, below, raw)?),
        Treatment::Count { max } => Value::Count(match number(raw).ok_or(DropReason::WrongType)? {
            Number::Integer(value) => value.clamp(0, max),
            Number::Float(value) => float_to_count(value, max),
        }),
        _ => costly(treatment, key, raw)?,
    };
    Ok(())
}

/// The treatments of text, kept out of line: inlining them would grow the stack frame of the others.
#[inline(never)]
fn costly(treatment: &Treatment<'_>, key: Option<&AttributeKey>, raw: Raw<'_>) -> Result<Value, DropReason> {
    Ok(match *treatment {
        Treatment::UriScheme { members, otherwise, absent } => {
            let member = text(raw, |uri| scheme(members, otherwise, absent, uri)).unwrap_or(otherwise);
            Value::Member(member.ok_or(DropReason::NotAMember)?)
        }
        Treatment::Names { members } => Value::Names(match raw {
            Raw::List(list) => names(members, list.iter().copied()),
            _ => text(raw, |text| names(members, split(text))).ok_or(DropReason::WrongType)?,
        }),
        Treatment::Hash => {
            let key = key.ok_or(DropReason::NotRecordable)?;
            Value::Hash(text(raw, |text| key.hash(text.as_bytes())).ok_or(DropReason::WrongType)?)
        }
        Treatment::Sha256 { normalize } => {
            let digest = |text: &str| match normalize {
                Normalize::None => sha256(text.as_bytes()),
                Normalize::Lower => sha256(text.to_ascii_lowercase().as_bytes()),
                Normalize::Upper => sha256(text.to_ascii_uppercase().as_bytes()),
            };
            Value::Sha256(text(raw, digest).ok_or(DropReason::WrongType)?)
        }
        Treatment::Version => Value::Version(text(raw, version).flatten().ok_or(DropReason::NotAVersion)?),
        Treatment::Location { files, root } => {
            let place = text(raw, |text| location(files, root, text)).flatten();
            let (file, line) = place.ok_or(DropReason::NotOwnSource)?;
            Value::Location { file, line }
        }
        _ => return Err(DropReason::NotRecordable),
    })
}

/// Rejects the values that no treatment accepts.
#[inline(always)]
fn edge(raw: Raw<'_>) -> Result<Raw<'_>, DropReason> {
    match raw {
        Raw::Other => Err(DropReason::WrongType),
        Raw::Float(value) if !value.is_finite() => Err(DropReason::OutOfRange),
        Raw::Unsigned(value) => i64::try_from(value).map(Raw::Integer).map_err(|_| DropReason::OutOfRange),
        Raw::Text(text) if text.len() > MAX_RAW => Err(DropReason::Unreadable),
        Raw::Text(text) if is_decimal(text) && text.parse::<i64>().is_err() => Err(DropReason::OutOfRange),
        Raw::List(list) if list.iter().map(|text| text.len() + 1).sum::<usize>() > MAX_RAW => {
            Err(DropReason::Unreadable)
        }
        raw => Ok(raw),
    }
}

#[inline]
fn text<T>(raw: Raw<'_>, read: impl FnOnce(&str) -> T) -> Option<T> {
    match raw {
        Raw::Text(text) => Some(read(text)),
        Raw::Integer(value) => {
            let mut digits = Digits::default();
            write!(digits, "{value}").ok()?;
            Some(read(digits.as_str()))
        }
        _ => None,
    }
}

enum Number {
    Integer(i64),
    Float(f64),
}

#[inline]
fn number(raw: Raw<'_>) -> Option<Number> {
    match raw {
        Raw::Integer(value) => Some(Number::Integer(value)),
        Raw::Float(value) => Some(Number::Float(value)),
        Raw::Text(text) if is_decimal(text) => text.parse().ok().map(Number::Integer),
        _ => None,
    }
}

/// Digits with an optional minus sign: the decimal text of an integer.
#[inline]
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[expect(clippy::cast_possible_truncation, reason = "clamped first; a count of 2^53 and more is not exact either way")]
#[expect(clippy::cast_precision_loss, reason = "the bound of a clamp")]
fn float_to_count(value: f64, max: i64) -> i64 {
    (value.clamp(0.0, max as f64) as i64).clamp(0, max)
}

#[inline]
fn bucket(members: &[&str], below: &[i64], raw: Raw<'_>) -> Result<u16, DropReason> {
    #[expect(clippy::cast_precision_loss, reason = "a bound over 2^53 is as coarse as the number it is compared with")]
    let index = match number(raw).ok_or(DropReason::WrongType)? {
        Number::Integer(value) => below.iter().position(|&bound| value < bound),
        Number::Float(value) => below.iter().position(|&bound| value < bound as f64),
    };
    let index = index.unwrap_or(below.len());
    u16::try_from(index).ok().filter(|_| index < members.len()).ok_or(DropReason::NotAMember)
}

#[inline]
fn position(members: &[&str], text: &str) -> Option<u16> {
    members.iter().position(|member| *member == text).and_then(|index| u16::try_from(index).ok())
}

/// RFC 3986, section 3.1: `ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )`, case-insensitive. The part after a plus names a
/// driver (`mysql+pymysql`); a scheme of one letter is a drive.
fn scheme(members: &[&str], otherwise: Option<u16>, absent: Option<u16>, uri: &str) -> Option<u16> {
    if uri.is_empty() {
        return absent;
    }
    let well_formed = |scheme: &str| {
        scheme.len() > 1
            && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    };
    let scheme = uri.split_once(':').map(|(scheme, _)| scheme).filter(|scheme| well_formed(scheme));
    let scheme = scheme.map_or("file", |scheme| scheme.split_once('+').map_or(scheme, |(base, _)| base));
    let member = members.iter().position(|member| member.eq_ignore_ascii_case(scheme));
    member.and_then(|index| u16::try_from(index).ok()).filter(|&index| Some(index) != absent).or(otherwise)
}

fn names<'a>(members: &[&str], list: impl Iterator<Item = &'a str>) -> u64 {
    let found = list.filter_map(|name| members.binary_search(&name).ok());
    found.filter(|&index| index < 64).fold(0, |bits, index| bits | 1 << index)
}

/// The elements of a list in the usual forms and in that of `Debug`: `a,b`, `a b`, `["a", "b"]`.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let brackets: &[char] = &['[', ']', '{', '}', '(', ')'];
    text.trim_matches(brackets)
        .split(|c: char| c == ',' || c.is_whitespace())
        .map(|name| name.trim_matches('"'))
        .filter(|name| !name.is_empty())
}

fn version(text: &str) -> Option<Version> {
    let (numbers, tag) = match text.split_once('-') {
        Some((numbers, tag)) => (numbers, Some(pre_release(tag)?)),
        None => (text, None),
    };
    let mut version = Version { numbers: [0; 3], parts: 0, tag };
    for part in numbers.split('.') {
        *version.numbers.get_mut(usize::from(version.parts))? = small(part)?;
        version.parts += 1;
    }
    Some(version)
}

/// Maps `rc`, `rc1` and `rc.1` to `rc`.
fn pre_release(tag: &str) -> Option<u8> {
    let name = tag.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = tag.get(name.len()..)?;
    let name = if number.is_empty() { name } else { name.strip_suffix('.').unwrap_or(name) };
    let known = PRE_RELEASE.iter().position(|known| *known == name)?;
    (number.is_empty() || small(number).is_some()).then_some(u8::try_from(known).ok()?)
}

/// One to four digits.
fn small(digits: &str) -> Option<u16> {
    ((1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| digits.parse().ok())?
}

/// `path:line` or `path:line:column`, the path as the compiler gives it: relative to the crate, below the crate's
/// folder in a workspace, or absolute after `cargo install`.
fn location(files: &[SourceFile<'_>], root: &str, text: &str) -> Option<(u16, u32)> {
    let (path, line) = split_line(text)?;
    let tails = root.match_indices(['/', '\\']).filter_map(|(at, _)| root.get(at + 1..));
    let folders = std::iter::once(root).chain(tails).filter_map(|folder| below(folder, path));
    let file = std::iter::once(path)
        .chain(folders)
        .find_map(|path| files.iter().position(|file| same_path(file.path, path)))?;
    let line = (1..=files.get(file)?.lines).contains(&line).then_some(line)?;
    Some((u16::try_from(file).ok()?, line))
}

/// The rest of a path below a folder.
fn below<'p>(folder: &str, path: &'p str) -> Option<&'p str> {
    let (start, rest) = path.split_at_checked(folder.len())?;
    (!folder.is_empty() && same_path(folder, start)).then(|| rest.strip_prefix(['/', '\\']))?
}

fn split_line(text: &str) -> Option<(&str, u32)> {
    let number = |digits: &str| is_decimal(digits).then(|| digits.parse::<u32>().ok()).flatten();
    let (path, last) = text.rsplit_once(':')?;
    let last = number(last)?;
    match path.rsplit_once(':').map(|(path, line)| (path, number(line))) {
        Some((path, Some(line))) => Some((path, line)),
        _ => Some((path, last)),
    }
}

/// Equal but for the direction of slashes.
fn same_path(one: &str, other: &str) -> bool {
    let slash = |byte: u8| if byte == b'\\' { b'/' } else { byte };
    one.len() == other.len() && one.bytes().map(slash).eq(other.bytes().map(slash))
}

/// Writes a value's own `Debug`, which may fail, panic, or never end. It does not run on a panicking thread: a second
/// panic in a panic hook aborts the process, and a hook can't be distinguished from the code that runs after it.
pub(super) fn write_debug(value: &dyn fmt::Debug, out: &mut String) -> Result<(), DropReason> {
    if std::thread::panicking() { Err(DropReason::Unreadable) } else { write_bounded(value, out) }
}

/// Like [`write_debug`], on any thread.
pub(crate) fn write_bounded(value: &dyn fmt::Debug, out: &mut String) -> Result<(), DropReason> {
    out.clear();
    let mut bounded = Bounded(out);
    match catch_unwind(AssertUnwindSafe(|| write!(bounded, "{value:?}"))) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(DropReason::Unreadable),
        Err(payload) => {
            // The panic payload is the program's, and may panic again when it is dropped.
            std::mem::forget(payload);
            Err(DropReason::Unreadable)
        }
    }
}

struct Bounded<'a>(&'a mut String);

impl Write for Bounded<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.0.len() + text.len() > MAX_RAW {
            return Err(fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
}

/// The decimal text of a 64-bit integer, without an allocation.
#[derive(Default)]
struct Digits {
    bytes: [u8; 20],
    len: usize,
}

impl Digits {
    fn as_str(&self) -> &str {
        self.bytes.get(..self.len).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

impl Write for Digits {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

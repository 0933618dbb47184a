//! Parses a line of a canonical text: words, numbers and strings with one space between them.

use super::parse_error::ParseErrorKind;
use crate::{Date, Purpose, ReleaseNumber, is_name};
use std::borrow::Cow;

/// The rest of a line; `None` at its end.
#[derive(Clone, Copy)]
pub(super) struct Line<'a>(pub(super) Option<&'a str>);

impl<'a> Line<'a> {
    /// The text up to the next space.
    pub(super) fn word(&mut self) -> Result<&'a str, ParseErrorKind> {
        let text = self.0.ok_or(ParseErrorKind::Unknown)?;
        let (word, rest) = text.split_once(' ').map_or((text, None), |(word, rest)| (word, Some(rest)));
        self.0 = rest;
        Ok(word)
    }

    /// One of these words.
    pub(super) fn among<T: Copy>(&mut self, words: &[(&str, T)]) -> Result<T, ParseErrorKind> {
        let found = self.word()?;
        words.iter().find(|(word, _)| *word == found).map(|(_, value)| *value).ok_or(ParseErrorKind::Unknown)
    }

    /// A decimal number in its shortest form.
    pub(super) fn number(&mut self) -> Result<i64, ParseErrorKind> {
        let word = self.word()?;
        let digits = word.strip_prefix('-').unwrap_or(word);
        let shortest = word == "0" || digits.starts_with(|first: char| ('1'..='9').contains(&first));
        word.parse().ok().filter(|_| shortest).ok_or(ParseErrorKind::Unknown)
    }

    /// A JSON string without unnecessary escapes.
    pub(super) fn string(&mut self) -> Result<Cow<'a, str>, ParseErrorKind> {
        let text = self.0.ok_or(ParseErrorKind::Unknown)?;
        let (value, rest) = plain(text).or_else(|| escaped(text)).ok_or(ParseErrorKind::Unknown)?;
        self.0 = match rest {
            "" => None,
            rest => Some(rest.strip_prefix(' ').ok_or(ParseErrorKind::Unknown)?),
        };
        Ok(value)
    }

    /// The name of a signal or the key of an attribute.
    pub(super) fn name(&mut self) -> Result<Cow<'a, str>, ParseErrorKind> {
        self.string().and_then(|name| if is_name(&name) { Ok(name) } else { Err(ParseErrorKind::Unknown) })
    }

    /// A date of the calendar.
    pub(super) fn date(&mut self) -> Result<Date, ParseErrorKind> {
        Date::parse(self.word()?).ok_or(ParseErrorKind::Unknown)
    }

    /// A version of three numbers.
    pub(super) fn version(&mut self) -> Result<ReleaseNumber, ParseErrorKind> {
        let word = self.word()?;
        let version = ReleaseNumber::parse(word).filter(|version| version.to_string() == word);
        version.ok_or(ParseErrorKind::Unknown)
    }

    /// The name of a purpose.
    pub(super) fn purpose(&mut self) -> Result<&'a str, ParseErrorKind> {
        self.word().and_then(|name| if Purpose::is_name(name) { Ok(name) } else { Err(ParseErrorKind::Unknown) })
    }

    /// Checks that the line has ended.
    pub(super) fn end(self) -> Result<(), ParseErrorKind> {
        self.0.map_or(Ok(()), |_| Err(ParseErrorKind::Unknown))
    }
}

/// A string without escapes, and the rest.
fn plain(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let (inside, rest) = text.strip_prefix('"')?.split_once('"')?;
    // A fold over all bytes, without an early end: the compiler vectorises it.
    let escapes = inside.bytes().fold(false, |any, byte| any | (byte == b'\\') | (byte < b' '));
    (!escapes).then_some((Cow::Borrowed(inside), rest))
}

/// A string with escapes, and the rest.
fn escaped(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<String>();
    let value = stream.next()?.ok()?;
    let (raw, rest) = text.split_at_checked(stream.byte_offset())?;
    let canonical = serde_json::to_string(&value).is_ok_and(|written| written == raw);
    canonical.then_some((Cow::Owned(value), rest))
}

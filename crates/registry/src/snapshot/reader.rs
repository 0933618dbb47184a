//! Reads the lines of one subject of a canonical text.

use super::line::Line;
use super::parse_error::{ParseError, ParseErrorKind};
use std::borrow::Cow;
use std::iter::{Copied, Peekable, Zip};
use std::ops::RangeFrom;
use std::slice;

/// The remaining lines, with their numbers.
pub(super) type Lines<'l, 'a> = Peekable<Zip<RangeFrom<usize>, Copied<slice::Iter<'l, &'a str>>>>;

/// The subject of some lines.
pub(super) struct Topic<'a> {
    /// The number of its first line, from 1.
    pub(super) line: usize,
    /// The text before the fact in each line.
    pub(super) start: &'a str,
    /// The name in that text.
    pub(super) name: Cow<'a, str>,
}

/// Reads the facts of one subject, and returns their words.
pub(super) fn facts<'a>(
    lines: &mut Lines<'_, 'a>,
    start: &str,
    mut read: impl FnMut(&'a str, &mut Line<'a>) -> Result<(), ParseErrorKind>,
) -> Result<Vec<&'a str>, ParseError> {
    let mut words = Vec::new();
    while let Some((number, text)) = lines.next_if(|(_, text)| text.starts_with(start)) {
        let mut line = Line(text.get(start.len()..));
        let mut fact = || {
            let word = line.word()?;
            if words.last() == Some(&word) && !["attribute", "below", "member"].contains(&word) {
                return Err(ParseErrorKind::Double);
            }
            words.push(word);
            read(word, &mut line)?;
            line.end()
        };
        fact().map_err(|why| ParseError { line: number, why })?;
    }
    Ok(words)
}

/// Checks that all required words occur.
pub(super) fn hold(words: &[&str], needed: &[&str]) -> Result<(), ParseErrorKind> {
    if needed.iter().all(|needed| words.contains(needed)) { Ok(()) } else { Err(ParseErrorKind::Missing) }
}

//! Why a text is not canonical.

use std::fmt;

/// Where a text is not canonical, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseError {
    /// The line, from 1. Where a fact is missing, or facts do not fit, the first line about that subject.
    pub line: usize,
    /// What is wrong there.
    pub why: ParseErrorKind,
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// The text does not end in a line feed.
    Unfinished,
    /// It is not written in version 1 of the grammar.
    Version,
    /// The line is not greater than the one before.
    Order,
    /// It is no fact of the grammar, or not in the form that the writer gives it.
    Unknown,
    /// It says again what can be said once.
    Double,
    /// A fact is missing.
    Missing,
    /// It names an attribute that the registry does not declare.
    Undeclared,
    /// The facts about an attribute do not go together.
    Misfit,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.why {
            ParseErrorKind::Unfinished => "the text does not end in a line feed",
            ParseErrorKind::Version => "it is not version 1 of the grammar",
            ParseErrorKind::Order => "it is not sorted, or repeated",
            ParseErrorKind::Unknown => "it is no fact of the grammar",
            ParseErrorKind::Double => "it is said twice",
            ParseErrorKind::Missing => "a fact is missing",
            ParseErrorKind::Undeclared => "the attribute is not declared",
            ParseErrorKind::Misfit => "the facts do not go together",
        };
        write!(f, "line {}: {why}", self.line)
    }
}

impl std::error::Error for ParseError {}

//! Errors in a canonical text.

use std::fmt;

/// The place and the kind of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseError {
    /// The line, from 1. For a missing fact or a contradiction, the first line of the subject.
    pub line: usize,
    /// The kind.
    pub why: ParseErrorKind,
}

/// The kind of an error in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// The text does not end in a line feed.
    Unfinished,
    /// The text is not in version 1 of the grammar.
    Version,
    /// The line is not greater than the one before.
    Order,
    /// The line is not a fact of the grammar, or not in the writer's form.
    Unknown,
    /// A fact that may occur once is repeated.
    Double,
    /// A fact is missing.
    Missing,
    /// It names an undeclared attribute.
    Undeclared,
    /// The facts of an attribute contradict each other.
    Misfit,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.why {
            ParseErrorKind::Unfinished => "the text does not end in a line feed",
            ParseErrorKind::Version => "it is not version 1 of the grammar",
            ParseErrorKind::Order => "it is unsorted or repeated",
            ParseErrorKind::Unknown => "it is not a fact of the grammar",
            ParseErrorKind::Double => "it is repeated",
            ParseErrorKind::Missing => "a fact is missing",
            ParseErrorKind::Undeclared => "the attribute is not declared",
            ParseErrorKind::Misfit => "the facts contradict each other",
        };
        write!(f, "line {}: {why}", self.line)
    }
}

impl std::error::Error for ParseError {}

//! A decoded request before it is checked: messages as lists of fields, the path to each, and the findings so far.

use std::borrow::Cow;
use std::fmt;

use super::shape::{Field, MAX_FIELDS};
use super::{Finding, MAX_FINDINGS, What};

/// The maximum nesting of messages; a valid request needs eight levels.
pub(super) const MAX_DEPTH: usize = 16;

/// A message: its known fields in their order, duplicates included.
#[derive(Default)]
pub(super) struct Node<'a> {
    pub entries: Vec<Entry<'a>>,
}

/// One occurrence of a field.
pub(super) struct Entry<'a> {
    pub field: &'static Field,
    /// The index in a repeated field.
    pub index: usize,
    pub datum: Datum<'a>,
}

/// The value of a field.
pub(super) enum Datum<'a> {
    Text(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
    Number(i128),
    Double(f64),
    Boolean(bool),
    Message(Node<'a>),
    /// An unreadable value; a finding has the reason.
    Unread,
}

/// The content of a field, or the reason why it could not be read.
pub(super) type Read<'a> = Result<Datum<'a>, What>;

impl<'a> Node<'a> {
    /// Adds what was read at a place.
    pub fn add(&mut self, field: &'static Field, index: usize, read: Read<'a>, at: &Path<'_>, findings: &mut Findings) {
        let datum = read.unwrap_or_else(|what| {
            findings.add(at, what);
            Datum::Unread
        });
        self.entries.push(Entry { field, index, datum });
    }

    /// The last value of a field: readers keep the last one of duplicates.
    pub fn last(&self, name: &str) -> Option<&Datum<'a>> {
        self.entries.iter().rev().find(|entry| entry.field.name == name).map(|entry| &entry.datum)
    }

    /// A number; 0 if it is absent, as in proto3; `None` if it is unreadable.
    pub fn number(&self, name: &str) -> Option<i128> {
        match self.last(name) {
            None => Some(0),
            Some(Datum::Number(number)) => Some(*number),
            Some(_) => None,
        }
    }

    /// Text; empty if it is absent; `None` if it is unreadable.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.last(name) {
            None => Some(""),
            Some(Datum::Text(text)) => Some(text),
            Some(_) => None,
        }
    }

    /// Bytes; empty if they are absent; `None` if they are unreadable.
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        match self.last(name) {
            None => Some(&[]),
            Some(Datum::Bytes(bytes)) => Some(bytes),
            Some(_) => None,
        }
    }

    /// The messages of one field, with their entries.
    pub fn messages<'n>(&'n self, name: &'n str) -> impl Iterator<Item = (&'n Entry<'a>, &'n Node<'a>)> {
        self.entries.iter().filter(move |entry| entry.field.name == name).filter_map(|entry| match &entry.datum {
            Datum::Message(node) => Some((entry, node)),
            _ => None,
        })
    }
}

/// Counts the occurrences of each field of a message.
#[derive(Default)]
pub(super) struct FieldCounts([usize; MAX_FIELDS]);

impl FieldCounts {
    /// Counts one occurrence and returns the number before it.
    pub fn count(&mut self, position: usize) -> usize {
        // If a field were beyond the array, each occurrence would be a finding: a duplicate is never missed.
        self.0.get_mut(position).map_or(1, |count| {
            *count = count.saturating_add(1);
            *count - 1
        })
    }
}

/// The path to a field: a linked list on the stack, which becomes text only in a finding.
#[derive(Clone, Copy)]
pub(super) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    name: &'static str,
    index: Option<usize>,
}

impl<'p> Path<'p> {
    /// The request itself.
    pub const ROOT: Path<'static> = Path { parent: None, name: "", index: None };

    /// Appends a field.
    pub fn to(&'p self, name: &'static str) -> Path<'p> {
        Path { parent: Some(self), name, index: None }
    }

    /// Appends one occurrence of a field.
    pub fn at(&'p self, field: &'static Field, index: usize) -> Path<'p> {
        Path { parent: Some(self), name: field.name, index: field.many.then_some(index) }
    }

    /// Appends an entry.
    pub fn of(&'p self, entry: &Entry<'_>) -> Path<'p> {
        self.at(entry.field, entry.index)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(parent) = self.parent else { return Ok(()) };
        parent.fmt(f)?;
        let dot = if parent.parent.is_some() { "." } else { "" };
        match self.index {
            Some(index) => write!(f, "{dot}{}[{index}]", self.name),
            None => write!(f, "{dot}{}", self.name),
        }
    }
}

/// The findings so far, [`MAX_FINDINGS`] at most.
#[derive(Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    /// Adds a finding.
    pub fn add(&mut self, path: &Path<'_>, what: What) {
        self.about(path, None, what);
    }

    /// Adds a finding about a declared attribute or signal.
    pub fn about(&mut self, path: &Path<'_>, declared: Option<&str>, what: What) {
        if self.0.len() < MAX_FINDINGS {
            self.0.push(Finding { path: path.to_string(), about: declared.map(str::to_owned), what });
        } else if self.0.len() == MAX_FINDINGS {
            self.0.push(Finding { path: String::new(), about: None, what: What::More });
        }
    }

    /// All findings, in the order they were found.
    pub fn into_vec(self) -> Vec<Finding> {
        self.0
    }
}

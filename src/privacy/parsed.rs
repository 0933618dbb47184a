//! A parsed line, not yet validated.
//!
//! The line has the shape that the encoder writes, so that ids, times and numbers are well formed; every text is
//! unvalidated. Only [`readmit`](super::readmit) makes records of it. It holds raw text: no `Debug`.

use super::record::{Ids, SpanStatus};
use crate::registry::{SignalKind, SpanKind};
use std::borrow::Cow;

/// One line: a resource, a scope and one record.
pub(crate) struct ParsedLine<'a> {
    pub kind: SignalKind,
    pub schema_url: Cow<'a, str>,
    /// The version of the scope, which is this library's.
    pub scope: &'a str,
    /// Keys and values, ascending by key.
    pub resource: Vec<(&'a str, Cow<'a, str>)>,
    pub record: ParsedRecord<'a>,
}

/// One span or event.
pub(crate) struct ParsedRecord<'a> {
    pub name: &'a str,
    /// Internal for an event, whose kind is not written.
    pub kind: SpanKind,
    /// All zero for a span's event, and for an event outside every span.
    pub ids: Ids,
    /// In nanoseconds since the epoch.
    pub start: u64,
    /// The end in nanoseconds since the epoch, not before `start`, and equal to it for an event.
    pub end: u64,
    pub status: SpanStatus,
    /// Keys and values, ascending by key.
    pub attributes: Vec<(&'a str, ParsedValue<'a>)>,
    /// A span's events.
    pub events: Vec<ParsedRecord<'a>>,
}

/// The value of an attribute.
pub(crate) enum ParsedValue<'a> {
    Boolean(bool),
    Integer(i64),
    Text(Cow<'a, str>),
    /// Ascending.
    List(Vec<Cow<'a, str>>),
}

//! One line of OTLP JSON: its end in a file, and whether it holds spans or log records.
//!
//! The first of the fields `resourceSpans` and `resourceLogs` decides which. Any other field beside it is a finding of
//! [`scruple::check`].

use std::fmt;
use std::io::{self, BufRead, Read};

use scruple::registry::SignalKind;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

/// The maximum length of a line, in bytes.
pub const MAX_LINE: u64 = 64 << 20;

/// Reads the next line and returns the number of bytes read: 0 at the end of the file. Only the beginning of a line
/// that is too long is kept.
///
/// # Errors
/// The file can't be read.
pub fn next_line(reader: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<u64> {
    line.clear();
    let mut length = reader.take(MAX_LINE + 1).read_until(b'\n', line)? as u64;
    while length > MAX_LINE && line.last() != Some(&b'\n') {
        let rest = reader.fill_buf()?;
        let end = rest.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
        let used = end.unwrap_or(rest.len());
        reader.consume(used);
        length += used as u64;
        if end.is_some() || used == 0 {
            break;
        }
    }
    Ok(length)
}

/// Tells whether a line holds spans or log records; a line with neither, or that is not JSON, counts as one of spans: its
/// findings are the same.
///
/// # Errors
/// It holds metrics or profiles.
pub fn signal_of(line: &[u8]) -> Result<SignalKind, Undeclarable> {
    // As a Collector writes it: without reading the whole line.
    for (start, kind) in [("{\"resourceSpans\":", SignalKind::Span), ("{\"resourceLogs\":", SignalKind::Event)] {
        if line.starts_with(start.as_bytes()) {
            return Ok(kind);
        }
    }
    match serde_json::from_slice(line) {
        Ok(LineKind::Undeclarable(what)) => Err(Undeclarable(what)),
        Ok(LineKind::Signal(signal)) => Ok(signal),
        Ok(LineKind::Neither) | Err(_) => Ok(SignalKind::Span),
    }
}

/// A line of metrics or profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undeclarable(&'static str);

impl fmt::Display for Undeclarable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, which no registry can declare", self.0)
    }
}

impl std::error::Error for Undeclarable {}

/// The kind of a line, by the first field that shows it.
enum LineKind {
    Signal(SignalKind),
    Undeclarable(&'static str),
    Neither,
}

impl<'de> Deserialize<'de> for LineKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(LineVisitor)
    }
}

struct LineVisitor;

impl<'de> Visitor<'de> for LineVisitor {
    type Value = LineKind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<LineKind, A::Error> {
        let mut kind = LineKind::Neither;
        while let Some((name, IgnoredAny)) = object.next_entry::<String, _>()? {
            let is = match name.as_str() {
                "resourceSpans" => LineKind::Signal(SignalKind::Span),
                "resourceLogs" => LineKind::Signal(SignalKind::Event),
                "resourceMetrics" => LineKind::Undeclarable("metrics"),
                "resourceProfiles" => LineKind::Undeclarable("profiles"),
                _ => continue,
            };
            if matches!(kind, LineKind::Neither) {
                kind = is;
            }
        }
        Ok(kind)
    }
}

//! `scruple check DIR… --against FILE`: judges records in OTLP JSON lines by the library's second opinion.
//!
//! A file is what a spool holds, what a Collector's file exporter writes, or standard input: one `TracesData` or
//! `LogsData` a line (OpenTelemetry, "OTLP File Exporter"). The first of its fields `resourceSpans` and `resourceLogs`
//! says which; what else is beside it is a violation, and so are metrics and profiles, since no registry declares any.
//! Empty lines are passed over. A line that a killed process left half-written is a violation here: an uploader would
//! not send it.
//!
//! # What is told
//!
//! A violation is the file, the line, and what [`scruple::check`] says: a place in the line, declared names, lengths. It
//! repeats nothing that was found, since reports are public. `--values` adds what was found, for the eyes of the person
//! whose file it is: as JSON, escaped, and cut at 200 characters. The first [`MOST`] violations are told one by one, the
//! rest are counted.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use scruple::check::{Format, check, check_received, read};
use scruple::registry::{Registry, SignalKind};
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::receive::show::shown;
use crate::registry::escaped;

/// The most violations that are told one by one.
pub const MOST: u64 = 1000;

/// The longest line that is read, in bytes.
pub const MAX_LINE: u64 = 64 << 20;

/// Where records are, and how much is told about them.
pub struct Against<'a> {
    /// The file, or `-` for standard input.
    pub file: &'a Path,
    /// Whether it is what a receiver keeps.
    pub received: bool,
    /// Whether what was found is told too.
    pub values: bool,
}

/// What came of it.
#[derive(Debug, Default, Serialize)]
pub struct Judged {
    /// The file as it was named.
    pub file: String,
    /// Lines that hold something.
    pub lines: u64,
    /// Spans and events in them.
    pub records: u64,
    /// What is not declared, all of it.
    pub violations: u64,
    /// What was told one by one.
    pub listed: Vec<Violation>,
}

/// Why records were not judged to the end.
#[derive(Debug)]
pub enum NotJudged {
    /// They can't be read.
    Unread(io::Error),
    /// What was found can't be told.
    Told(io::Error),
}

/// Something that no registry declares.
#[derive(Debug, Serialize)]
pub struct Violation {
    /// The line of the file, from 1.
    pub line: u64,
    /// Where in the line, by OTLP's JSON names; empty for the line itself.
    pub path: String,
    /// The declared signal or attribute that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// What it is, in words that repeat nothing of it.
    pub text: String,
    /// What was found, if that was asked for: JSON, escaped and cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escaped(&self.text))?;
        self.value.iter().try_for_each(|value| write!(f, ": {value}"))
    }
}

impl Against<'_> {
    /// Judges every line; `told` hears of each of the first violations as it is found.
    ///
    /// # Errors
    /// The file can't be read, or `told` fails.
    pub fn judge(
        &self,
        registries: &[&Registry<'_>],
        told: &mut dyn FnMut(&str, &Violation) -> io::Result<()>,
    ) -> Result<Judged, NotJudged> {
        let (mut reader, progress): (Box<dyn BufRead>, _) = if self.file == Path::new("-") {
            (Box::new(io::stdin().lock()), ProgressBar::no_length())
        } else {
            let file = File::open(self.file).map_err(NotJudged::Unread)?;
            let length = file.metadata().map_err(NotJudged::Unread)?.len();
            (Box::new(BufReader::with_capacity(1 << 16, file)), ProgressBar::new(length))
        };
        // It is drawn on standard error, and only if that is a terminal.
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {bytes} of {total_bytes}, {eta} left") {
            progress.set_style(style);
        }
        let mut judged = Judged { file: self.file.display().to_string(), ..Judged::default() };
        let (mut number, mut bytes) = (0, Vec::new());
        loop {
            let length = next_line(&mut reader, &mut bytes).map_err(NotJudged::Unread)?;
            if length == 0 {
                break;
            }
            number += 1;
            for violation in self.line(registries, number, length, &bytes, &mut judged) {
                judged.violations += 1;
                if judged.violations <= MOST {
                    progress.suspend(|| told(&judged.file, &violation)).map_err(NotJudged::Told)?;
                    judged.listed.push(violation);
                }
            }
            progress.inc(length);
        }
        progress.finish_and_clear();
        Ok(judged)
    }

    fn line(
        &self,
        registries: &[&Registry<'_>],
        line: u64,
        length: u64,
        bytes: &[u8],
        judged: &mut Judged,
    ) -> Vec<Violation> {
        if bytes.trim_ascii().is_empty() {
            return Vec::new();
        }
        judged.lines += 1;
        let whole = |text: String| vec![Violation { line, path: String::new(), about: None, text, value: None }];
        if length > MAX_LINE {
            return whole(format!("a line of over {MAX_LINE} bytes, which is not read"));
        }
        let signal = match serde_json::from_slice(bytes) {
            Ok(Kind::Undeclarable(what)) => return whole(format!("{what}, of which no registry declares any")),
            Ok(Kind::Signal(signal)) => signal,
            // Which of the two does not matter for what is wrong with it.
            Ok(Kind::Neither) | Err(_) => SignalKind::Span,
        };
        judged.records += read(signal, Format::Json, bytes).0.len() as u64;
        let judge = if self.received { check_received } else { check };
        let findings = judge(registries, signal, Format::Json, bytes);
        let is_shown = self.values && !findings.is_empty();
        let json: Option<serde_json::Value> = serde_json::from_slice(if is_shown { bytes } else { b"" }).ok();
        let violation = |finding: scruple::check::Finding| {
            let value = json.as_ref().and_then(|json| at(json, &finding.path)).map(|value| shown(&value.to_string()));
            let text = finding.to_string();
            Violation { line, path: finding.path, about: finding.about, text, value }
        };
        findings.into_iter().map(violation).collect()
    }
}

/// The next line without its end, and how many bytes were read for it: 0 at the end of the file. Of one that is too long
/// the beginning is kept.
fn next_line(reader: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<u64> {
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

/// What stands at a path like `resourceSpans[0].scopeSpans[0].spans[2].name`.
fn at<'j>(json: &'j serde_json::Value, path: &str) -> Option<&'j serde_json::Value> {
    path.split('.').filter(|part| !part.is_empty()).try_fold(json, |json, part| {
        let (name, index) = part.strip_suffix(']').and_then(|part| part.split_once('[')).unzip();
        let field = json.get(name.unwrap_or(part))?;
        match index {
            Some(index) => field.get(index.parse::<usize>().ok()?),
            None => Some(field),
        }
    })
}

/// What a line is, by the first field that says so.
enum Kind {
    Signal(SignalKind),
    Undeclarable(&'static str),
    Neither,
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Kind, A::Error> {
        let mut kind = Kind::Neither;
        while let Some((name, IgnoredAny)) = object.next_entry::<String, _>()? {
            let is = match name.as_str() {
                "resourceSpans" => Kind::Signal(SignalKind::Span),
                "resourceLogs" => Kind::Signal(SignalKind::Event),
                "resourceMetrics" => Kind::Undeclarable("metrics"),
                "resourceProfiles" => Kind::Undeclarable("profiles"),
                _ => continue,
            };
            if matches!(kind, Kind::Neither) {
                kind = is;
            }
        }
        Ok(kind)
    }
}

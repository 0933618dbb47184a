//! `scruple check DIR… --against FILE`: checks the records in OTLP JSON lines with the library's independent check.
//!
//! The file is a spool's, a Collector's file exporter's, or standard input. Each line is one `TracesData` or `LogsData`
//! (OpenTelemetry, "OTLP File Exporter"); `line` tells which. Metrics and profiles are violations, since a registry can't
//! declare them. Empty lines are skipped. A line that a killed process left incomplete is a violation here; an uploader
//! would not send it.
//!
//! # Report
//!
//! A violation has the file, the line, and the text of [`scruple::check`]: a path in the line, declared names, lengths.
//! It repeats no text of the file, since reports are public. `--values` adds the undeclared value, for the owner of the
//! file: as JSON, escaped, and cut at 200 characters. The first [`MOST`] violations are listed, the rest are counted.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use scruple::check::{Coverage, Format, check, check_received, read};
use scruple::registry::Registry;
use serde::Serialize;

use super::covered::Covered;
use super::line::{MAX_LINE, next_line, signal_of};
use crate::receive::show::shown;
use crate::registry::escaped;

/// The maximum number of listed violations.
pub const MOST: u64 = 1000;

/// A file of records, and how it is checked.
pub struct Against<'a> {
    /// The file, or `-` for standard input.
    pub file: &'a Path,
    /// Whether a receiver wrote it.
    pub received: bool,
    /// Whether the undeclared values are reported too.
    pub values: bool,
}

/// The result of a check.
#[derive(Debug, Default, Serialize)]
pub struct Judged {
    /// The file as it was named.
    pub file: String,
    /// The number of lines that are not empty.
    pub lines: u64,
    /// The number of spans and events in them.
    pub records: u64,
    /// The number of violations.
    pub violations: u64,
    /// The listed violations.
    pub listed: Vec<Violation>,
    /// What the records show, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Covered>,
}

/// Why a check ended early.
#[derive(Debug)]
pub enum NotJudged {
    /// The file can't be read.
    Unread(io::Error),
    /// A violation can't be reported.
    Told(io::Error),
}

/// An undeclared part of a line.
#[derive(Debug, Serialize)]
pub struct Violation {
    /// The line of the file, from 1.
    pub line: u64,
    /// The path in the line by OTLP's JSON names; empty for the line itself.
    pub path: String,
    /// The declared signal or attribute that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The violation, without any text of the file.
    pub text: String,
    /// The undeclared value with `--values`: JSON, escaped and cut.
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
    /// Checks every line, and calls `report` with each of the first violations as it is found.
    ///
    /// # Errors
    /// The file can't be read, or `report` fails.
    pub fn judge(
        &self,
        registries: &[&Registry<'_>],
        mut coverage: Option<&mut Coverage<'_>>,
        report: &mut dyn FnMut(&str, &Violation) -> io::Result<()>,
    ) -> Result<Judged, NotJudged> {
        let (mut reader, progress): (Box<dyn BufRead>, _) = if self.file == Path::new("-") {
            (Box::new(io::stdin().lock()), ProgressBar::no_length())
        } else {
            let file = File::open(self.file).map_err(NotJudged::Unread)?;
            let length = file.metadata().map_err(NotJudged::Unread)?.len();
            (Box::new(BufReader::with_capacity(1 << 16, file)), ProgressBar::new(length))
        };
        // The bar is drawn on standard error, and only on a terminal.
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
            for violation in self.line(registries, number, length, &bytes, &mut judged, coverage.as_deref_mut()) {
                judged.violations += 1;
                if judged.violations <= MOST {
                    progress.suspend(|| report(&judged.file, &violation)).map_err(NotJudged::Told)?;
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
        coverage: Option<&mut Coverage<'_>>,
    ) -> Vec<Violation> {
        if bytes.trim_ascii().is_empty() {
            return Vec::new();
        }
        judged.lines += 1;
        let whole = |text: String| vec![Violation { line, path: String::new(), about: None, text, value: None }];
        if length > MAX_LINE {
            return whole(format!("a line of over {MAX_LINE} bytes, which is too long to check"));
        }
        let signal = match signal_of(bytes) {
            Ok(signal) => signal,
            Err(undeclarable) => return whole(undeclarable.to_string()),
        };
        if let Some(coverage) = coverage {
            coverage.add(signal, Format::Json, bytes);
        }
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

/// The value at a path like `resourceSpans[0].scopeSpans[0].spans[2].name`.
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

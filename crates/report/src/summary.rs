//! What a run has read and written, for the operator: on standard output as text or as JSON.
//!
//! Its counts may be of few records: it is not for publication.

use std::io::{self, Write};
use std::path::PathBuf;

use scruple_cli::registry::escaped;
use scruple_registry::count;
use serde::Serialize;

use crate::refused::Refused;
use scruple_cli::counts::columns::{AllColumns, Unit};

/// What a run has read and written.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// The number of files.
    pub files: usize,
    /// The number of lines that are not empty.
    pub lines: u64,
    /// What the threshold counts: `installation`, `session` or `none`.
    pub unit: &'static str,
    /// Each signal with records.
    pub signals: Vec<SignalSummary>,
    /// The records that are not counted.
    pub refused: Refused,
    /// The days that records are kept, if a registry says it as a duration.
    pub retention_days: Option<u32>,
    /// The number of records that are older, doubles included: they are not read.
    pub too_old: u64,
    /// Where the versions of the registry differ.
    pub differences: Vec<String>,
    /// The page and its data; none if nothing may be published.
    pub published: Option<PathBuf>,
}

/// What is known of one signal.
#[derive(Debug, Serialize)]
pub struct SignalSummary {
    /// Its name.
    pub name: String,
    /// The number of records, without doubles.
    pub records: u64,
    /// The number of doubles, which are dropped.
    pub doubles: u64,
    /// The number of records in periods that have not ended, which are in no table.
    pub not_ended: u64,
    /// The number of records in periods that the retention cuts, which are in no table.
    pub cut: u64,
    /// The operator's file.
    pub file: PathBuf,
}

impl Summary {
    /// Of what was read.
    pub fn new(columns: &AllColumns, files: usize, lines: u64, refused: Refused) -> Self {
        let unit = match columns.unit {
            Unit::Installation => "installation",
            Unit::Session => "session",
            Unit::None => "none",
        };
        let differences = columns.differences.clone();
        let (signals, retention_days, too_old, published) = (Vec::new(), None, 0, None);
        Self { files, lines, unit, signals, refused, retention_days, too_old, differences, published }
    }

    /// Writes what is wrong to standard error, and the rest to standard output.
    ///
    /// # Errors
    /// One of them can't be written to.
    pub fn show(&self, is_json: bool) -> io::Result<()> {
        if is_json {
            let mut out = anstream::stdout().lock();
            serde_json::to_writer_pretty(&mut out, self)?;
            return writeln!(out);
        }
        self.show_refused()?;
        let mut out = anstream::stdout().lock();
        writeln!(out, "{}, {}", count(self.files as u64, "file"), count(self.lines, "line"))?;
        for signal in &self.signals {
            write!(out, "{}: {}", signal.name, count(signal.records, "record"))?;
            if signal.doubles > 0 {
                write!(out, ", {} dropped", count(signal.doubles, "double"))?;
            }
            if signal.not_ended > 0 {
                write!(out, ", {} of them in a period that has not ended", signal.not_ended)?;
            }
            if signal.cut > 0 {
                write!(out, ", {} of them in a period that the retention cuts", signal.cut)?;
            }
            writeln!(out, ": {}", escaped(&signal.file.display().to_string()))?;
        }
        if let Some(published) = &self.published {
            writeln!(out, "for publication: {}", escaped(&published.display().to_string()))?;
        }
        Ok(())
    }

    fn show_refused(&self) -> io::Result<()> {
        let mut out = anstream::stderr().lock();
        for difference in &self.differences {
            writeln!(out, "note: {difference}")?;
        }
        if self.unit == "none" && !self.signals.is_empty() {
            writeln!(
                out,
                "note: the registry declares neither an installation id nor a session id: no number is published"
            )?;
        }
        self.show_retention(&mut out)?;
        for place in &self.refused.first {
            writeln!(out, "{}:{}: {}", escaped(&place.file), place.line, escaped(&place.text))?;
        }
        if self.refused.records > self.refused.first.len() as u64 {
            writeln!(out, "…")?;
        }
        if self.refused.records > 0 {
            writeln!(out, "{} not counted:", count(self.refused.records, "record"))?;
        }
        for (reason, records) in &self.refused.reasons {
            writeln!(out, "  {records}: {}", escaped(reason))?;
        }
        Ok(())
    }

    fn show_retention(&self, out: &mut impl Write) -> io::Result<()> {
        let Some(days) = self.retention_days.map(|days| count(days, "day")) else { return Ok(()) };
        if self.too_old > 0 {
            let records = count(self.too_old, "record");
            writeln!(
                out,
                "note: not read: {records} older than the retention of {days}; delete the files that hold them"
            )?;
        }
        if self.signals.iter().any(|signal| signal.cut > 0) {
            let help = "publish a period while all its records are kept, or take a shorter --period";
            writeln!(out, "note: not published: a period that the retention of {days} cuts; {help}")?;
        }
        Ok(())
    }
}

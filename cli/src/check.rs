//! `scruple check DIR`: says everything that is wrong with a registry.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;

use crate::registry::{self, Colour, Finding, Owned, Severity};

/// The exit code for a registry with mistakes, and for anything else that stops a command.
pub const BROKEN: u8 = 2;

/// Reports every mistake of a registry: exit code 0 if there is none, 2 if there are some.
#[derive(Debug, clap::Args)]
pub struct Check {
    /// The folder that holds `manifest.yaml`.
    dir: PathBuf,
    /// Write one JSON document to standard output.
    #[arg(long)]
    json: bool,
    /// Take warnings that nobody accepted for mistakes: the exit code is 2 then.
    #[arg(long, value_name = "warnings")]
    deny: Option<Deny>,
}

/// What is taken for a mistake beside mistakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Deny {
    /// What a reviewer would ask about.
    Warnings,
}

impl Check {
    /// Runs the command.
    ///
    /// # Errors
    /// Standard output or standard error can't be written to.
    pub fn run(&self) -> io::Result<ExitCode> {
        let read = registry::read(&self.dir);
        let is_fine = match (&read, self.deny) {
            (Ok(owned), Some(Deny::Warnings)) => owned.warnings.is_empty(),
            (read, _) => read.is_ok(),
        };
        let code = if is_fine { ExitCode::SUCCESS } else { ExitCode::from(BROKEN) };
        if self.json {
            let report = Report::of(&read, is_fine);
            let mut out = anstream::stdout().lock();
            serde_json::to_writer_pretty(&mut out, &report)?;
            writeln!(out)?;
            return Ok(code);
        }
        match &read {
            Ok(owned) => {
                show(&owned.warnings)?;
                writeln!(anstream::stdout(), "{}", summary(&self.dir, owned))?;
            }
            Err(findings) => show(findings)?,
        }
        Ok(code)
    }
}

/// Writes findings to standard error, coloured on a terminal, and how many there are.
///
/// # Errors
/// Standard error can't be written to.
pub fn show(findings: &[Finding]) -> io::Result<()> {
    let mut out = io::BufWriter::new(anstream::stderr().lock());
    for finding in findings {
        write!(out, "{}", finding.render(Colour::On))?;
    }
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    match (errors, findings.len() - errors) {
        (0, 0) => {}
        (0, 1) => writeln!(out, "1 warning; accept it by `accept: {{<its name>: \"why\"}}` in `privacy`")?,
        (0, warnings) => {
            writeln!(out, "{warnings} warnings; accept one by `accept: {{<its name>: \"why\"}}` in `privacy`")?;
        }
        (1, _) => writeln!(out, "1 mistake")?,
        _ => writeln!(out, "{errors} mistakes")?,
    }
    out.flush()
}

/// What `--json` writes.
#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    findings: &'a [Finding],
    #[serde(skip_serializing_if = "Option::is_none")]
    registry: Option<Counts>,
}

#[derive(Serialize)]
struct Counts {
    attributes: usize,
    resource: usize,
    spans: usize,
    events: usize,
}

impl<'a> Report<'a> {
    fn of(read: &'a Result<Owned, Vec<Finding>>, ok: bool) -> Self {
        match read {
            Ok(owned) => Self { ok, findings: &owned.warnings, registry: Some(Counts::of(owned)) },
            Err(findings) => Self { ok, findings, registry: None },
        }
    }
}

impl Counts {
    fn of(owned: &Owned) -> Self {
        Self {
            attributes: owned.attributes.len(),
            resource: owned.resource.len(),
            spans: owned.spans.len(),
            events: owned.events.len(),
        }
    }
}

fn summary(dir: &Path, owned: &Owned) -> String {
    let Counts { attributes, resource, spans, events } = Counts::of(owned);
    let name = registry::escaped(&dir.display().to_string());
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let (spans, events, attributes) = (count(spans, "span"), count(events, "event"), count(attributes, "attribute"));
    format!("{name}: no mistakes ({spans}, {events}, {attributes}; {resource} of them in the resource)")
}

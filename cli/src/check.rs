//! `scruple check DIR`: says everything that is wrong with a registry, and of records what it does not declare.
//!
//! The exit code is 0 if all is well; 2 if the registry has mistakes, if it has warnings and they are denied, or if
//! something can't be read; else 1 if `--against` named records that are not declared.

mod against;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstyle::AnsiColor;
use serde::Serialize;

use crate::registry::{self, Colour, Finding, Owned, Place, Position, Rule, Severity, escaped};

use self::against::{Against, Judged, MOST, NotJudged, Violation};

/// The exit code for a registry with mistakes, and for anything else that stops a command.
pub const BROKEN: u8 = 2;

/// The exit code for records that the registry does not declare.
const OBJECTIONABLE: u8 = 1;

/// Reports every mistake of a registry, and what a privacy reviewer would ask about it.
///
/// The exit code is 0 if there is no mistake and 2 if there is one; with --against, it is 1 if a record is not declared.
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
    /// Judge the records in a file of OTLP JSON lines (a spool's, a Collector's), or in standard input.
    #[arg(long, value_name = "FILE|-")]
    against: Option<PathBuf>,
    /// Show what was found that is not declared, escaped and cut; reports that others read should not hold it.
    #[arg(long, requires = "against")]
    values: bool,
    /// The crate whose sources a location may name; by default the nearest Cargo.toml at or above DIR.
    #[arg(long = "crate", value_name = "DIR", requires = "against")]
    in_crate: Option<PathBuf>,
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
        let (mut report, owned) = match registry::read(&self.dir) {
            Ok(owned) => (Report::sound(&owned, self.deny), Some(owned)),
            Err(findings) => (Report::broken(findings), None),
        };
        if !self.json {
            show(&report.findings)?;
            if let Some(owned) = &owned {
                writeln!(anstream::stdout(), "{}", summary(&self.dir, owned))?;
            }
        }
        if let (Some(owned), Some(file)) = (owned, &self.against) {
            self.judge(owned, file, &mut report)?;
        }
        // What is undeclared is no mistake of the registry's: it has a code of its own.
        let code = match &report.against {
            _ if !report.ok => ExitCode::from(BROKEN),
            Some(judged) if judged.violations > 0 => ExitCode::from(OBJECTIONABLE),
            _ => ExitCode::SUCCESS,
        };
        if self.json {
            report.ok = code == ExitCode::SUCCESS;
            let mut out = anstream::stdout().lock();
            serde_json::to_writer_pretty(&mut out, &report)?;
            writeln!(out)?;
        }
        Ok(code)
    }

    fn judge(&self, owned: Owned, file: &Path, report: &mut Report) -> io::Result<()> {
        let refused = |report: &mut Report, place: &Path, rule, message: String, help| {
            let place = Place { file: place.display().to_string(), at: Position::default() };
            let finding = place.error(rule, message, help);
            if !self.json {
                show(std::slice::from_ref(&finding))?;
            }
            report.findings.push(finding);
            report.ok = false;
            Ok(())
        };
        let owned = match owned.located(&self.dir, self.in_crate.as_deref()) {
            Ok(owned) => owned,
            Err(error) => {
                let help = "name the program's crate with --crate: its sources are what a location may name";
                return refused(report, &self.dir, Rule::Location, error.to_string(), help);
            }
        };
        let mut told = |file: &str, violation: &Violation| match self.json {
            true => Ok(()),
            false => tell(file, violation),
        };
        match (Against { file, values: self.values }).judge(&owned.registry(), &mut told) {
            Ok(judged) => {
                if !self.json {
                    conclude(&judged)?;
                }
                report.against = Some(judged);
                Ok(())
            }
            Err(NotJudged::Told(error)) => Err(error),
            Err(NotJudged::Unread(error)) => {
                let message = format!("this file can't be read: {error}");
                refused(
                    report,
                    file,
                    Rule::Unreadable,
                    message,
                    "name a file of OTLP JSON lines, or - for standard input",
                )
            }
        }
    }
}

/// Writes one violation to standard error. Nothing in it can steer a terminal.
fn tell(file: &str, violation: &Violation) -> io::Result<()> {
    let loud = AnsiColor::Red.on_default().bold();
    writeln!(anstream::stderr(), "{}:{}: {loud}error:{loud:#} {violation}", escaped(file), violation.line)
}

/// Writes how much was judged, and what came of it.
fn conclude(judged: &Judged) -> io::Result<()> {
    let Judged { file, lines, records, violations, .. } = judged;
    if *violations > MOST {
        writeln!(anstream::stderr(), "{} more are not listed", violations - MOST)?;
    }
    let verdict = match violations {
        0 => "all of it declared".to_owned(),
        1 => "1 violation".to_owned(),
        _ => format!("{violations} violations"),
    };
    let [lines, records] = [(*lines, "line"), (*records, "record")].map(|(number, what)| counted(number, what));
    writeln!(anstream::stdout(), "{}: {lines}, {records}: {verdict}", escaped(file))
}

fn counted(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// Reads a registry for a command that needs a sound one: what is wrong or to be asked about is shown, and there is none
/// if something is wrong.
///
/// # Errors
/// Standard error can't be written to.
pub fn read(dir: &Path) -> io::Result<Option<Owned>> {
    let read = registry::read(dir);
    show(read.as_ref().map_or_else(Vec::as_slice, |owned| &owned.warnings))?;
    Ok(read.ok())
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
struct Report {
    ok: bool,
    findings: Vec<Finding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registry: Option<Counts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<Judged>,
}

#[derive(Serialize)]
struct Counts {
    attributes: usize,
    resource: usize,
    spans: usize,
    events: usize,
}

impl Report {
    fn sound(owned: &Owned, deny: Option<Deny>) -> Self {
        let ok = deny != Some(Deny::Warnings) || owned.warnings.is_empty();
        Self { ok, findings: owned.warnings.clone(), registry: Some(Counts::of(owned)), against: None }
    }

    fn broken(findings: Vec<Finding>) -> Self {
        Self { ok: false, findings, registry: None, against: None }
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

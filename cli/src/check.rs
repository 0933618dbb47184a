//! `scruple check DIR…`: reports every mistake in registries, and everything undeclared in a file of records.
//!
//! The exit code is 0 without a finding. It is 2 if a registry has mistakes or denied warnings, or if a file can't be
//! read; else it is 1 if the file of `--against` has undeclared records.

mod against;
pub mod line;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstyle::AnsiColor;
use scruple::registry::count;
use serde::Serialize;

use crate::exit::{BROKEN, OBJECTIONABLE};
use crate::named;
use crate::registry::{Colour, Finding, Owned, Place, Position, Rule, Severity, escaped};

use self::against::{Against, Judged, MOST, NotJudged, Violation};

/// Reports every mistake in a registry, and warns of the points that a privacy reviewer would question.
///
/// The exit code is 0 without a mistake and 2 with one; with --against, it is 1 if a record is not declared.
#[derive(Debug, clap::Args)]
pub struct Check {
    /// The folder with `manifest.yaml`, or REVISION:FOLDER; then those of the libraries that the program reports for.
    #[arg(value_name = "DIR", required = true)]
    dirs: Vec<String>,
    /// Write one JSON document to standard output.
    #[arg(long)]
    json: bool,
    /// Treat warnings as mistakes (exit code 2), unless the registry accepts them.
    #[arg(long, value_name = "warnings")]
    deny: Option<Deny>,
    /// Check the records in a file of OTLP JSON lines (of a spool or a Collector), or in standard input.
    #[arg(long, value_name = "FILE|-")]
    against: Option<PathBuf>,
    /// The file is a receiver's: the address that the registry lets a receiver add (`client_address`) is allowed.
    #[arg(long, requires = "against")]
    received: bool,
    /// Also show the undeclared values, escaped and shortened; they do not belong in a report that others read.
    #[arg(long, requires = "against")]
    values: bool,
    /// The crate whose sources a location may name; by default the nearest Cargo.toml at or above the first DIR.
    #[arg(long = "crate", value_name = "DIR", requires = "against")]
    in_crate: Option<PathBuf>,
}

/// The findings that count as mistakes on request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Deny {
    /// The points that a reviewer would question.
    Warnings,
}

impl Check {
    /// Runs the command.
    ///
    /// # Errors
    /// Standard output or standard error can't be written to.
    pub fn run(&self) -> io::Result<ExitCode> {
        let (mut report, mut all) = (CheckReport::new(), Vec::new());
        for dir in &self.dirs {
            match named::read(dir) {
                Ok(owned) => {
                    report.add(&owned, self.deny);
                    all.push((dir, owned));
                }
                Err(findings) => report.broken(findings),
            }
        }
        if !self.json {
            show(&report.findings)?;
            for (dir, owned) in &all {
                writeln!(anstream::stdout(), "{}", summary(dir, owned, self.deny))?;
            }
        }
        if let (true, Some(file)) = (all.len() == self.dirs.len(), &self.against) {
            self.judge(all.into_iter().map(|(_, owned)| owned).collect(), file, &mut report)?;
        }
        // An undeclared record is no mistake in the registry: it has an exit code of its own.
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

    fn judge(&self, mut all: Vec<Owned>, file: &Path, report: &mut CheckReport) -> io::Result<()> {
        let refused = |report: &mut CheckReport, place: &Path, rule, message: String, help| {
            let place = Place { file: place.display().to_string(), at: Position::default() };
            let finding = place.error(rule, message, help);
            if !self.json {
                show(std::slice::from_ref(&finding))?;
            }
            report.findings.push(finding);
            report.ok = false;
            Ok(())
        };
        // Only a program has locations: codegen refuses them in a library, and here a library's match no file.
        if let Some(dir) = self.dirs.first() {
            match all.remove(0).located(&named::place(dir), self.in_crate.as_deref()) {
                Ok(program) => all.insert(0, program),
                Err(error) => {
                    let help = "name the program's crate with --crate: a location must be in one of its sources";
                    return refused(report, Path::new(dir), Rule::Location, error.to_string(), help);
                }
            }
        }
        let tables: Vec<_> = all.iter().map(Owned::registry).collect();
        let tables: Vec<_> = tables.iter().collect();
        let mut report_violation = |file: &str, violation: &Violation| match self.json {
            true => Ok(()),
            false => show_violation(file, violation),
        };
        match (Against { file, received: self.received, values: self.values }).judge(&tables, &mut report_violation) {
            Ok(judged) => {
                if !self.json {
                    show_summary(&judged)?;
                    let adds = tables.first().is_some_and(|program| program.service.client_address);
                    if adds && judged.violations > 0 && !self.received {
                        let help = "use --received for the file of a receiver: this registry lets it add an address";
                        let style = AnsiColor::Cyan.on_default();
                        writeln!(anstream::stderr(), "  {style}help:{style:#} {help}")?;
                    }
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

/// Writes one violation to standard error, without control characters for the terminal.
fn show_violation(file: &str, violation: &Violation) -> io::Result<()> {
    let loud = AnsiColor::Red.on_default().bold();
    writeln!(anstream::stderr(), "{}:{}: {loud}error:{loud:#} {violation}", escaped(file), violation.line)
}

/// Writes the numbers of lines, records and violations.
fn show_summary(judged: &Judged) -> io::Result<()> {
    let Judged { file, lines, records, violations, .. } = judged;
    if *violations > MOST {
        writeln!(anstream::stderr(), "{} more are not listed", violations - MOST)?;
    }
    let verdict = match violations {
        0 => "all of it declared".to_owned(),
        _ => count(*violations, "violation"),
    };
    let [lines, records] = [(*lines, "line"), (*records, "record")].map(|(number, what)| count(number, what));
    writeln!(anstream::stdout(), "{}: {lines}, {records}: {verdict}", escaped(file))
}

/// Reads a registry for a command that needs a valid one, and shows its mistakes and warnings; `None` if it has a
/// mistake.
///
/// # Errors
/// Standard error can't be written to.
pub fn read(named: &str) -> io::Result<Option<Owned>> {
    let read = named::read(named);
    show(read.as_ref().map_or_else(Vec::as_slice, |owned| &owned.warnings))?;
    Ok(read.ok())
}

/// Reads the registries of a program and its libraries in the same way, and shows the mistakes of all.
///
/// # Errors
/// Standard error can't be written to.
pub fn read_all(dirs: &[String]) -> io::Result<Option<Vec<Owned>>> {
    let mut all = Vec::new();
    for dir in dirs {
        all.push(read(dir)?);
    }
    Ok(all.into_iter().collect())
}

/// Writes findings and their number to standard error, with colours on a terminal.
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
        (0, 1) => writeln!(out, "1 warning; accept it with `accept: {{<its name>: \"why\"}}` in `privacy`")?,
        (0, warnings) => {
            writeln!(out, "{warnings} warnings; accept one with `accept: {{<its name>: \"why\"}}` in `privacy`")?;
        }
        (1, _) => writeln!(out, "1 mistake")?,
        _ => writeln!(out, "{errors} mistakes")?,
    }
    out.flush()
}

/// The JSON document of `--json`.
#[derive(Serialize)]
struct CheckReport {
    ok: bool,
    findings: Vec<Finding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registry: Option<Counts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<Judged>,
}

/// The sums over all registries.
#[derive(Default, Serialize)]
struct Counts {
    attributes: usize,
    resource: usize,
    spans: usize,
    events: usize,
}

impl CheckReport {
    fn new() -> Self {
        Self { ok: true, findings: Vec::new(), registry: Some(Counts::default()), against: None }
    }

    fn add(&mut self, owned: &Owned, deny: Option<Deny>) {
        self.ok &= deny != Some(Deny::Warnings) || owned.warnings.is_empty();
        self.findings.extend_from_slice(&owned.warnings);
        if let Some(counts) = &mut self.registry {
            counts.add(owned);
        }
    }

    /// Adds the findings of an invalid registry, whose parts can't be counted.
    fn broken(&mut self, findings: Vec<Finding>) {
        self.ok = false;
        self.findings.extend(findings);
        self.registry = None;
    }
}

impl Counts {
    fn of(owned: &Owned) -> Self {
        let mut counts = Self::default();
        counts.add(owned);
        counts
    }

    fn add(&mut self, owned: &Owned) {
        self.attributes += owned.attributes.len();
        self.resource += owned.resource.len();
        self.spans += owned.spans.len();
        self.events += owned.events.len();
    }
}

fn summary(dir: &str, owned: &Owned, deny: Option<Deny>) -> String {
    let Counts { attributes, resource, spans, events } = Counts::of(owned);
    let name = escaped(dir);
    let (spans, events, attributes) = (count(spans, "span"), count(events, "event"), count(attributes, "attribute"));
    let verdict = match (deny, owned.warnings.len()) {
        (Some(Deny::Warnings), warnings @ 1..) => format!("{}, denied", count(warnings, "warning")),
        _ => "no mistakes".to_owned(),
    };
    format!("{name}: {verdict} ({spans}, {events}, {attributes}; {resource} of them in the resource)")
}

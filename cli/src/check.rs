//! `scruple check DIR…`: reports every mistake in registries, and everything undeclared in a file of records.
//!
//! The exit code is 0 without a finding. It is 2 if a registry has mistakes or denied warnings, or if a file can't be
//! read; else it is 1 if the file of `--against` has undeclared records, or shows too few declared parts.

mod against;
mod covered;
pub mod line;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anstyle::AnsiColor;
use scruple::check::Coverage;
use scruple::registry::{Date, ProgramSettings, count};
use serde::Serialize;

use crate::exit::{BROKEN, OBJECTIONABLE};
use crate::named;
use crate::registry::{Colour, Crate, Finding, Now, Owned, Place, Position, Rule, Severity, escaped};
use crate::written::failed;

use self::against::{Against, Judged, MOST, NotJudged, Violation};
use self::covered::CoverageOptions;

/// Reports every mistake in a registry, and warns of the points that a privacy reviewer would question.
///
/// The exit code is 0 without a mistake and 2 with one; with --against, it is 1 if a record is not
/// declared, or if the records show too few declared parts (--coverage).
#[derive(Debug, clap::Args)]
pub struct Check {
    /// The folder with `manifest.yaml`, or REVISION:FOLDER; then those of the libraries that the program reports for.
    #[arg(value_name = "DIR", required = true)]
    dirs: Vec<String>,
    /// Write one JSON document to standard output.
    #[arg(long)]
    json: bool,
    /// Treat warnings as mistakes (exit code 2), unless the registry accepts them; `expired`: also what the first DIR
    /// declares past its end. May be given twice.
    #[arg(long, value_delimiter = ',')]
    deny: Vec<Deny>,
    /// The day that ends are compared with, and that --unseen-for counts from, in UTC; by default that of SOURCE_DATE_EPOCH, else of the clock.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    today: Option<Date>,
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
    #[command(flatten)]
    coverage: CoverageOptions,
}

/// The findings that count as mistakes on request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Deny {
    /// The points that a reviewer would question, but for ends: those depend on the day.
    Warnings,
    /// What is past its end.
    Expired,
}

impl Check {
    /// Runs the command.
    ///
    /// # Errors
    /// Standard output or standard error can't be written to.
    pub fn run(&self) -> io::Result<ExitCode> {
        let day = match self.today.map_or_else(today, Ok) {
            Ok(day) => day,
            Err(error) => return failed(error),
        };
        let (mut report, mut all, mut verdicts) = (CheckReport::new(), Vec::new(), Vec::new());
        let mut program = ProgramSettings::default();
        for (index, dir) in self.dirs.iter().enumerate() {
            // The program's own were compared with its preset as it was read.
            let read = named::read(dir).and_then(|owned| match owned.undocumented(&program) {
                refused if refused.is_empty() => Ok(owned),
                refused => Err(refused),
            });
            match read {
                Ok(owned) => {
                    if index == 0 {
                        program = owned.service.table.settings;
                    }
                    let in_crate = self.in_crate.as_deref().filter(|_| index == 0);
                    let version = Crate::of(&named::place(dir), in_crate).ok().and_then(|found| found.version);
                    let ends = owned.ends(Now { day, version });
                    // What a library declared past its end breaks no program's build.
                    let denied = self.denied(&owned.warnings) + if index == 0 { self.denied(&ends) } else { 0 };
                    verdicts.push(summary(dir, &owned, denied));
                    report.add(&owned, ends, denied);
                    all.push(owned);
                }
                Err(findings) => report.broken(findings),
            }
        }
        if !self.json {
            show(&report.findings)?;
            for verdict in verdicts {
                writeln!(anstream::stdout(), "{verdict}")?;
            }
        }
        if let (true, Some(file)) = (all.len() == self.dirs.len(), &self.against) {
            self.judge(all, file, day, &mut report)?;
        }
        // An undeclared record is no mistake in the registry: it has an exit code of its own.
        let code = match &report.against {
            _ if !report.ok => ExitCode::from(BROKEN),
            Some(judged) if judged.violations > 0 => ExitCode::from(OBJECTIONABLE),
            Some(Judged { coverage: Some(covered), .. }) if !covered.is_enough => ExitCode::from(OBJECTIONABLE),
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

    /// How many of these warnings are mistakes.
    fn denied(&self, warnings: &[Finding]) -> usize {
        let is_denied = |finding: &&Finding| match finding.rule {
            Rule::Expired => self.deny.contains(&Deny::Expired),
            Rule::ExpiresSoon => false,
            _ => self.deny.contains(&Deny::Warnings),
        };
        warnings.iter().filter(is_denied).count()
    }

    fn judge(&self, mut all: Vec<Owned>, file: &Path, day: Date, report: &mut CheckReport) -> io::Result<()> {
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
        let mut coverage = self.coverage.is_asked().then(|| Coverage::new(&tables));
        let against = Against { file, received: self.received, values: self.values };
        match against.judge(&tables, coverage.as_mut(), &mut report_violation) {
            Ok(mut judged) => {
                judged.coverage = coverage.map(|coverage| self.coverage.covered(&coverage, day));
                if !self.json {
                    show_summary(&judged)?;
                    let adds = tables.first().is_some_and(|program| program.service.client_address);
                    if adds && judged.violations > 0 && !self.received {
                        let help = "use --received for the file of a receiver: this registry lets it add an address";
                        let style = AnsiColor::Cyan.on_default();
                        writeln!(anstream::stderr(), "  {style}help:{style:#} {help}")?;
                    }
                }
                if let Some(covered) = judged.coverage.as_ref().filter(|_| !self.json) {
                    covered.show()?;
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

/// Parses the day of `--today`.
fn day(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| "it is no day from 1970 to 9999; write one as in 2027-06-30".to_owned())
}

/// The day of `SOURCE_DATE_EPOCH`, so that a build that is repeated says the same, else of the clock.
fn today() -> Result<Date, String> {
    let Some(set) = std::env::var_os("SOURCE_DATE_EPOCH") else {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        return Ok(Date::of_seconds(since.as_secs()));
    };
    let seconds = set.to_str().and_then(|text| text.parse().ok());
    seconds.map(Date::of_seconds).ok_or_else(|| {
        format!("SOURCE_DATE_EPOCH is {set:?}, and not a number of seconds since 1970-01-01: unset it, or use --today")
    })
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

    fn add(&mut self, owned: &Owned, ends: Vec<Finding>, denied: usize) {
        self.ok &= denied == 0;
        let first = self.findings.len();
        self.findings.extend(owned.warnings.iter().cloned().chain(ends));
        self.findings.get_mut(first..).unwrap_or_default().sort();
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

fn summary(dir: &str, owned: &Owned, denied: usize) -> String {
    let Counts { attributes, resource, spans, events } = Counts::of(owned);
    let name = escaped(dir);
    let (spans, events, attributes) = (count(spans, "span"), count(events, "event"), count(attributes, "attribute"));
    let verdict = match denied {
        0 => "no mistakes".to_owned(),
        _ => format!("{}, denied", count(denied, "warning")),
    };
    format!("{name}: {verdict} ({spans}, {events}, {attributes}; {resource} of them in the resource)")
}

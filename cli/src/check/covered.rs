//! `scruple check DIR… --against FILE --coverage`: which declared parts the records show, and which they don't.
//!
//! A part is a signal, an attribute of a signal or of the resource, or a member of an attribute. A record with a violation
//! shows nothing. Without a record nothing is covered, however small the percentage that was asked for.

use std::io::{self, Write};

use anstyle::AnsiColor;
use scruple::check::{Coverage, DeclaredPart};
use scruple::registry::{Date, count};
use serde::Serialize;

use crate::registry::escaped;

const SECONDS: u64 = 1_000_000_000;
const DAY: u64 = 86_400 * SECONDS;

/// The options of coverage.
#[derive(Debug, clap::Args)]
pub struct CoverageOptions {
    /// Also list the declared signals, attributes and members that no record shows. Without a record, the exit code is 1.
    #[arg(long, requires = "against")]
    coverage: bool,
    /// Exit with 1 if the records show less than so many of a hundred declared parts.
    #[arg(long, value_name = "PERCENT", requires = "coverage", value_parser = clap::value_parser!(u8).range(0..=100))]
    fail_under: Option<u8>,
    /// Count only what records of the last so many days show, before --today: the rest is listed with its last day.
    #[arg(long, value_name = "DAYS", requires = "coverage", value_parser = clap::value_parser!(u16).range(1..))]
    unseen_for: Option<u16>,
}

/// What the records show.
#[derive(Debug, Serialize)]
pub struct Covered {
    /// The number of declared parts.
    pub parts: usize,
    /// The number of those that the records show.
    pub seen: usize,
    /// The same of a hundred, rounded down.
    pub percent: usize,
    /// Whether there is a record, and the percentage is not under that of `--fail-under`.
    pub is_enough: bool,
    /// The parts that they do not show. The attributes of such a signal and the members of such an attribute are left out.
    pub unseen: Vec<UnseenPart>,
    #[serde(skip)]
    records: u64,
    #[serde(skip)]
    options: Asked,
}

/// What was asked for.
#[derive(Debug, Clone, Copy)]
struct Asked {
    fail_under: Option<u8>,
    unseen_for: Option<u16>,
}

/// A declared part that the records do not show.
#[derive(Debug, Serialize)]
pub struct UnseenPart {
    /// The whole part, as in `words.unit = line`.
    pub text: String,
    /// The span, if it is one or an attribute of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<String>,
    /// The event, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The attribute, if it is one or a member of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// The member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The day of the last record that shows it, in UTC: with `--unseen-for`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
}

impl CoverageOptions {
    /// Whether coverage was asked for.
    pub fn is_asked(&self) -> bool {
        self.coverage
    }

    /// What the records show that are of the last days before the end of this one.
    pub fn covered(&self, coverage: &Coverage<'_>, today: Date) -> Covered {
        // A record of the future, by a wrong clock, counts as a recent one: the part may be in use.
        let since = self.unseen_for.map_or(0, |days| today.days().saturating_sub(days.into()).saturating_mul(DAY));
        let percent = coverage.percent_since(since);
        let is_under = self.fail_under.is_some_and(|least| percent < usize::from(least));
        Covered {
            parts: coverage.parts(),
            seen: coverage.seen_since(since),
            percent,
            is_enough: coverage.records() > 0 && !is_under,
            unseen: coverage
                .unseen_since(since)
                .into_iter()
                .map(|(part, latest)| UnseenPart::of(&part, latest))
                .collect(),
            records: coverage.records(),
            options: Asked { fail_under: self.fail_under, unseen_for: self.unseen_for },
        }
    }
}

impl UnseenPart {
    fn of(part: &DeclaredPart<'_>, latest: Option<u64>) -> Self {
        let last = latest.map(|time| Date::of_seconds(time / SECONDS).to_string());
        let mut unseen = Self { text: part.to_string(), span: None, event: None, attribute: None, member: None, last };
        match *part {
            DeclaredPart::Signal(kind, name) => unseen.carrier(kind, name),
            DeclaredPart::Attribute { of, key } => {
                if let Some((kind, name)) = of {
                    unseen.carrier(kind, name);
                }
                unseen.attribute = Some(key.to_owned());
            }
            DeclaredPart::Member { key, value } => {
                (unseen.attribute, unseen.member) = (Some(key.to_owned()), Some(value.to_owned()));
            }
        }
        unseen
    }

    fn carrier(&mut self, kind: scruple::SignalKind, name: &str) {
        let carrier = if kind == scruple::SignalKind::Span { &mut self.span } else { &mut self.event };
        *carrier = Some(name.to_owned());
    }
}

impl Covered {
    /// Writes the numbers and the list to standard output, and why it is not enough to standard error.
    ///
    /// # Errors
    /// One of them can't be written to.
    pub fn show(&self) -> io::Result<()> {
        let mut out = anstream::stdout().lock();
        let Self { parts, seen, percent, .. } = self;
        let within = self.options.unseen_for.map(|days| format!(" of the last {}", count(days, "day")));
        let within = within.unwrap_or_default();
        writeln!(out, "coverage: {seen} of {} in records{within}: {percent} %", count(*parts, "declared part"))?;
        for part in &self.unseen {
            match &part.last {
                Some(day) => writeln!(out, "  last seen {day}, a candidate to remove: {}", escaped(&part.text))?,
                None if self.options.unseen_for.is_some() => {
                    writeln!(out, "  never seen, a candidate to remove: {}", escaped(&part.text))?;
                }
                None => writeln!(out, "  never seen: {}", escaped(&part.text))?,
            }
        }
        let why = match (self.records, self.options.fail_under) {
            (0, _) => "no record: nothing is covered".to_owned(),
            (_, Some(least)) if !self.is_enough => format!("{percent} % is under the {least} % of --fail-under"),
            _ => return Ok(()),
        };
        let loud = AnsiColor::Red.on_default().bold();
        writeln!(anstream::stderr(), "{loud}error:{loud:#} {why}")
    }
}

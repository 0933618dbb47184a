//! Parses the options that turn something off, into the form of a policy's payload.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use scruple::policy::{OffVersions, OffWhere, Payload, WHOLE};

use crate::registry::names::{is_name, is_wire_text};

/// The clauses of a policy.
#[derive(Debug, clap::Args)]
pub(super) struct Clauses {
    /// Turn off the spans and events with this name; may be given several times.
    #[arg(long = "disable-signal", value_name = "NAME", value_parser = name)]
    disabled_signals: Vec<String>,
    /// Turn off the attribute with this key in all signals; may be given several times.
    #[arg(long = "disable-attribute", value_name = "KEY", value_parser = name)]
    disabled_attributes: Vec<String>,
    /// Turn off each record with this value, and the whole program if its resource has it; may be given several times.
    #[arg(long, value_name = "KEY=MEMBER", value_parser = member)]
    off_where: Vec<(String, String)>,
    /// Turn off the versions from FROM up to, but not including, TO; one of the two may be left out; may be given
    /// several times.
    #[arg(long = "off-version", value_name = "FROM..TO", value_parser = versions)]
    off_versions: Vec<Range>,
    /// Let only this share of installations send: from 0 to 100, with at most two decimals.
    #[arg(long, value_name = "PERCENT", value_parser = basis_points)]
    rollout: Option<u32>,
}

/// A range of versions: its start, whether its end is open, and its end; in this order, ranges sort as in a payload.
type Range = (Vec<u32>, bool, Vec<u32>);

/// Why an option's value is invalid.
#[derive(Debug)]
pub(super) enum NotAClause {
    Name,
    Member,
    Version,
    Range,
    Empty,
    Percent,
}

impl fmt::Display for NotAClause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "names and keys have lower-case letters, digits, `_` and `.`, a letter first",
            Self::Member => "write KEY=MEMBER, for instance os.type=windows",
            Self::Version => "a version has one to four numbers and nothing else, for instance 16.18.2.1",
            Self::Range => "write FROM..TO, FROM.. or ..TO, for instance 1.2..1.4",
            Self::Empty => "this range is empty, since its end is not after its start",
            Self::Percent => "a share is a number from 0 to 100 with at most two decimals, for instance 12.5",
        })
    }
}

impl std::error::Error for NotAClause {}

impl Clauses {
    /// Puts the clauses into a payload: sorted, without duplicates.
    pub(super) fn put(&self, payload: &mut Payload) {
        let set = |names: &[String]| names.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect();
        payload.disabled_signals = set(&self.disabled_signals);
        payload.disabled_attributes = set(&self.disabled_attributes);
        let mut members = BTreeMap::<_, BTreeSet<_>>::new();
        for (key, member) in &self.off_where {
            members.entry(key.clone()).or_default().insert(member.clone());
        }
        let off_where =
            members.into_iter().map(|(key, members)| OffWhere { key, members: members.into_iter().collect() });
        payload.off_where = off_where.collect();
        let ranges: BTreeSet<&Range> = self.off_versions.iter().collect();
        let off_versions = ranges.into_iter().map(|(from, _, to)| OffVersions { from: from.clone(), to: to.clone() });
        payload.off_versions = off_versions.collect();
        payload.rollout_basis_points = self.rollout;
    }
}

fn name(text: &str) -> Result<String, NotAClause> {
    if is_name(text) { Ok(text.to_owned()) } else { Err(NotAClause::Name) }
}

fn member(text: &str) -> Result<(String, String), NotAClause> {
    let (key, member) = text.split_once('=').ok_or(NotAClause::Member)?;
    if is_wire_text(member) { Ok((name(key)?, member.to_owned())) } else { Err(NotAClause::Member) }
}

fn versions(text: &str) -> Result<Range, NotAClause> {
    let (from, to) = text.split_once("..").ok_or(NotAClause::Range)?;
    if from.is_empty() && to.is_empty() {
        return Err(NotAClause::Range);
    }
    let numbers = |text: &str| if text.is_empty() { Ok(Vec::new()) } else { version(text) };
    let range = (numbers(from)?, to.is_empty(), numbers(to)?);
    // Without trailing zeros, versions compare like lists.
    if range.1 || range.0 < range.2 { Ok(range) } else { Err(NotAClause::Empty) }
}

/// The numbers of a version without trailing zeros; version 0 has no number.
fn version(text: &str) -> Result<Vec<u32>, NotAClause> {
    let number = |part: &str| part.parse().ok().filter(|_| part.bytes().all(|byte| byte.is_ascii_digit()));
    let mut numbers: Vec<u32> = text.split('.').map(number).collect::<Option<_>>().ok_or(NotAClause::Version)?;
    if numbers.len() > 4 {
        return Err(NotAClause::Version);
    }
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    Ok(numbers)
}

/// Parses a percentage exactly, without floating-point arithmetic.
fn basis_points(text: &str) -> Result<u32, NotAClause> {
    let (whole, decimals) = text.split_once('.').map_or((text, "0"), |(whole, decimals)| (whole, decimals));
    let is_digits =
        |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole, 3) || !is_digits(decimals, 2) {
        return Err(NotAClause::Percent);
    }
    let points: u32 = format!("{whole}{decimals:0<2}").parse().map_err(|_| NotAClause::Percent)?;
    if points <= u32::from(WHOLE) { Ok(points) } else { Err(NotAClause::Percent) }
}

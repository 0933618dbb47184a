//! The options that say what a policy turns off, read into the forms that a payload has.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use scruple::policy::{OffVersions, OffWhere, Payload, WHOLE};

use crate::registry::names::{is_name, is_wire_text};

/// What the policy turns off.
#[derive(Debug, clap::Args)]
pub(super) struct Clauses {
    /// Turn off the spans and events of this name. It may be given more than once.
    #[arg(long = "disable-signal", value_name = "NAME", value_parser = name)]
    disabled_signals: Vec<String>,
    /// Turn off the attribute with this key, everywhere. It may be given more than once.
    #[arg(long = "disable-attribute", value_name = "KEY", value_parser = name)]
    disabled_attributes: Vec<String>,
    /// Turn off the program where its resource has this value, and each record that has it. It may be given more than
    /// once.
    #[arg(long, value_name = "KEY=MEMBER", value_parser = member)]
    off_where: Vec<(String, String)>,
    /// Turn off the program's versions from one, up to but without another; one of the two may be left out. It may be
    /// given more than once.
    #[arg(long = "off-version", value_name = "FROM..TO", value_parser = versions)]
    off_versions: Vec<Range>,
    /// Let only this share of installations send: from 0 to 100, with at most two decimals.
    #[arg(long, value_name = "PERCENT", value_parser = basis_points)]
    rollout: Option<u32>,
}

/// Where a range of versions begins, whether its end is open, and its end: so that ranges sort as a payload has them.
type Range = (Vec<u32>, bool, Vec<u32>);

/// Why an option's value is none.
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
            Self::Member => "this is written as a key, `=` and the value that turns it off, as in os.type=windows",
            Self::Version => "a version has one to four numbers, as in 16.18.2.1, and nothing after them",
            Self::Range => "this is written as FROM..TO, FROM.. or ..TO, as in 1.2..1.4",
            Self::Empty => "no version is in this range, since it ends where it begins or before",
            Self::Percent => "a share is a number from 0 to 100 with at most two decimals, as in 12.5",
        })
    }
}

impl std::error::Error for NotAClause {}

impl Clauses {
    /// Puts them into a payload: sorted, each once.
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
    // Without zeros at their ends, versions compare as lists do.
    if range.1 || range.0 < range.2 { Ok(range) } else { Err(NotAClause::Empty) }
}

/// Its numbers without zeros at the end: 0 has none.
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

/// Exactly, without a floating-point number on the way.
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

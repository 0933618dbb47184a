//! Warnings about ends: those that change nothing, those that come soon, and those that are past.

use scruple::registry::{Date, Expiry, Registry, ReleaseNumber, count};

use super::declared::{Accepted, Attribute, Governance, Owned, Signal};
use super::finding::{Finding, Rule};

/// How many days before its end something is warned of.
pub const WARN_DAYS: u64 = 30;

/// The time and the version that ends are compared with.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// The day, in UTC.
    pub day: Date,
    /// The program's version, if it is known: else no end by version is past.
    pub version: Option<ReleaseNumber>,
}

/// What has an end of its own.
struct Ending<'a> {
    what: String,
    governance: &'a Governance,
    accepted: &'a [Accepted],
}

impl Owned {
    /// The warnings about the ends that are past on a day or soon will be, without those that are accepted.
    pub fn ends(&self, now: Now) -> Vec<Finding> {
        let mut findings: Vec<_> = self.endings().iter().filter_map(|ending| ending.judge(now)).collect();
        findings.sort();
        findings
    }

    fn endings(&self) -> Vec<Ending<'_>> {
        let service = &self.service;
        let of = |what, governance, accepted| Ending { what, governance, accepted };
        let mut all =
            vec![of("all that is declared here".to_owned(), &service.governance, service.accepted.as_slice())];
        let attribute = |found: &Attribute| format!("`{}`", found.table.key);
        all.extend(self.attributes.iter().map(|found| of(attribute(found), &found.governance, &found.accepted)));
        for (word, signals) in [("span", &self.spans), ("event", &self.events)] {
            let signal = |found: &Signal| format!("the {word} `{}`", found.table.name);
            all.extend(signals.iter().map(|found| of(signal(found), &found.governance, &found.accepted)));
        }
        all
    }
}

impl Ending<'_> {
    fn judge(&self, now: Now) -> Option<Finding> {
        let (end, place) = self.governance.expires.as_ref()?;
        let what = &self.what;
        let (rule, message, help) = if let Some(date) = end.date {
            match date.days().checked_sub(now.day.days()) {
                None => (
                    Rule::Expired,
                    format!("{what} ended on {date}: no program records or sends it any more"),
                    "delete it, or write a later end, of which people are told again",
                ),
                Some(days) if days <= WARN_DAYS => (
                    Rule::ExpiresSoon,
                    format!("{what} ends on {date}, {}", remaining(days)),
                    "delete what no decision depends on; write a later end for the rest, and release it before that day",
                ),
                Some(_) => return None,
            }
        } else {
            let version = end.version.filter(|end| now.version.is_some_and(|version| version >= *end))?;
            (
                Rule::Expired,
                format!("{what} ended with version {version}: this version neither records nor sends it"),
                "delete it, or write a later version, of which people are told again",
            )
        };
        let is_accepted = self.accepted.iter().any(|accepted| accepted.rule == rule);
        (!is_accepted).then(|| place.warning(rule, message, help))
    }
}

fn remaining(days: u64) -> String {
    match days {
        0 => "today".to_owned(),
        _ => format!("in {}", count(days, "day")),
    }
}

/// The warning that a signal's end changes nothing, because the service ends no later.
pub fn needless_of_signal(registry: &Registry<'_>, signal: &Signal) -> Option<Finding> {
    let service = registry.service.expires;
    let ends_with_service = registry.expiry(Some(&signal.table), None) == service;
    ends_with_service.then(|| needless(signal.table.name, &signal.governance, "the service", service)).flatten()
}

/// The warning that an attribute's end changes nothing, because each signal that has it ends no later.
pub fn needless_of_attribute(owned: &Owned, registry: &Registry<'_>, index: u16) -> Option<Finding> {
    let attribute = owned.attribute(index)?;
    let carries = |signal: &&Signal| signal.table.attributes.iter().any(|used| used.attribute == index);
    let signals = owned.spans.iter().chain(&owned.events).filter(carries).map(|signal| Some(&signal.table));
    let carriers: Vec<_> = signals.chain(owned.resource.contains(&index).then_some(None)).collect();
    let first = *carriers.first()?;
    let ends_with =
        |carrier: &Option<&_>| registry.expiry(*carrier, Some(&attribute.table)) == registry.expiry(*carrier, None);
    let other = first.map_or("the service".to_owned(), |signal| format!("`{}`", signal.name));
    let all = carriers.iter().all(ends_with);
    all.then(|| needless(attribute.table.key, &attribute.governance, &other, registry.expiry(first, None))).flatten()
}

fn needless(name: &str, governance: &Governance, other: &str, earlier: Expiry) -> Option<Finding> {
    let (end, place) = governance.expires.as_ref()?;
    let message = format!("`{name}` is collected {end}, and {other} {earlier}: this end changes nothing");
    Some(place.warning(Rule::NeedlessEnd, message, "delete it, or write an earlier one"))
}

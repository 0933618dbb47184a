//! Who answers for a datum, what it is to find out, and its end, as items of a list.

use scruple::registry::{Expiry, ReleaseNumber};

use super::page::{Part, Text, fact, plain};
use crate::registry::{Governance, admit_link};

/// What is declared of them; a datum's own end, and not that of what it is part of.
pub fn facts(governance: &Governance, expires: Expiry) -> Vec<Text> {
    let mut facts = Vec::new();
    facts.extend(governance.owner.map(|owner| fact("Who answers for it", vec![plain(owner)])));
    facts.extend(governance.question.map(|question| fact("What it is to find out", vec![linked(question)])));
    facts.extend((expires != Expiry::NEVER).then(|| fact("Collected", vec![plain(until(expires))])));
    facts
}

/// An address leads there; any other text is text.
fn linked(question: &str) -> Part {
    if admit_link(question).is_ok() { Part::Address(question.to_owned()) } else { plain(question) }
}

fn until(expires: Expiry) -> String {
    let version = |version: ReleaseNumber| format!("by versions before {version}");
    match (expires.date, expires.version) {
        (Some(date), None) => format!("until {date}, the end of that day in UTC"),
        (None, Some(end)) => version(end),
        (Some(date), Some(end)) => format!("until {date}, the end of that day in UTC, and {}", version(end)),
        (None, None) => String::new(),
    }
}

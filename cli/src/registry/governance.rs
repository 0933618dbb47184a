//! Reads the governance of data: who answers for it, the question that it is to answer, its purpose and its end.
//!
//! The service, a signal and an attribute have the same four keys.

use std::collections::BTreeSet;

use scruple::registry::{Date, Expiry, Purpose, ReleaseNumber};

use super::declared::{Governance, kept};
use super::finding::{Finding, Place, Position, Rule};
use super::names;
use super::nodes::{Node, Value};
use super::walk::{Fields, Walk, among, cut};

/// The keys.
pub const KEYS: [&str; 4] = ["owner", "question", "purpose", "expires"];

/// Reads the four keys.
pub fn read(walk: &mut Walk<'_>, fields: Fields<'_>) -> Governance {
    let purpose = fields.get("purpose").and_then(|node| {
        let name = walk.text(node, "purpose")?;
        Some((purpose_name(walk, node.at, name)?, walk.place(node.at)))
    });
    let expires = fields.get("expires").and_then(|node| Some((expiry(walk, node)?, walk.place(node.at))));
    let (owner, question) = (walk.optional_sentence(fields, "owner"), walk.optional_sentence(fields, "question"));
    Governance { owner, question, purpose, expires }
}

/// The service's `purposes`: a description for each name, sorted by name.
pub fn purposes(walk: &mut Walk<'_>, fields: Fields<'_>) -> Vec<(Purpose<'static>, Place)> {
    let Some(node) = fields.get("purposes") else { return Vec::new() };
    let Value::Map(entries) = &node.value else {
        let help = "write `purposes: {failures: \"What goes wrong in the program.\"}`";
        walk.error(node.at, Rule::Shape, "`purposes` is not a mapping of names to descriptions", help);
        return Vec::new();
    };
    let mut found = Vec::new();
    for (key, brief) in entries {
        let name = purpose_name(walk, key.at, &key.name);
        let brief = walk.sentence(brief, &key.name);
        if let (Some(name), Some(brief)) = (name, brief) {
            found.push((Purpose { name, brief }, walk.place(key.at)));
        }
    }
    found.sort_by_key(|(purpose, _)| purpose.name);
    found
}

fn purpose_name(walk: &mut Walk<'_>, at: Position, name: &str) -> Option<&'static str> {
    if !Purpose::is_name(name) {
        let help = "use lower-case letters, digits and `_`, a letter first, at most 32 bytes, as in `failures`";
        walk.error(at, Rule::Name, format!("`{}` can't be a purpose", cut(name)), help);
        return None;
    }
    Some(kept(name))
}

fn expiry(walk: &mut Walk<'_>, node: &Node) -> Option<Expiry> {
    let text = walk.text(node, "expires")?;
    let date = Date::parse(text).map(Expiry::on);
    let end = date.or_else(|| ReleaseNumber::parse(text).map(Expiry::before));
    if end.is_none() {
        let message = match text.as_bytes() {
            [_, _, _, _, b'-', _, _, b'-', _, _] => format!("there is no day `{text}` from 1970 to 9999"),
            _ => format!("`{}` is neither a day nor a version", cut(text)),
        };
        let help = "write the last day, as in `expires: 2027-06-30`, or the first version of the program without it, of \
                    one to three numbers, as in `expires: \"2.0\"`";
        walk.error(node.at, Rule::Value, message, help);
    }
    end
}

/// Each purpose has a description.
pub fn describe<'g>(all: impl Iterator<Item = &'g Governance>, described: &[Purpose<'_>], findings: &mut Vec<Finding>) {
    let known: BTreeSet<&str> = described.iter().chain(&Purpose::COMMON).map(|purpose| purpose.name).collect();
    for (name, place) in
        all.filter_map(|governance| governance.purpose.as_ref()).filter(|(name, _)| !known.contains(name))
    {
        let help = match names::nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`? Otherwise describe it in the service's `purposes`"),
            None => {
                let known: Vec<&str> = known.iter().copied().collect();
                format!("write {}, or describe it in the service's `purposes: {{{name}: \"…\"}}`", among(&known))
            }
        };
        findings.push(place.error(Rule::Reference, format!("the purpose `{name}` has no description"), help));
    }
}

/// What tells a receiver whose record it is stays in every record.
pub fn refuse_own(of_name: &Governance, findings: &mut Vec<Finding>) {
    let purpose = of_name.purpose.iter().map(|(_, place)| place);
    let places = purpose.chain(of_name.expires.iter().map(|(_, place)| place));
    let help = "delete it here; an end in the `privacy` of the entity `service` ends all";
    findings.extend(places.map(|place| {
        let message = "`service.name` is in every record, and has no end or purpose of its own";
        place.error(Rule::Resource, message, help)
    }));
}

//! Reads `accept` of a `privacy` annotation: the warnings that a reviewer has seen and lets stand, each with why.

use super::declared::Accepted;
use super::finding::{Rule, WARNINGS};
use super::names;
use super::nodes::Value;
use super::walk::{Fields, Walk, among, cut};

/// The accepted warnings, in the order of the file.
pub fn accept(walk: &mut Walk<'_>, privacy: Fields<'_>) -> Vec<Accepted> {
    let Some(node) = privacy.get("accept") else { return Vec::new() };
    let known = WARNINGS.map(|(name, _)| name);
    let Value::Map(entries) = &node.value else {
        let help = format!("write `accept: {{<name>: \"why\"}}`, with {}", among(&known));
        walk.error(node.at, Rule::Shape, "`accept` names no warning", help);
        return Vec::new();
    };
    let mut accepted = Vec::new();
    for (key, why) in entries {
        let because = walk.sentence(why, "accept");
        match (WARNINGS.iter().find(|(name, _)| *name == key.name), because) {
            (Some((_, rule)), Some(_)) => accepted.push(Accepted { rule: *rule, place: walk.place(key.at) }),
            (Some(_), None) => {}
            (None, _) => {
                let help = match names::nearest(&key.name, known) {
                    Some(near) => format!("did you mean `{near}`? There are {}", among(&known)),
                    None => format!("there are {}", among(&known)),
                };
                walk.error(key.at, Rule::Value, format!("no warning is named `{}`", cut(&key.name)), help);
            }
        }
    }
    accepted
}

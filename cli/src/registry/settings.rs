//! Reads the program's settings in the service's annotation: how it asks, and how a person says no.

use std::collections::BTreeSet;

use scruple::registry::{Preset, ProgramSettings};

use super::declared::kept;
use super::finding::Rule;
use super::names;
use super::nodes::Node;
use super::walk::{Fields, Walk, cut};

/// The keys.
pub const KEYS: [&str; 5] = ["preset", "command", "place", "telemetry_variable", "opt_out_variables"];

/// Reads the five keys; a mistake is reported, and its key left out.
pub fn read(walk: &mut Walk<'_>, fields: Fields<'_>) -> ProgramSettings<'static> {
    let preset = fields.get("preset").and_then(|node| walk.choice(node, "preset", Preset::WORDS));
    let command = fields.get("command").and_then(|node| {
        let help = "write the program's words, without special characters of a shell, as in `command: words telemetry`";
        valid(walk, node, "command", names::is_command, Rule::Text, help)
    });
    let place = fields.get("place").and_then(|node| {
        let help =
            "write where the switch is, without `\"`, `$`, `` ` ``, `\\` and `!`, as in `place: Settings > Privacy`";
        valid(walk, node, "place", names::is_window_place, Rule::Text, help)
    });
    let telemetry_variable =
        fields.get("telemetry_variable").and_then(|node| variable(walk, node, "telemetry_variable"));
    let mut variables = Vec::new();
    let mut seen: BTreeSet<&str> = telemetry_variable.into_iter().collect();
    for node in walk.optional_items(fields, "opt_out_variables") {
        let Some(name) = variable(walk, node, "opt_out_variables") else { continue };
        if seen.insert(name) {
            variables.push(name);
            continue;
        }
        // A `1` would be a no by one key, and a yes by the other.
        let message = format!("`{name}` is named twice");
        walk.error(node.at, Rule::Duplicate, message, "name each variable once, in one of the two keys");
    }
    ProgramSettings { preset, command, place, telemetry_variable, opt_out_variables: variables.leak() }
}

fn variable(walk: &mut Walk<'_>, node: &Node, key: &str) -> Option<&'static str> {
    let help = "write the name of an environment variable: letters, digits and `_`, as in `WORDS_TELEMETRY`";
    valid(walk, node, key, names::is_variable, Rule::Name, help)
}

fn valid(
    walk: &mut Walk<'_>,
    node: &Node,
    key: &str,
    is_valid: fn(&str) -> bool,
    rule: Rule,
    help: &str,
) -> Option<&'static str> {
    let text = walk.text(node, key)?;
    if !is_valid(text) {
        walk.error(node.at, rule, format!("`{key}` can't be `{}`", cut(text)), help);
        return None;
    }
    Some(kept(text))
}

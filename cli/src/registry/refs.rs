//! References to attributes and groups, and the requirement levels they set.

use scruple::registry::RequirementLevel;

use super::finding::{Place, Rule};
use super::names;
use super::nodes::{Node, Value};
use super::prose::{self, Common};
use super::walk::{Fields, Walk, cut};

/// A reference to an attribute or a group.
#[derive(Clone)]
pub struct Ref {
    /// Where it stands.
    pub place: Place,
    /// What it names.
    pub to: Target,
    /// The requirement level it sets.
    pub level: Option<RequirementLevel>,
    /// The brief it sets.
    pub brief: Option<&'static str>,
}

/// What a reference names.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    /// An attribute, by key.
    Attribute(String),
    /// A group, by id.
    Group(String),
}

/// Whether a list may refer to groups.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Groups {
    /// As in spans, events and groups.
    Allowed,
    /// As in entities.
    Refused,
}

/// The references of a list.
pub fn refs(walk: &mut Walk<'_>, fields: Fields<'_>, key: &str, groups: Groups) -> Vec<Ref> {
    let items = walk.optional_items(fields, key);
    items.iter().filter_map(|node| reference(walk, node, groups)).collect()
}

/// A signal's own level says nothing about what is sent, so one that promises restraint can't be kept.
pub fn signal_level(walk: &mut Walk<'_>, fields: Fields<'_>) {
    if let Some(node) = fields.get("requirement_level")
        && level(walk, node) == Some(RequirementLevel::OptIn)
    {
        let help = "write `recommended` here, and `opt_in` on its attributes";
        walk.error(node.at, Rule::Unsupported, "only attributes of spans and events can be `opt_in`", help);
    }
}

/// A name and where it stands.
pub fn named(walk: &mut Walk<'_>, node: &Node, what: &str) -> Option<(String, Place)> {
    let name = walk.name(node, what)?;
    Some((name.to_owned(), walk.place(node.at)))
}

/// A group's id, which is not sent, and where it stands.
pub fn group_id(walk: &mut Walk<'_>, node: &Node, what: &str) -> Option<(String, Place)> {
    let text = walk.text(node, what)?;
    if !names::is_member_id(text) {
        let help = "use letters, digits, `_`, `-` and `.`, at most 128 bytes";
        walk.error(node.at, Rule::Name, format!("`{}` can't be a group's id", cut(text)), help);
        return None;
    }
    Some((text.to_owned(), walk.place(node.at)))
}

/// What a reference may say.
const REFINED: [&str; 8] =
    ["ref", "brief", "note", "stability", "deprecated", "examples", "requirement_level", "sampling_relevant"];

/// What only the declaration may say; of `annotations`, that is `privacy`.
const FIXED: [&str; 3] = ["type", "key", "annotations"];

fn reference(walk: &mut Walk<'_>, node: &Node, groups: Groups) -> Option<Ref> {
    let is_group = matches!(&node.value, Value::Map(entries) if entries.iter().any(|(key, _)| key.name == "ref_group"));
    if is_group && groups == Groups::Allowed {
        let fields = walk.fields(node, "a reference to a group", &["ref_group"])?;
        let (id, place) = walk.need(fields, "ref_group").and_then(|node| group_id(walk, node, "ref_group"))?;
        return Some(Ref { place, to: Target::Group(id), level: None, brief: None });
    }
    // What would change a type or treatment gets a remedy of its own.
    if let Value::Map(entries) = &node.value {
        for (key, node) in entries.iter().filter(|(key, _)| FIXED.contains(&key.name.as_str())) {
            if key.name == "annotations" && walk.privacy(node).is_none() {
                continue;
            }
            let message = format!("a reference can't change `{}`", key.name);
            walk.error(key.at, Rule::UnknownKey, message, "declare another attribute with a key of its own");
        }
    }
    let fields = walk.fields_but(node, "a reference", &REFINED, &FIXED)?;
    let key = walk.need(fields, "ref").and_then(|node| named(walk, node, "ref"));
    let brief = walk.optional_sentence(fields, "brief");
    prose::common(walk, fields, Common::Optional);
    if let Some(node) = fields.get("sampling_relevant") {
        walk.boolean(node, "sampling_relevant");
    }
    let level = fields.get("requirement_level").and_then(|node| level(walk, node));
    if groups == Groups::Refused && level == Some(RequirementLevel::OptIn) {
        let at = fields.get("requirement_level").map_or(node.at, |node| node.at);
        let help = "delete the reference, or write `recommended`: the resource is always sent whole";
        walk.error(at, Rule::Unsupported, "an attribute of the resource can't be `opt_in`", help);
    }
    let (key, place) = key?;
    Some(Ref { place, to: Target::Attribute(key), level, brief })
}

fn level(walk: &mut Walk<'_>, node: &Node) -> Option<RequirementLevel> {
    let Value::Map(entries) = &node.value else {
        return walk.choice(node, "requirement_level", RequirementLevel::WORDS);
    };
    let known = ["conditionally_required", "recommended", "opt_in"];
    let fields = walk.fields(node, "a requirement level", &known)?;
    let mut found = None;
    for (word, level) in
        known.iter().zip([RequirementLevel::Recommended, RequirementLevel::Recommended, RequirementLevel::OptIn])
    {
        if let Some(node) = fields.get(word) {
            walk.sentence(node, word);
            found = Some(level);
        }
    }
    if entries.len() != 1 || found.is_none() {
        let help = "write one of `required`, `recommended`, `opt_in` or `{conditionally_required: …}`";
        walk.error(node.at, Rule::Shape, "a requirement level is not one thing", help);
        return None;
    }
    found
}

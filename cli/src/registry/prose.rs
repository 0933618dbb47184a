//! What is said for people alone: notes, examples, stability and deprecation, of no consequence for what is sent.

use super::declared::Prose;
use super::finding::Rule;
use super::names;
use super::nodes::{Node, Value};
use super::walk::{Fields, Walk};

/// Whether `stability` has to be there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Common {
    /// As on attributes, signals and entities.
    Required,
    /// As on members and references.
    Optional,
}

/// `note`, `stability`, `deprecated` and `examples`: checked, and of no consequence for what is sent.
pub fn common(walk: &mut Walk<'_>, fields: Fields<'_>, required: Common) -> Prose {
    let note = walk.optional_sentence(fields, "note");
    let example = fields.get("examples").and_then(|node| {
        examples(walk, node);
        example(node)
    });
    if required == Common::Required {
        walk.need(fields, "stability");
    }
    stability(walk, fields);
    if let Some(node) = fields.get("deprecated") {
        deprecated(walk, node);
    }
    let examples = fields.get("examples").map(texts).unwrap_or_default();
    Prose { note, example, examples }
}

fn deprecated(walk: &mut Walk<'_>, node: &Node) {
    let Some(fields) = walk.fields(node, "`deprecated`", &["reason", "renamed_to", "note"]) else { return };
    let reasons = [("renamed", ()), ("obsoleted", ()), ("uncategorized", ()), ("unspecified", ())];
    if let Some(node) = walk.need(fields, "reason") {
        walk.choice(node, "reason", &reasons);
    }
    if let Some(node) = fields.get("renamed_to") {
        walk.name(node, "renamed_to");
    }
    walk.optional_sentence(fields, "note");
}

/// How settled it is.
pub fn stability(walk: &mut Walk<'_>, fields: Fields<'_>) {
    let words = ["stable", "development", "alpha", "beta", "release_candidate", "deprecated"].map(|word| (word, ()));
    if let Some(node) = fields.get("stability") {
        walk.choice(node, "stability", &words);
    }
}

/// A value, a list of values, or a list of lists of values.
fn examples(walk: &mut Walk<'_>, node: &Node) {
    let mut nested: Vec<(&Node, usize)> = vec![(node, 0)];
    while let Some((node, depth)) = nested.pop() {
        match &node.value {
            Value::Scalar(..) => {}
            Value::List(items) if depth < 2 => nested.extend(items.iter().map(|item| (item, depth + 1))),
            Value::List(_) | Value::Map(_) => {
                walk.error(node.at, Rule::Shape, "an example is not a value", "write a value, or a list of values");
            }
        }
    }
}

/// The first of several examples, which is a value, or a list of values for an attribute that is a list.
fn example(node: &Node) -> Option<String> {
    let text = match &node.value {
        Value::Scalar(_, text) => text.clone(),
        Value::List(items) => match &items.first()?.value {
            Value::Scalar(_, text) => text.clone(),
            Value::List(items) => {
                let values = items.iter().filter_map(|item| match &item.value {
                    Value::Scalar(_, text) => Some(text.as_str()),
                    Value::List(_) | Value::Map(_) => None,
                });
                values.collect::<Vec<_>>().join(", ")
            }
            Value::Map(_) => return None,
        },
        Value::Map(_) => return None,
    };
    names::is_wire_text(&text).then_some(text)
}

/// The values in a list of examples, however deep.
fn texts(node: &Node) -> Vec<String> {
    match &node.value {
        Value::Scalar(_, text) => vec![text.clone()],
        Value::List(items) => items.iter().flat_map(texts).collect(),
        Value::Map(_) => Vec::new(),
    }
}

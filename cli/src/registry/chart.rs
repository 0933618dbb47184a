//! The annotation `chart` of a span or event: pairs of attributes that a report counts together.

use super::declared::ChartPair;
use super::finding::Rule;
use super::nodes::{Node, Value};
use super::walk::Walk;

/// How the annotation is written.
const WRITTEN: &str = "chart: [[a.format, os.type]]";

/// Reads the pairs of a signal's annotations.
pub fn pairs(walk: &mut Walk<'_>, annotations: &Node) -> Vec<ChartPair> {
    let Some(node) = walk.annotation(annotations, "chart", WRITTEN) else { return Vec::new() };
    let items = walk.items(node, "chart").unwrap_or_default();
    items.iter().filter_map(|item| pair(walk, item)).collect()
}

fn pair(walk: &mut Walk<'_>, node: &Node) -> Option<ChartPair> {
    let Value::List(keys) = &node.value else { return not_a_pair(walk, node) };
    let [one, other] = keys.as_slice() else { return not_a_pair(walk, node) };
    let [one, other] = [one, other].map(|node| Some((walk.name(node, "chart")?.to_owned(), walk.place(node.at))));
    let keys = [one?, other?];
    if keys[0].0 == keys[1].0 {
        let message = format!("`{}` is paired with itself", keys[0].0);
        walk.error(
            keys[1].1.at,
            Rule::Duplicate,
            message,
            "write two different keys; each attribute alone is counted anyway",
        );
        return None;
    }
    Some(ChartPair { keys })
}

fn not_a_pair(walk: &mut Walk<'_>, node: &Node) -> Option<ChartPair> {
    let help = format!("write two keys in brackets inside of the list's, as in `{WRITTEN}`");
    walk.error(node.at, Rule::Shape, "an item of `chart` is not a pair of keys", help);
    None
}

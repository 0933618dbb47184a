//! No file needs another that needs it, straight or around.

use crate::graph::{Graph, graphs};
use crate::tree::{Package, workspace};
use std::collections::{BTreeMap, BTreeSet};

/// The circles of a graph: files that all reach each other, two at least.
fn circles(graph: &Graph) -> Vec<BTreeSet<&str>> {
    let reach = |from: &str| {
        let mut reached = BTreeSet::new();
        let mut left: Vec<&str> = graph.edges.get(from).into_iter().flatten().map(String::as_str).collect();
        while let Some(file) = left.pop() {
            if reached.insert(file) {
                left.extend(graph.edges.get(file).into_iter().flatten().map(String::as_str));
            }
        }
        reached
    };
    let reached: BTreeMap<&str, BTreeSet<&str>> = graph.edges.keys().map(|file| (file.as_str(), reach(file))).collect();
    let both = |one: &str, other: &str| reached.get(other).is_some_and(|back| back.contains(one));
    let mut circles = BTreeSet::new();
    for (file, reach) in &reached {
        circles.insert(reach.iter().copied().filter(|other| both(file, other)).collect::<BTreeSet<_>>());
    }
    circles.into_iter().filter(|circle| !circle.is_empty()).collect()
}

/// The circles of a package, each with the edges inside it.
fn check(package: &Package) -> Vec<String> {
    let mut wrong = Vec::new();
    for graph in graphs(package) {
        for circle in circles(&graph) {
            let mut text = "a circle of files:".to_owned();
            for file in &circle {
                let inside = graph.edges[*file].iter().filter(|to| circle.contains(to.as_str()));
                text += &format!("\n    {file} -> {}", inside.cloned().collect::<Vec<_>>().join(", "));
            }
            wrong.push(text);
        }
    }
    wrong
}

#[test]
fn no_file_needs_one_that_needs_it() {
    let wrong: Vec<_> = workspace().iter().flat_map(check).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

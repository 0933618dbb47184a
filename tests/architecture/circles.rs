//! No file needs another that needs it, straight or around.

use crate::graph::{Graph, graphs};
use crate::tree::{Package, assert_none, workspace};
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
fn no_file_is_in_a_circle() {
    assert_none(workspace().iter().flat_map(check));
}

/// Broken: a circle of three, by an import, a path in code and one in a macro, past re-exports and through `super`.
#[test]
fn a_circle_is_found() {
    let package = Package::made_up(&[
        ("src/lib.rs", "mod one; mod two; mod three; pub use one::One; pub use two::inner::Two;"),
        ("src/one.rs", "use crate::Two; pub struct One(Two);"),
        ("src/two.rs", "pub mod inner { pub struct Two; pub fn three() { super::super::three::run() } }"),
        ("src/three.rs", "pub fn run() { assert!(matches!(super::One::new(), None)) }"),
    ]);
    let circle = "a circle of files:\n    src/one.rs -> src/two.rs\n    src/three.rs -> src/one.rs\n    \
                  src/two.rs -> src/three.rs";
    assert_eq!(check(&package), [circle]);
}

/// Broken: a child that needs its parent, which needs the child.
#[test]
fn a_circle_of_parent_and_child_is_found() {
    let package = Package::made_up(&[
        ("src/lib.rs", "pub mod outer;"),
        ("src/outer.rs", "mod inner; pub struct Outer; impl Outer { fn go() { inner::go() } }"),
        ("src/outer/inner.rs", "use super::*; pub fn go() -> Outer { Outer }"),
    ]);
    assert_eq!(check(&package).len(), 1);
}

#[test]
fn a_re_export_and_a_test_are_no_edges() {
    let package = Package::made_up(&[
        ("src/lib.rs", "pub mod outer;"),
        ("src/outer.rs", "mod inner; pub use inner::Inner; pub struct Outer;"),
        ("src/outer/inner.rs", "pub struct Inner(super::Outer); #[cfg(test)] mod tests;"),
        ("src/outer/inner/tests.rs", "use super::Inner;"),
    ]);
    assert_eq!(check(&package), [""; 0]);
}

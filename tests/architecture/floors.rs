//! The floors of the library: each module names modules below it alone, and those that the table lists.

use crate::graph::{Graph, graphs};
use crate::tree::{Package, assert_none, workspace};
use std::collections::BTreeSet;

/// From the ground up: a module, and which modules below it it names. `check` and `registry` are crates of their own.
const FLOORS: &[(&str, &[&str])] = &[
    ("limits", &[]),
    ("process", &[]),
    ("sync", &[]),
    ("threads", &[]),
    ("files", &["limits", "process", "registry"]),
    ("identity", &["files", "limits", "process", "registry"]),
    ("privacy", &["identity", "registry"]),
    ("recorder", &["privacy"]),
    ("layer", &["privacy", "process", "recorder", "registry", "sync"]),
    ("gate", &["layer", "privacy", "process", "recorder", "registry", "sync"]),
    ("encode", &["privacy", "registry"]),
    ("consent", &["files", "identity", "limits", "registry", "sync"]),
    ("policy", &["identity", "limits"]),
    ("http", &["encode", "files", "limits", "process", "registry", "sync", "threads"]),
    ("forward", &["consent", "encode", "files", "http", "limits", "privacy", "process", "registry", "sync", "threads"]),
    ("spool", &["consent", "encode", "files", "identity", "limits", "privacy", "process", "registry", "sync"]),
    (
        "upload",
        &["check", "encode", "files", "http", "identity", "limits", "policy", "privacy", "registry", "spool", "sync"],
    ),
    (
        "pipeline",
        &[
            "consent", "encode", "files", "forward", "gate", "identity", "layer", "limits", "policy", "privacy",
            "process", "recorder", "registry", "spool", "sync", "threads", "upload",
        ],
    ),
    ("testing", &["check", "identity", "pipeline", "registry"]),
    ("lib", &[]),
];

/// The ground: crates of their own.
const CRATES: [&str; 2] = ["check", "registry"];

/// The module that a file of the library is in: `layer` for `src/layer.rs` and all below `src/layer/`.
fn module(file: &str) -> String {
    let below = file.trim_start_matches("src/").trim_end_matches(".rs");
    below.split('/').next().unwrap_or(below).to_owned()
}

fn check(package: &Package, floors: &[(&str, &[&str])]) -> Vec<String> {
    let mut walked = BTreeSet::new();
    let mut wrong = BTreeSet::new();
    for Graph { edges, crates, .. } in graphs(package) {
        let files = edges.iter().flat_map(|(from, to)| to.iter().map(move |to| (from.clone(), module(to))));
        for (from, to) in files.chain(crates).filter(|(from, to)| module(from) != *to) {
            let row = floors.iter().find(|(name, _)| *name == module(&from));
            if !row.is_some_and(|(_, below)| below.contains(&to.as_str())) {
                wrong.insert(format!("{from}: {} may not name {to}", module(&from)));
            }
            walked.insert((module(&from), to));
        }
    }
    for (floor, (name, below)) in floors.iter().enumerate() {
        for to in *below {
            if !walked.contains(&((*name).to_owned(), (*to).to_owned())) {
                wrong.insert(format!("the table: {name} does not name {to}"));
            }
            if !CRATES.contains(to) && !floors[..floor].iter().any(|(lower, _)| lower == to) {
                wrong.insert(format!("the table: {to} is not below {name}"));
            }
        }
    }
    for name in package.files.keys().map(|file| module(file)).filter(|name| name != "build") {
        if !floors.iter().any(|(row, _)| *row == name) {
            wrong.insert(format!("the table: no row {name}"));
        }
    }
    wrong.into_iter().collect()
}

#[test]
fn a_module_names_modules_below_it() {
    let library = &workspace()[0];
    assert_none(check(library, FLOORS));
}

/// Broken: an edge upwards, by an import or by a path, past a re-export; one that is not there, and a module without a row.
#[test]
fn an_edge_that_the_table_does_not_have_is_found() {
    let package = Package::made_up(&[
        ("src/lib.rs", "mod high; mod low; mod other; pub use high::Top; use scruple_registry as registry;"),
        ("src/high.rs", "mod inner; pub use inner::Top; use crate::low::Base; struct High(Base);"),
        ("src/high/inner.rs", "pub struct Top;"),
        (
            "src/low.rs",
            "pub struct Base; fn up() -> crate::Top { make!(crate::high::Top) } use crate::registry::Tables;",
        ),
        ("src/other.rs", "fn alone() { let high = 1; }"),
    ]);
    let floors: &[(&str, &[&str])] = &[("low", &["registry"]), ("high", &["low", "registry"]), ("lib", &["registry"])];
    assert_eq!(
        check(&package, floors),
        ["src/low.rs: low may not name high", "the table: high does not name registry", "the table: no row other"],
    );
    let floors: &[(&str, &[&str])] =
        &[("low", &["high", "registry"]), ("high", &["low"]), ("other", &[]), ("lib", &["registry"])];
    assert_eq!(check(&package, floors), ["the table: high is not below low"]);
}

//! The README and the quickstart say the same.

use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The lines of the README's blocks in this language, without what indents them.
fn blocks(language: &str) -> Vec<String> {
    let readme = read("../../README.md");
    let mut lines = readme.lines();
    let mut found = Vec::new();
    while lines.any(|line| line.strip_prefix("```").is_some_and(|named| named.split(',').next() == Some(language))) {
        found.extend(lines.by_ref().take_while(|line| *line != "```").map(|line| line.trim().to_owned()));
    }
    found.retain(|line| !line.is_empty());
    assert!(!found.is_empty(), "{language}");
    found
}

/// Lines without what indents and aligns them.
fn lines(path: &str) -> Vec<String> {
    read(path).lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[track_caller]
fn check(language: &str, paths: &[&str]) {
    let there: Vec<_> = paths.iter().flat_map(|path| lines(path)).collect();
    for line in blocks(language) {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(there.contains(&line), "the README has a line that {paths:?} has not: {line}");
    }
}

#[test]
fn every_line_of_the_readmes_program_is_the_quickstarts() {
    check("rust", &["src/main.rs"]);
}

#[test]
fn every_line_of_the_readmes_registry_is_the_quickstarts() {
    check("yaml", &["telemetry/usage.yaml", "telemetry/manifest.yaml"]);
}

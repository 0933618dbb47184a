//! The README, the guide for a command line and the quickstart say the same.

use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The lines of the guide's blocks in this language, without what indents them.
fn blocks(language: &str) -> Vec<String> {
    let guide = read("../../docs/command-line.md");
    let mut lines = guide.lines();
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
        assert!(there.contains(&line), "the guide has a line that {paths:?} has not: {line}");
    }
}

#[test]
fn every_line_of_the_guides_program_is_the_quickstarts() {
    check("rust", &["src/main.rs", "src/plain.rs", "tests/words/covered.rs"]);
}

#[test]
fn every_line_of_the_guides_registry_is_the_quickstarts() {
    check("yaml", &["telemetry/usage.yaml", "telemetry/manifest.yaml"]);
}

#[test]
fn the_readme_shows_the_quickstarts_notice() {
    let notice = read("../../cli/tests/notices/quickstart.txt");
    assert!(read("../../README.md").contains(&format!("```text\n{notice}```\n")), "{notice}");
}

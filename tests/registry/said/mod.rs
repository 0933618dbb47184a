//! What registries say: each change with its verdict and sentence, and that texts are read strictly.

mod changes;
mod joined;
mod refused;
mod registries;
mod tables;

use std::collections::BTreeSet;

use scruple::registry::snapshot::{Direction, Snapshot, changes, is_wider};

/// A registry with every treatment. [`tables::WORDS`] says the same.
const WORDS: &str = include_str!("words.txt");

/// Another text: the lines of `gone` taken out of it, those of `come` put in, sorted.
fn edited(text: &str, gone: &str, come: &str) -> String {
    let mut lines: BTreeSet<&str> = text.lines().collect();
    for line in gone.lines() {
        assert!(lines.remove(line), "{line} is not there");
    }
    for line in come.lines() {
        assert!(lines.insert(line), "{line} is there already");
    }
    lines.into_iter().map(|line| format!("{line}\n")).collect()
}

/// The changes between two texts as lines, `wider: …`.
fn lines(old: &str, new: &str) -> Vec<String> {
    let (old, new) = (Snapshot::parse(old).expect("canonical"), Snapshot::parse(new).expect("canonical"));
    let changes = changes(&old, &new);
    let wider = changes.iter().any(|change| change.direction == Direction::Wider);
    assert_eq!(is_wider(&old, &new), wider);
    changes.iter().map(|change| format!("{}: {change}", change.direction)).collect()
}

/// The blocks of a section of a text file: `== section`, then blocks with empty lines between them.
fn blocks<'t>(text: &'t str, section: &str) -> Vec<&'t str> {
    let sections = text.split("== ").filter_map(|part| part.split_once('\n'));
    let found = sections.filter(|(name, _)| *name == section).flat_map(|(_, blocks)| blocks.split("\n\n"));
    found.map(str::trim_end).filter(|block| block.lines().any(|line| !line.starts_with('#'))).collect()
}

/// The lines of a block that begin with a mark, without it.
fn marked(block: &str, mark: char) -> String {
    let lines = block.lines().filter_map(|line| line.strip_prefix(mark)?.strip_prefix(' '));
    lines.collect::<Vec<_>>().join("\n")
}

//! Whatever a folder holds: a registry or findings with places, never a panic.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use scruple::registry::snapshot::Snapshot;
use scruple_cli::codegen;
use scruple_cli::registry::{self, Colour};

/// What a mutation puts in: what YAML, the format and the rules are made of.
const PIECES: [&str; 64] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ": ",
    "- ",
    ",",
    "\n",
    "\n  ",
    "\n    - ",
    " ",
    "\t",
    "\"",
    "'",
    "\\",
    "|",
    ">",
    "|\n",
    "&a ",
    "*a",
    "!!str ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "#",
    " #",
    "?",
    "? ",
    "~",
    "null",
    "true",
    "1",
    "-1",
    "0.5",
    "99999999999999999999",
    "\u{feff}",
    "\u{0}",
    "\u{1b}[2J",
    "\u{202e}",
    "\u{85}",
    "\u{2028}",
    "é",
    "\u{10ffff}",
    "\r",
    "\r\n",
    "ref: mlnet.task",
    "ref_group: mlnet.place_of_work",
    "privacy",
    "from",
    "from: hash",
    "below: 3",
    "type: string",
    "members: []",
    "annotations: {privacy: {}}",
    "annotations: {}",
    "attributes:",
    "key: a.b",
    "identity: []",
    "name: a",
    "<<: ",
    "{}",
    "[]",
    "\u{1f600}",
];

#[derive(Debug, Clone)]
enum Mutation {
    Insert(Index, &'static str),
    Delete(Index, usize),
    Copy(Index, usize, Index),
    Replace(Index, usize, &'static str),
    Truncate(Index),
    DropLine(Index),
    SwapLines(Index, Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let (at, piece, length) = (any::<Index>, || select(&PIECES[..]), || 0..40usize);
    prop_oneof![
        (at(), piece()).prop_map(|(at, piece)| Mutation::Insert(at, piece)),
        (at(), length()).prop_map(|(at, length)| Mutation::Delete(at, length)),
        (at(), length(), at()).prop_map(|(from, length, to)| Mutation::Copy(from, length, to)),
        (at(), length(), piece()).prop_map(|(at, length, piece)| Mutation::Replace(at, length, piece)),
        at().prop_map(Mutation::Truncate),
        at().prop_map(Mutation::DropLine),
        (at(), at()).prop_map(|(a, b)| Mutation::SwapLines(a, b)),
    ]
}

fn apply(text: &str, mutation: &Mutation) -> String {
    let chars: Vec<char> = text.chars().collect();
    let place = |index: &Index| index.index(chars.len() + 1);
    let span = |from: usize, to: usize| chars.iter().skip(from).take(to.saturating_sub(from)).collect::<String>();
    let (start, end) = (0, chars.len());
    let mut lines: Vec<&str> = text.split('\n').collect();
    match mutation {
        Mutation::Insert(at, piece) => span(start, place(at)) + piece + &span(place(at), end),
        Mutation::Delete(at, length) => span(start, place(at)) + &span(place(at) + length, end),
        Mutation::Copy(from, length, to) => {
            span(start, place(to)) + &span(place(from), place(from) + length) + &span(place(to), end)
        }
        Mutation::Replace(at, length, piece) => span(start, place(at)) + piece + &span(place(at) + length, end),
        Mutation::Truncate(at) => span(start, place(at)),
        Mutation::DropLine(at) => {
            lines.remove(at.index(lines.len()));
            lines.join("\n")
        }
        Mutation::SwapLines(a, b) => {
            let (a, b) = (a.index(lines.len()), b.index(lines.len()));
            lines.swap(a, b);
            lines.join("\n")
        }
    }
}

/// A registry that generates, or findings that can be shown. Says which.
fn check(files: &[(&str, &[u8])]) -> Result<bool, TestCaseError> {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("a file");
    }
    let findings = match registry::read(folder.path()) {
        Ok(owned) => {
            let generated = codegen::generate(&owned, "mlnet", codegen::Tables::Scruple);
            prop_assert!(generated.chars().all(is_shown), "{}", generated);
            prop_assert!(owned.registry().attributes.is_sorted_by(|a, b| a.key < b.key));
            let text = owned.text();
            prop_assert_eq!(Snapshot::parse(&text), Ok(Snapshot::of(&[&owned.registry()])), "{}", text);
            return Ok(true);
        }
        Err(findings) => findings,
    };
    prop_assert!(!findings.is_empty());
    prop_assert!(findings.is_sorted());
    for finding in findings {
        let shown = finding.render(Colour::Off).to_string();
        prop_assert_eq!(shown.lines().count(), 2, "{}", shown);
        prop_assert!(shown.chars().all(is_shown), "{}", shown);
        prop_assert!((finding.line == 0) == (finding.column == 0));
    }
    Ok(false)
}

/// Nothing that steers a terminal or hides its neighbours.
fn is_shown(c: char) -> bool {
    c == '\n' || !(c.is_control() || matches!(c, '\u{202e}' | '\u{2028}' | '\u{feff}'))
}

fn example(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/registries/treatments");
    fs::read_to_string(folder.join(file)).expect("the example is there")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_mutated_registry_is_read_or_refused(which in 0..4usize, mutations in prop::collection::vec(mutation(), 1..6)) {
        let names = ["attributes.yaml", "manifest.yaml", "resource.yaml", "signals.yaml"];
        let mut texts = names.map(example);
        for mutation in &mutations {
            texts[which] = apply(&texts[which], mutation);
        }
        let files: Vec<(&str, &[u8])> = names.into_iter().zip(texts.iter().map(String::as_bytes)).collect();
        check(&files)?;
    }

    #[test]
    fn pieces_of_yaml_are_read_or_refused(pieces in prop::collection::vec(select(&PIECES[..]), 0..60)) {
        let text = pieces.concat();
        check(&[("manifest.yaml", example("manifest.yaml").as_bytes()), ("a.yaml", text.as_bytes())])?;
    }

    #[test]
    fn bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&[("manifest.yaml", &bytes), ("a.yaml", &bytes)])?;
    }
}

//! Words that the code does not use any more, each with the field's word for it.

use crate::tree::{Package, assert_none, is_generated, workspace};
use proc_macro2::{TokenStream, TokenTree};
use std::collections::BTreeSet;

/// Where a word is not written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    /// As the name of a type. Elsewhere it is an ordinary word, or part of another name.
    Type,
    /// As any name in code.
    Name,
    /// Also in comments and texts, in any case.
    Anywhere,
}

use Where::{Anywhere, Name, Type};

/// The word, where it is not written, and what to write instead.
const RETIRED: &[(&str, Where, &str)] = &[
    ("Again", Type, "Retry"),
    ("Around", Type, "Environment"),
    ("Ask", Type, "PolicySource"),
    ("Because", Type, "Reason"),
    ("Begins", Type, "CollectionStart"),
    ("Begun", Type, "SignalState"),
    ("Bell", Type, "a channel"),
    ("bell", Name, "a channel"),
    ("Carry", Type, "UploadTransport"),
    ("Closing", Type, "Shutdown"),
    ("Desk", Type, "LineReader"),
    ("desk", Name, "reader"),
    ("Door", Name, "LayerHandle"),
    ("doors", Name, "layers and gates"),
    ("errand", Anywhere, "UploaderConfig, or job"),
    ("Fate", Type, "LastResult"),
    ("Fault", Type, "ParseErrorKind"),
    ("Forms", Type, "SdkConverter"),
    ("Grain", Type, "TimeResolution"),
    ("impassable", Anywhere, "NetworkConfigError"),
    ("ingredients", Anywhere, "SanitizerConfig"),
    ("Inside", Type, "Shared, or the name of what is shared"),
    ("LastLook", Type, "GuardedExporter"),
    ("Level", Type, "RequirementLevel"),
    ("Meaning", Type, "ResponseClass"),
    ("Memory", Type, "PolicyState"),
    ("Narrow", Type, "PolicyFilter"),
    ("OffSession", Type, "ForeignSession"),
    ("Opening", Type, "ExportContext"),
    ("Parts", Type, "PipelineConfig"),
    ("Pause", Type, "Backoff"),
    ("Records", Type, "RecordLayer"),
    ("Ring", Type, "a channel"),
    ("Road", Name, "NetworkConfig or Route"),
    ("road", Anywhere, "network, or route"),
    ("Said", Type, "Snapshot"),
    ("sieve", Anywhere, "sanitizer"),
    ("tally", Anywhere, "drop counts"),
    ("Terms", Type, "Declarations"),
    ("Told", Type, "NoticeState"),
    ("Trouble", Type, "FileError"),
    ("Unsound", Name, "InvalidRegistry"),
    ("way out", Anywhere, "exporter"),
    ("WayOut", Name, "Exporter"),
    ("way_out", Name, "exporter"),
    ("ways out", Anywhere, "exporters"),
    ("Ways", Type, "NoticeContext"),
    ("Whose", Type, "Access"),
    ("Withheld", Type, "DropReason"),
    ("Word", Type, "OptOutFile"),
];

/// The names in code, and those of them that name a type where they stand.
fn names(tokens: TokenStream, all: &mut BTreeSet<String>, types: &mut BTreeSet<String>) {
    let mut before = String::new();
    for token in tokens {
        match token {
            TokenTree::Ident(name) => {
                let name = name.to_string();
                if ["struct", "enum", "union", "trait", "type"].contains(&before.as_str()) {
                    types.insert(name.clone());
                }
                all.insert(name.clone());
                before = name;
            }
            TokenTree::Group(group) => names(group.stream(), all, types),
            TokenTree::Punct(_) | TokenTree::Literal(_) => before.clear(),
        }
    }
}

/// Whether a text has a word, with no letter, digit or underscore beside it.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part))
}

fn check(package: &Package) -> Vec<String> {
    let mut wrong = Vec::new();
    for (file, text) in &package.files {
        if is_generated(text) {
            continue;
        }
        let (mut all, mut types) = (BTreeSet::new(), BTreeSet::new());
        let tokens: TokenStream = text.parse().unwrap_or_else(|why| panic!("{file}: {why}"));
        names(tokens, &mut all, &mut types);
        let lines: Vec<_> = text.lines().map(str::to_lowercase).collect();
        for (word, place, instead) in RETIRED {
            let places: Vec<_> = match place {
                Type => types.get(*word).map(|_| file.clone()).into_iter().collect(),
                Name => all.get(*word).map(|_| file.clone()).into_iter().collect(),
                Anywhere => {
                    let lines = lines.iter().enumerate().filter(|(_, line)| has_word(line, word));
                    lines.map(|(number, _)| format!("{file}:{}", number + 1)).collect()
                }
            };
            wrong.extend(places.into_iter().map(|place| format!("{place}: instead of {word:?} write {instead}")));
        }
    }
    wrong
}

#[test]
fn no_retired_word_is_written() {
    let is_ours = |package: &&Package| package.files.keys().all(|file| !file.starts_with("examples/"));
    assert_none(workspace().iter().filter(is_ours).flat_map(check));
}

/// Broken: a type, a name, a text and a comment; and what is allowed: an ordinary word, and part of another name.
#[test]
fn a_retired_word_is_found() {
    let package = Package::made_up(&[
        (
            "src/fine.rs",
            "//! A line; the told.\nstruct Told1; fn sieve_of(told: Told) { \"Withheld, Doors\"; r.withheld() }",
        ),
        ("src/generated.rs", "//! Generated by a test.\nstruct Sieve;"),
        ("src/wrong.rs", "// The Way\n// out, or a way out.\nstruct Told;\nfn go() {\n    let doors = \"TALLY\";\n}"),
    ]);
    assert_eq!(
        check(&package),
        [
            "src/wrong.rs: instead of \"doors\" write layers and gates",
            "src/wrong.rs:5: instead of \"tally\" write drop counts",
            "src/wrong.rs: instead of \"Told\" write NoticeState",
            "src/wrong.rs:2: instead of \"way out\" write exporter",
        ],
    );
}

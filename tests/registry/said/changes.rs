//! Single changes, each made and taken back: which way it goes, and the sentence about it.

use scruple::consent::Reason;
use scruple::registry::snapshot::{Direction, Snapshot, changes};
use std::collections::BTreeSet;

use super::{WORDS, blocks, edited, lines, marked};

/// Changes in blocks: the lines that go (`-`) and come (`+`), and the sentences about that (`>`) and about the way back
/// (`<`).
const CHANGES: &str = include_str!("changes.txt");

/// Makes each change of a section, and takes it back.
#[track_caller]
fn check_all(section: &str) {
    let blocks = blocks(CHANGES, section);
    assert!(!blocks.is_empty(), "{section}");
    for block in blocks {
        let [gone, come, forth, back] = ['-', '+', '>', '<'].map(|mark| marked(block, mark));
        check(&gone, &come, &forth, &back);
    }
}

#[track_caller]
fn check(gone: &str, come: &str, forth: &str, back: &str) {
    let new = edited(WORDS, gone, come);
    assert_eq!(lines(WORDS, &new), [forth], "-{gone}\n+{come}");
    assert_eq!(lines(&new, WORDS), [back], "-{come}\n+{gone}");
}

#[test]
fn a_change_of_the_service_has_its_direction() {
    check_all("a_change_of_the_service_has_its_direction");
}

#[test]
fn a_change_of_a_signal_has_its_direction() {
    check_all("a_change_of_a_signal_has_its_direction");
    // In the text itself only what has to be escaped is.
    check(
        r#"event "words.start" brief "It started.""#,
        "event \"words.start\" brief \"\\u001bIt\\u0000 began\u{202e}.\"",
        r#"other: the event words.start is now described as "\u{1b}It\0 began\u{202e}.""#,
        r#"other: the event words.start is now described as "It started.""#,
    );
}

#[test]
fn a_change_of_an_attribute_has_its_direction() {
    check_all("a_change_of_an_attribute_has_its_direction");
    // Both know upper and lower case only: neither says more than the other.
    let lower =
        edited(WORDS, r#"attribute "words.license" normalize none"#, r#"attribute "words.license" normalize lower"#);
    let upper =
        edited(WORDS, r#"attribute "words.license" normalize none"#, r#"attribute "words.license" normalize upper"#);
    assert_eq!(lines(&lower, &upper), ["other: words.license is now hashed in upper case, before in lower case"]);
}

#[test]
fn an_end_is_compared_beside_that_of_the_service() {
    let text = |service: &str, span: &str| {
        let line = |start: &str, end: &str| (!end.is_empty()).then(|| format!("{start} expires {end}"));
        let come = [line("service", service), line("span \"words.run\"", span)];
        edited(WORDS, "", &come.into_iter().flatten().collect::<Vec<_>>().join("\n"))
    };
    let check = |old: &str, new: &str, expected: &[&str]| assert_eq!(lines(old, new), expected, "{old}\n{new}");
    // The span ended with the service, and still does: a later end of the service is said once.
    let later = "wider: com.example.words now collects until 2028-06-30, before until 2027-06-30";
    check(&text("2027-06-30", ""), &text("2028-06-30", ""), &[later]);
    check(&text("2027-06-30", ""), &text("2028-06-30", "2027-06-30"), &[later]);
    let span = "wider: the span words.run is now collected until 2028-06-30, before until 2027-03-31";
    check(&text("2028-06-30", "2027-03-31"), &text("2028-06-30", ""), &[span]);
    check(&text("2027-06-30", "2027-03-31"), &text("2028-06-30", ""), &[later, span]);
    let both = edited(&text("2027-06-30", ""), "service expires 2027-06-30", "service expires_version 2.0.0");
    check(
        &text("2027-06-30", ""),
        &both,
        &[
            "wider: com.example.words now collects without a last day, before until 2027-06-30",
            "narrower: com.example.words now collects until version 2.0.0, before in every version",
        ],
    );
}

#[test]
fn a_purpose_is_never_agreed_to_with_another() {
    let failures = edited(WORDS, "", "span \"words.run\" purpose failures");
    let moved = "the span words.run is now for failures, before for usage";
    let named = "com.example.words now also collects for failures";
    assert_eq!(lines(WORDS, &failures), [format!("wider: {named}"), format!("wider: {moved}")]);
    let back = "wider: the span words.run is now for usage, before for failures";
    assert_eq!(lines(&failures, WORDS), [back, "narrower: com.example.words no longer collects for failures"]);
    let described = edited(&failures, "", "purpose failures \"Only crashes.\"");
    let words = |now: &str| format!("wider: com.example.words now describes the purpose failures as \"{now}\"");
    assert_eq!(lines(&failures, &described), [words("Only crashes.")]);
    assert_eq!(lines(&described, &failures), [words("What goes wrong in the program.")]);
    let both = edited(WORDS, "", "attribute \"words.unit\" purpose environment");
    let narrower = "narrower: words.unit is now also for environment".to_owned();
    assert_eq!(
        lines(WORDS, &both),
        ["wider: com.example.words now also collects for environment".to_owned(), narrower]
    );
}

#[test]
fn wider_changes_come_first() {
    let new = edited(
        WORDS,
        "event \"words.start\" brief \"It started.\"\nevent \"words.start\" time hour\nservice name \"words\"\n\
         attribute \"words.unit\" member \"line\"",
        "attribute \"words.unit\" member \"page\"\nevent \"words.read\" attribute \"words.count\" recommended\n\
         attribute \"words.unit\" member \"char\"\nservice name \"wc\"",
    );
    assert_eq!(
        lines(WORDS, &new),
        [
            "wider: the event words.read now also carries words.count",
            r#"wider: words.unit may now also be "char""#,
            r#"wider: words.unit may now also be "page""#,
            "narrower: the event words.start is gone",
            r#"narrower: words.unit may no longer be "line""#,
            r#"other: com.example.words now calls itself "wc""#,
        ]
    );
}

#[test]
fn each_wider_change_is_named_where_a_person_is_told_of_it() {
    let mut kinds = BTreeSet::new();
    for block in CHANGES.split("\n\n") {
        let [gone, come] = ['-', '+'].map(|mark| marked(block, mark));
        let new = edited(WORDS, &gone, &come);
        for (before, after) in [(WORDS, &*new), (&new, WORDS)] {
            let (before, after) = (Snapshot::parse(before).unwrap(), Snapshot::parse(after).unwrap());
            let wider = changes(&before, &after).into_iter().filter(|change| change.direction == Direction::Wider);
            kinds.extend(wider.map(|change| change.what));
        }
    }
    assert!(kinds.len() > 10, "{kinds:?}");
    for kind in kinds {
        let told = Reason::Wider(kind).to_string();
        assert!(!told.ends_with("other facts"), "a person is told of {kind:?}: {told}");
    }
}

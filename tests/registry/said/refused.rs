//! What the writer of canonical texts would not have written is refused, with its line.

use scruple::registry::snapshot::{ParseError, ParseErrorKind, Snapshot};

use super::{WORDS, blocks, edited, marked};

/// Texts in blocks: the lines that go (`-`) and come (`+`), the line that is refused by its beginning (`@`), and why (`!`).
const REFUSED: &str = include_str!("refused.txt");

#[track_caller]
fn refused(text: &str, begin: &str, why: ParseErrorKind) {
    let at = text.split('\n').position(|line| line.starts_with(begin)).expect("there is such a line");
    assert_eq!(Snapshot::parse(text).map(|_| ()), Err(ParseError { line: at + 1, why }), "{text}");
}

#[test]
fn another_fact_is_refused() {
    use ParseErrorKind::{Double, Misfit, Missing, Undeclared, Unknown, Version};
    for block in blocks(REFUSED, "another_fact_is_refused") {
        let [gone, come, begin, why] = ['-', '+', '@', '!'].map(|mark| marked(block, mark));
        let why = match why.as_str() {
            "Double" => Double,
            "Misfit" => Misfit,
            "Missing" => Missing,
            "Undeclared" => Undeclared,
            "Unknown" => Unknown,
            "Version" => Version,
            other => panic!("what is {other}?"),
        };
        refused(&edited(WORDS, &gone, &come), &begin, why);
    }
    // What a text file would not keep.
    refused(&edited(WORDS, "registry 1", "registry 1 "), "registry", Version);
    refused(&edited(WORDS, "service name \"words\"", "service name \"wo\trds\""), "service name", Unknown);
    refused(&edited(WORDS, "service name \"words\"", "service name \"words\" "), "service name", Unknown);
    refused(&edited(WORDS, "service time second", "service time second\r"), "service time", Unknown);
}

#[test]
fn another_order_or_end_is_refused() {
    let check = |text: &str, line, why| {
        assert_eq!(Snapshot::parse(text).map(|_| ()), Err(ParseError { line, why }), "{text}");
    };
    let lines: Vec<&str> = WORDS.lines().collect();
    let count = lines.len();
    check("", 1, ParseErrorKind::Unfinished);
    check(WORDS.trim_end(), count, ParseErrorKind::Unfinished);
    check("\n", 1, ParseErrorKind::Version);
    check(&format!("\n{WORDS}"), 1, ParseErrorKind::Version);
    check(&format!("{WORDS}\n"), count + 2, ParseErrorKind::Version);
    check(&format!("{WORDS}\n\n"), count + 2, ParseErrorKind::Version);
    check(&WORDS.replace('\n', "\r\n"), 1 + at(WORDS, "registry"), ParseErrorKind::Version);
    for at in 1..count {
        let mut swapped = lines.clone();
        swapped.swap(at - 1, at);
        check(&(swapped.join("\n") + "\n"), at + 1, ParseErrorKind::Order);
        let repeated = [&lines[..at], &lines[at - 1..]].concat();
        check(&(repeated.join("\n") + "\n"), at + 1, ParseErrorKind::Order);
    }
}

#[test]
fn each_of_several_registries_is_read_as_strictly() {
    let count = WORDS.lines().count();
    let library = WORDS.replace("com.example.words", "com.example.library");
    let text = |second: &str| format!("{WORDS}\n{second}");
    let check = |text: &str, line, why| {
        assert_eq!(Snapshot::parse(text).map(|_| ()), Err(ParseError { line, why }), "{text}");
    };
    assert!(Snapshot::parse(&text(&library)).is_ok());
    check(&text(WORDS), count + 2, ParseErrorKind::Double);
    check(
        &text(&library.replace("registry 1", "registry 2")),
        count + 2 + at(&library, "registry"),
        ParseErrorKind::Version,
    );
    check(&text(&library.replace("max 5000", "max x")), count + 2 + at(&library, "max"), ParseErrorKind::Unknown);
    check(
        &text(&library.replace("service time second\n", "")),
        count + 2 + at(&library, "service"),
        ParseErrorKind::Missing,
    );
    check(&format!("{WORDS}{library}"), count + 1, ParseErrorKind::Order);
}

/// The index of the first line that holds a word.
fn at(text: &str, word: &str) -> usize {
    text.lines().position(|line| line.split(' ').any(|found| found == word)).expect("there is such a line")
}

#[test]
fn a_parse_error_has_its_line_and_its_kind() {
    let why = Snapshot::parse("registry 2\n").expect_err("another version");
    assert_eq!(why.to_string(), "line 1: it is not version 1 of the grammar");
}

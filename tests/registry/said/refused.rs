//! What the writer of canonical texts would not have written is refused, with its line.

use scruple::registry::snapshot::{ParseError, ParseErrorKind, Snapshot};

use super::{WORDS, edited};

/// Takes lines out of the text and puts others in: it is refused in the line that begins so.
#[track_caller]
fn check(&(gone, come, begin, why): &(&str, &str, &str, ParseErrorKind)) {
    refused(&edited(WORDS, gone, come), begin, why);
}

#[track_caller]
fn refused(text: &str, begin: &str, why: ParseErrorKind) {
    let at = text.split('\n').position(|line| line.starts_with(begin)).expect("there is such a line");
    assert_eq!(Snapshot::parse(text).map(|_| ()), Err(ParseError { line: at + 1, why }), "{text}");
}

#[test]
fn another_fact_is_refused() {
    use ParseErrorKind::{Double, Misfit, Missing, Undeclared, Unknown, Version};
    for row in [
        // Words that the grammar does not have.
        ("", "attribute \"words.unit\" also 1", "attribute \"words.unit\" also", Unknown),
        ("", "event \"words.read\" sampled 1", "event \"words.read\" sampled", Unknown),
        ("", "event \"words.read\" kind client", "event \"words.read\" kind", Unknown),
        ("", "service region \"here\"", "service region", Unknown),
        ("", "metric \"words.runs\" brief \"Runs.\"", "metric", Unknown),
        ("", "zone", "zone", Unknown),
        ("service time second", "service time week", "service time", Unknown),
        ("", "service client_address two_octets", "service client_address", Unknown),
        ("", "service client_address none", "service client_address", Unknown),
        ("service rotate yearly", "service rotate weekly", "service rotate", Unknown),
        ("span \"words.run\" kind internal", "span \"words.run\" kind other", "span \"words.run\" kind", Unknown),
        (
            "event \"words.read\" attribute \"words.size\" required",
            "event \"words.read\" attribute \"words.size\" optional",
            "event \"words.read\" attribute \"words.size\"",
            Unknown,
        ),
        (
            "attribute \"words.input\" from hash",
            "attribute \"words.input\" from text",
            "attribute \"words.input\" from",
            Unknown,
        ),
        (
            "attribute \"words.license\" normalize none",
            "attribute \"words.license\" normalize title",
            "attribute \"words.license\" normalize",
            Unknown,
        ),
        // Another version.
        ("registry 1", "registry 2", "registry", Version),
        ("registry 1", "registry 1 ", "registry", Version),
        ("registry 1", "registry 01", "registry", Version),
        ("registry 1", "", "attribute", Version),
        ("", "registry 2", "registry 2", Double),
        ("", "registry", "registry", Unknown),
        // Other forms of the same.
        (
            "attribute \"words.count\" max 5000",
            "attribute \"words.count\" max 05000",
            "attribute \"words.count\" max",
            Unknown,
        ),
        (
            "attribute \"words.count\" max 5000",
            "attribute \"words.count\" max +5000",
            "attribute \"words.count\" max",
            Unknown,
        ),
        (
            "attribute \"words.count\" max 5000",
            "attribute \"words.count\" max 5e3",
            "attribute \"words.count\" max",
            Unknown,
        ),
        (
            "attribute \"words.count\" max 5000",
            "attribute \"words.count\" max 9223372036854775808",
            "attribute \"words.count\" max",
            Unknown,
        ),
        (
            "attribute \"words.size\" below 256 \"<256B\"",
            "attribute \"words.size\" below -0 \"<256B\"",
            "attribute \"words.size\" below -0",
            Unknown,
        ),
        (
            "event \"words.read\" at_most 100",
            "event \"words.read\" at_most -1",
            "event \"words.read\" at_most",
            Unknown,
        ),
        // What has no limit has no such fact.
        (
            "event \"words.read\" at_most 100",
            "event \"words.read\" at_most 4294967295",
            "event \"words.read\" at_most",
            Unknown,
        ),
        ("service name \"words\"", "service name \"w\\u006frds\"", "service name", Unknown),
        ("service name \"words\"", "service name \"words\\/\"", "service name", Unknown),
        ("service name \"words\"", "service name \"wo\trds\"", "service name", Unknown),
        ("service name \"words\"", "service name \"words", "service name", Unknown),
        ("service name \"words\"", "service name words", "service name", Unknown),
        ("service name \"words\"", "service name \"words\" ", "service name", Unknown),
        ("service name \"words\"", "service name \"words\"\"\"", "service name", Unknown),
        ("service name \"words\"", "service name \"words\" \"wc\"", "service name", Unknown),
        ("service name \"words\"", "service name  \"words\"", "service name", Unknown),
        ("service time second", "service time second\r", "service time", Unknown),
        ("resource \"session.id\"", "resource \"Session.id\"", "resource \"Session", Unknown),
        ("", "event \"\" brief \"Nothing.\"", "event \"\"", Unknown),
        ("", "attribute \"a b\" brief \"A blank.\"", "attribute \"a b\"", Unknown),
        ("", "attribute \"words.unit\"", "attribute \"words.unit\"", Unknown),
        ("", "event", "event", Unknown),
        ("", "service", "service", Missing),
        // Twice.
        ("", "service name \"wc\"", "service name \"words\"", Double),
        ("", "service time hour", "service time second", Double),
        ("", "schema_url \"https://example.com/1\"", "schema_url \"https://telemetry", Double),
        ("", "attribute \"words.count\" max 7", "attribute \"words.count\" max 7", Double),
        ("", "attribute \"words.unit\" otherwise \"word\"", "attribute \"words.unit\" otherwise \"word\"", Double),
        ("", "event \"words.read\" at_most 9", "event \"words.read\" at_most 9", Double),
        ("", "span \"words.run\" kind server", "span \"words.run\" kind server", Double),
        (
            "",
            "event \"words.read\" attribute \"words.size\" opt_in",
            "event \"words.read\" attribute \"words.size\" required",
            Double,
        ),
        // Not there.
        ("schema_url \"https://telemetry.example.com/schemas/words/1.0.0\"", "", "attribute", Missing),
        ("service app_id \"com.example.words\"", "", "service", Missing),
        ("service time second", "", "service", Missing),
        ("service rotate yearly", "", "service", Missing),
        ("service name \"words\"", "", "service", Missing),
        ("service controller \"The example project, privacy@example.com\"", "", "service", Missing),
        ("service endpoint \"https://telemetry.example.com/otlp\"", "", "service", Missing),
        ("attribute \"words.count\" type int", "", "attribute \"words.count\"", Missing),
        ("attribute \"words.count\" from count", "", "attribute \"words.count\"", Missing),
        ("attribute \"words.count\" brief \"How many files.\"", "", "attribute \"words.count\"", Missing),
        ("attribute \"words.count\" max 5000", "", "attribute \"words.count\"", Missing),
        ("attribute \"words.license\" normalize none", "", "attribute \"words.license\"", Missing),
        ("attribute \"words.size\" rest \">=1KiB\"", "", "attribute \"words.size\"", Missing),
        ("event \"words.read\" time second", "", "event \"words.read\"", Missing),
        ("event \"words.read\" brief \"The input was read.\"", "", "event \"words.read\"", Missing),
        ("span \"words.run\" kind internal", "", "span \"words.run\"", Missing),
        // Not declared.
        ("", "resource \"words.lines\"", "resource \"words.lines\"", Undeclared),
        (
            "",
            "event \"words.read\" attribute \"words.lines\" required",
            "event \"words.read\" attribute \"words.lines\"",
            Undeclared,
        ),
        (
            "",
            "span \"words.run\" attribute \"words.lines\" required",
            "span \"words.run\" attribute \"words.lines\"",
            Undeclared,
        ),
        // Not together.
        (
            "attribute \"words.count\" type int",
            "attribute \"words.count\" type string",
            "attribute \"words.count\"",
            Misfit,
        ),
        (
            "attribute \"words.input\" type string",
            "attribute \"words.input\" type enum",
            "attribute \"words.input\"",
            Misfit,
        ),
        ("attribute \"os.type\" type enum", "attribute \"os.type\" type string", "attribute \"os.type\"", Misfit),
        ("", "attribute \"words.input\" member \"a\"", "attribute \"words.input\"", Misfit),
        ("", "attribute \"words.input\" max 3", "attribute \"words.input\"", Misfit),
        ("", "attribute \"words.input\" normalize none", "attribute \"words.input\"", Misfit),
        ("", "attribute \"words.unit\" absent \"other\"", "attribute \"words.unit\"", Misfit),
        ("", "attribute \"words.unit\" below 3 \"other\"", "attribute \"words.unit\"", Misfit),
        ("", "attribute \"words.size\" member \"<1KiB\"", "attribute \"words.size\"", Misfit),
        ("", "attribute \"words.size\" below 256 \"small\"", "attribute \"words.size\"", Misfit),
        ("", "attribute \"words.place\" otherwise \"ftp\"", "attribute \"words.place\"", Misfit),
        ("attribute \"words.place\" member \"none\"", "", "attribute \"words.place\"", Misfit),
        ("", "attribute \"words.input\" field \"words.input\"", "attribute \"words.input\"", Misfit),
        ("attribute \"words.count\" max 5000", "attribute \"words.count\" max -1", "attribute \"words.count\"", Misfit),
    ] {
        check(&row);
    }
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
fn a_refusal_says_where_and_why() {
    let why = Snapshot::parse("registry 2\n").expect_err("another version");
    assert_eq!(why.to_string(), "line 1: it is not version 1 of the grammar");
}

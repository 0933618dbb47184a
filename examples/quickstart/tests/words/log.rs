//! What the telemetry variable's `log` prints: each record, and nothing that tells who it was.

use super::person::Person;

#[test]
fn log_prints_each_record_and_no_id() {
    for person in [Person::new, Person::who_said_yes, Person::who_was_told] {
        let mut person = person();
        let before = person.files();
        let ran = person.set("WORDS_TELEMETRY", "log").run(&["--lines", "text.txt"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, "2\n"));
        // Times are the only thing that differs.
        let said: Vec<_> = ran.stderr.lines().map(without_time).collect();
        let expected = [
            "telemetry, not sent: with each record",
            "    service.name = words",
            "    service.version = 0.1.0",
            "    session.id = session#1",
            "telemetry, not sent: words.read TIME, trace#1, span#1",
            "    words.input.size = <1KiB",
            "telemetry, not sent: words.run TIME, ok, trace#1, span#1",
            "    words.argument.names = --lines, <file>",
            "    words.unit = lines",
        ];
        assert_eq!(said, expected);
        assert!(!ran.stderr.contains("text.txt"), "no value: {}", ran.stderr);
        check_no_id(&ran.stderr);
        assert_eq!(person.files(), before, "nothing is stored");
    }
}

#[test]
fn a_failed_run_is_printed_as_failed() {
    let ran = Person::new().set("WORDS_TELEMETRY", "log").run(&["missing.txt"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("\ntelemetry, not sent: words.run "), "{}", ran.stderr);
    assert!(ran.stderr.contains(", error, trace#1, span#1\n"), "{}", ran.stderr);
}

#[test]
fn log_is_not_a_yes() {
    for (name, value) in [("DO_NOT_TRACK", "1"), ("OTEL_SDK_DISABLED", "true"), ("CI", "true"), ("SUDO_UID", "1000")] {
        let ran = Person::new().set("WORDS_TELEMETRY", "log").set(name, value).run(&["text.txt"]);
        assert_eq!(ran.stderr, "", "{name}");
    }
    let mut person = Person::new();
    person.run(&["telemetry", "off"]);
    assert_eq!(person.set("WORDS_TELEMETRY", "log").run(&["text.txt"]).stderr, "");
}

#[test]
fn an_informational_run_is_not_recorded() {
    let mut person = Person::new();
    person.set("WORDS_TELEMETRY", "log");
    for arguments in [
        &["--help"][..],
        &["-h"],
        &["--version"],
        &["-V"],
        &["--lines", "--help"],
        &["telemetry", "--help"],
        &["telemetry", "status"],
        &["telemetry", "show"],
        &["telemetry", "reset"],
        &["telemetry", "on"],
    ] {
        assert_eq!(person.run(arguments).stderr, "", "{arguments:?}");
    }
}

/// No id and no hash: nothing with eight hexadecimal digits in a row, one of which is a digit.
#[track_caller]
pub fn check_no_id(text: &str) {
    let words = text.split(|c: char| !c.is_ascii_hexdigit());
    let found: Vec<_> = words.filter(|word| word.len() >= 8 && word.contains(|c: char| c.is_ascii_digit())).collect();
    assert!(found.is_empty(), "{found:?}: {text}");
}

/// A line with `TIME` for a time to the second, or for the two of a run that took a millisecond or more.
fn without_time(line: &str) -> String {
    let is_time = |word: &str| word.len() == 20 && word.ends_with('Z') && word.starts_with("20");
    let words = line.split(' ').map(|word| match word.strip_suffix(',') {
        Some(time) if is_time(time) => "TIME,",
        _ if is_time(word) => "TIME",
        _ => word,
    });
    // A run that takes long ends at another time than it begins.
    words.collect::<Vec<_>>().join(" ").replace("TIME to TIME", "TIME")
}

//! The notice of the quickstart: on the terminal of a person who has the program work, once, and nothing before its time.

use super::person::Person;
use std::path::PathBuf;

/// What the notice begins with.
const HEADLINE: &str = "words reports how it is used, unless you say no.\n";

#[test]
fn the_first_run_on_a_terminal_shows_the_notice_and_the_second_does_not() {
    let person = Person::new();
    let ran = person.run_on_terminal(&["--lines", "text.txt"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "2\n"));
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/../../cli/tests/notices/quickstart.txt");
    let golden = std::fs::read_to_string(golden).unwrap();
    assert!(golden.starts_with(HEADLINE));
    assert_eq!(ran.stderr, format!("{golden}\n"), "the notice that is checked in, and an empty line");
    assert_eq!(person.files(), [person.answers()], "that it was shown, and nothing else, is stored");
    let ran = person.run_on_terminal(&["--lines", "text.txt"]);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "2\n", ""));
    let status = person.run(&["telemetry", "status"]);
    assert_eq!(status.code, 11);
    assert!(status.stdout.contains("the notice was shown, and its wait is not over"), "{}", status.stdout);
}

#[test]
fn another_command_shows_no_notice() {
    for (arguments, code) in [
        (&["--help"][..], 0),
        (&["--version"], 0),
        (&["--wrong"], 2),
        (&["telemetry"], 2),
        (&["telemetry", "status"], 11),
        (&["telemetry", "show"], 0),
        (&["telemetry", "reset"], 0),
    ] {
        let person = Person::new();
        let ran = person.run_on_terminal(arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains(HEADLINE), "{arguments:?}: {}", ran.stderr);
        assert!(!person.answers().exists(), "{arguments:?}");
    }
}

#[test]
fn a_run_without_a_reader_shows_no_notice() {
    let person = Person::new();
    assert_eq!(person.run(&["text.txt"]).stderr, "");
    assert_eq!(person.files(), Vec::<PathBuf>::new());
    for (name, value) in
        [("CLAUDECODE", "1"), ("WORDS_TELEMETRY", "log"), ("WORDS_TELEMETRY", "0"), ("DO_NOT_TRACK", "1"), ("CI", "1")]
    {
        let mut person = Person::new();
        let ran = person.set(name, value).run_on_terminal(&["text.txt"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, "3\n"));
        assert!(!ran.stderr.contains(HEADLINE), "{name}: {}", ran.stderr);
        assert_eq!(person.files(), Vec::<PathBuf>::new(), "{name}");
    }
}

#[test]
fn a_no_after_the_wait_turns_telemetry_off() {
    let person = Person::who_was_told();
    let status = person.run(&["telemetry", "status"]);
    assert_eq!(status.code, 0);
    assert!(status.stdout.starts_with("words telemetry is on: the notice was shown, and no source says no\n"));
    assert_eq!(person.run(&["telemetry", "off"]).code, 0);
    assert_eq!(person.run(&["telemetry", "status"]).code, 10);
    assert_eq!(person.run_on_terminal(&["text.txt"]).stderr, "", "whoever said no is not told again");
}

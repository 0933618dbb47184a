//! The commands of the program without clap, as the guide shows them.

use super::person::Person;

const PLAIN: &str = env!("CARGO_BIN_EXE_plain");

#[track_caller]
fn check(person: &Person, arguments: &[&str], code: i32, said: &str) {
    let output = person.command(PLAIN).args(arguments).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stdout}");
    assert!(stdout.contains(said), "{arguments:?}: {stdout}");
}

#[test]
fn a_parser_of_its_own_has_the_same_commands() {
    let mut person = Person::new();
    check(&person, &["telemetry", "status"], 11, "undecided, and records nothing");
    check(&person, &["telemetry", "send"], 1, "no answer is stored");
    check(&person, &["telemetry", "on"], 0, "To say no   `plain telemetry off`, or set WORDS_TELEMETRY=0");
    check(&person, &["telemetry", "status"], 0, "on: the stored answer is yes");
    check(&person, &["telemetry", "show"], 0, "words.run");
    check(&person, &["telemetry", "reset"], 0, "on: the stored answer is yes");
    check(&person, &["telemetry", "off"], 0, "off: the stored answer is no");
    check(&person, &["telemetry", "status"], 10, "off: the stored answer is no");
    check(&person, &["telemetry", "of"], 2, "status, on, off");
    check(&person, &["telemetry", "on"], 0, "on: the stored answer is yes");
    person.set("WORDS_TELEMETRY", "log");
    let log = |arguments: &[&str]| {
        let output = person.command(PLAIN).args(arguments).output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(log(&["--lines"]).contains("    words.argument.names = --lines\n"));
    assert_eq!((log(&["help"]), log(&["telemetry", "show"])), (String::new(), String::new()));
}

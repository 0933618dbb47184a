//! The status of a program: the value of each source, and nothing of a variable that is not a word for yes or no.

use super::person::{DAY, NOON, Person};
use super::role::{OPTOUT, TELEMETRY};

/// The value of a source in the status, and whether it says no.
#[track_caller]
fn source(person: &Person, role: &str, name: &str) -> (String, bool) {
    let status: serde_json::Value = serde_json::from_str(&person.says(&format!("{role} status"))).unwrap();
    let sources = status["sources"].as_array().unwrap();
    let found = sources.iter().find(|source| source["name"] == name).unwrap_or_else(|| panic!("no {name}: {status:#}"));
    (found["value"].as_str().unwrap().to_owned(), found["is_no"].as_bool().unwrap())
}

#[test]
fn the_status_shows_no_value_of_a_variable_but_a_short_word() {
    for name in ["DO_NOT_TRACK", OPTOUT, TELEMETRY] {
        let mut person = Person::new();
        assert_eq!(source(&person, "opt-in 1795000000", name), ("not set".to_owned(), false));
        person.set(name, "0");
        assert_eq!(source(&person, "opt-in 1795000000", name).0, "\"0\"");
        for private in ["token-s3cret", "a-private-name", "s3cret.", "s3 cret", "\u{1b}[31m"] {
            person.set(name, private);
            assert_eq!(source(&person, "opt-in 1795000000", name), ("set".to_owned(), true), "{private:?}");
            for what in ["status", "status-text", "show"] {
                let said = person.says(&format!("opt-in 1795000000 {what}"));
                assert!(!said.contains(private), "{name}: {said}");
            }
        }
    }
}

#[test]
fn the_status_says_of_an_older_yes_or_notice_what_the_program_collects_more() {
    for (version, more) in
        [("wider", "another value"), ("elsewhere", "another receiver"), ("more", "another attribute")]
    {
        let person = Person::new();
        person.run("first-run 1795000000 yes");
        let role = format!("first-run 1795000000 {version}");
        let expected = format!("yes, before the program collected more: {more}");
        assert_eq!(source(&person, &role, "stored answer"), (expected, false));
        drop(person);
        let person = Person::new();
        person.run("first-run 1795000000 shown");
        let expected = format!("the notice was shown, before the program collected more: {more}");
        assert_eq!(source(&person, &role, "stored answer"), (expected, false));
        // A notice of an hour ago covers nothing yet.
        let because = format!("undecided, and records nothing: it collects more than was agreed to: {more}");
        assert!(person.says(&format!("{role} status-text")).contains(&because));
        let because = match version {
            "elsewhere" => because,
            _ => format!("on: what was agreed to is sent; the program now collects more: {more}"),
        };
        let later = format!("first-run {} {version} status-text", 1_795_000_000 + 24 * 3_600);
        assert!(person.says(&later).contains(&because), "{}", person.says(&later));
    }
}

#[test]
fn the_status_says_how_far_a_notice_counts() {
    let person = Person::new();
    assert_eq!(source(&person, "next-run 1795000000", "stored answer"), ("none".to_owned(), false));
    person.run("next-run 1795000000 shown");
    assert_eq!(
        source(&person, "first-run 1795000000", "stored answer").0,
        "the notice was shown, and its wait is not over"
    );
    let later = format!("first-run {}", NOON + DAY);
    assert_eq!(source(&person, &later, "stored answer").0, "the notice was shown, and no source says no");
    for (preset, expected) in [
        ("opt-in", "off until a yes"),
        ("first-run", "on 24 hours after the notice, until a no"),
        ("next-run", "on in the run after the notice, until a no"),
        ("documented", "on until a no"),
    ] {
        let shown = source(&person, &format!("{preset} 1795000000"), "the program");
        if cfg!(windows) && preset.ends_with("-run") {
            assert!(shown.0.ends_with("it is unknown whether a console is read") && !shown.1, "{shown:?}");
        } else {
            assert_eq!(shown, (expected.to_owned(), false));
        }
    }
}

#[test]
fn a_file_that_says_yes_is_no_answer_and_says_nothing_against_it() {
    let person = Person::new();
    let project = person.work().join(".telemetry.toml");
    let organisation = person.root().join("etc/com.example.asked/telemetry.toml");
    std::fs::create_dir_all(organisation.parent().unwrap()).unwrap();
    for (file, name) in [(project, "project's file"), (organisation, "organisation's file")] {
        // On Windows an organisation's word is a value in the registry.
        if cfg!(windows) && name != "project's file" {
            continue;
        }
        for (text, is_no) in [("telemetry = \"on\"\n", false), ("telemetry = \"off\"\n", true), ("", true)] {
            std::fs::write(&file, text).unwrap();
            let (value, says_no) = source(&person, "opt-in 1795000000", name);
            assert_eq!(says_no, is_no, "{text:?}: {value}");
            assert_eq!(value.ends_with("telemetry.toml says nothing against telemetry"), !is_no, "{value}");
            let decided = person.says("opt-in 1795000000 decide");
            assert_eq!(decided.starts_with("Off "), is_no, "{text:?}: {decided}");
            assert!(is_no || decided == "Undecided Undecided", "it is no yes: {decided}");
        }
        std::fs::remove_file(file).unwrap();
    }
}

#[test]
fn a_filter_that_hides_everything_is_named_in_the_text() {
    let person = Person::new();
    person.run("opt-in 1795000000 yes");
    let hidden = "|  hidden      a filter on the whole subscriber lets only warn through: put it on a layer|";
    let said = person.says("opt-in 1795000000 warn status-text");
    assert!(said.contains(hidden), "{said}");
    let said = person.says("opt-in 1795000000 status-text");
    assert!(!said.contains("  hidden "), "{said}");
}

#[test]
fn what_a_client_says_holds_for_its_pipeline() {
    let person = Person::new();
    assert_eq!(person.run("opt-in 1795000000 clients"), ["none"]);
    person.run("opt-in 1795000000 yes");
    let on = "com.example.asked On SaidYes true true";
    assert_eq!(person.run("opt-in 1795000000 clients"), [on]);
    let no = "com.example.asked Off SaidNo false false";
    let mut running = person.start("opt-in 1795000000 keep kept wait kept clients");
    assert_eq!(running.hear().unwrap(), on);
    assert_eq!(running.hear().unwrap(), "waiting");
    person.run("opt-in 1795000000 no");
    running.go_on();
    assert_eq!(running.end(), [no, "none"], "a no of another process, in a client that is kept");
}

#[test]
fn what_a_client_turns_off_stays_off_in_its_process_and_in_no_other() {
    let person = Person::new();
    person.run("opt-in 1795000000 yes");
    let said = person.run("opt-in 1795000000 record client-disable record decide is-on client yes record decide");
    assert!(said[0].starts_with("sent "), "{said:?}");
    assert_eq!(said[1..4], ["Off Disabled", "false", "false"]);
    assert_eq!(said.last().unwrap(), "Off OffUntilRestart", "a yes does not turn it on again: {said:?}");
    assert!(!said[1..].iter().any(|line| line.starts_with("sent ")), "{said:?}");
    assert_eq!(person.says("opt-in 1795000000 decide"), "On SaidYes");
}

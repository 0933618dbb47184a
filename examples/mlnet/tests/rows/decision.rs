//! A12, A13, A14: when nothing is told, how a person says no, and what they are told first.

use super::person::Person;
use super::road::Road;

fn iris() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/data/iris.csv")
}

fn learn() -> [&'static str; 5] {
    ["classification", "--label-col=species", "--train-time=0", "--dataset", iris()]
}

/// More than the original: also for the help of a command, and nothing is kept on the disk either.
#[test]
fn a12_the_bare_command_help_and_version_are_not_recorded() {
    let mut person = Person::new().says_yes();
    person.run(learn());
    let before = person.files();
    let asked: [&[&str]; 9] = [
        &[],
        &["--help"],
        &["-h"],
        &["--version"],
        &["-V"],
        &["help"],
        &["help", "train"],
        &["classification", "--help"],
        &["telemetry", "status"],
    ];
    for arguments in asked {
        person.run(arguments);
        assert_eq!(person.files(), before, "{arguments:?}");
    }
    person.set("MLNET_TELEMETRY", "log");
    for arguments in asked {
        let ran = person.run(arguments);
        assert!(!ran.stderr.contains("not sent"), "{arguments:?}: {}", ran.stderr);
    }
    assert!(person.run(learn()).stderr.contains("not sent"), "a command would have been seen");
}

/// More than the original: `DO_NOT_TRACK` counts as well, any yes-like value does, what waited is deleted, and a no that
/// is stored holds without any variable.
#[test]
fn a13_each_variable_turns_it_off() {
    let no: [(&str, &[&str]); 4] = [
        ("DOTNET_CLI_TELEMETRY_OPTOUT", &["1", "true", "TRUE", "yes"]),
        ("MLNET_TELEMETRY_OPTOUT", &["1", "true"]),
        ("MLNET_TELEMETRY", &["0", "false"]),
        ("DO_NOT_TRACK", &["1", "true"]),
    ];
    for (name, values) in no {
        for value in values {
            let road = Road::open();
            let mut person = Person::new().takes(&road).says_yes();
            person.run(learn());
            assert!(!person.waiting().is_empty());
            person.set(name, value);
            assert_eq!(person.run(["telemetry", "status"]).code, 10, "{name}={value}");
            assert_eq!(person.run(learn()).code, 0);
            person.upload();
            assert_eq!((person.waiting().len(), road.requests().len()), (0, 0), "{name}={value}");
        }
    }
    for (name, value) in [("DOTNET_CLI_TELEMETRY_OPTOUT", "0"), ("MLNET_TELEMETRY_OPTOUT", "false")] {
        let mut person = Person::new().says_yes();
        person.set(name, value);
        assert_eq!(person.run(["telemetry", "status"]).code, 0, "{name}={value} is no no");
    }
    let person = Person::new().says_yes();
    person.run(learn());
    person.run(["telemetry", "off"]);
    person.run(learn());
    assert_eq!((person.run(["telemetry", "status"]).code, person.waiting().len()), (10, 0));
}

/// More than the original: nothing is recorded in that run and for a day, so that there is time to say no.
// No console of Windows is known to be read.
#[cfg(unix)]
#[test]
fn a14_the_first_run_shows_the_notice_and_records_nothing() {
    let road = Road::open();
    let person = Person::new().takes(&road);
    let notice = std::fs::read_to_string(super::person::own("NOTICE.txt")).unwrap();
    let ran = person.run_on_terminal(&learn());
    assert_eq!(ran.code, 0);
    // The compatible build says more than the file.
    let same = if cfg!(feature = "mac-address") { notice.lines().next().unwrap() } else { &notice };
    assert!(ran.stderr.starts_with(same), "{}", ran.stderr);
    assert_eq!(person.files(), [person.answers()], "that it was shown, and nothing else, is stored");
    assert!(!person.run_on_terminal(&learn()).stderr.contains(notice.lines().next().unwrap()), "once");
    person.upload();
    assert_eq!((person.waiting().len(), road.requests().len()), (0, 0));
    // Two days later it is on, unless somebody said no.
    let told = std::fs::read_to_string(person.answers()).unwrap();
    let lines = told.lines().filter(|line| !line.starts_with("boot = "));
    let lines = lines.map(|line| if line.starts_with("at = ") { "at = \"2020-01-01T00:00:00Z\"" } else { line });
    std::fs::write(person.answers(), lines.map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    person.run(learn());
    person.drain();
    assert!(!road.requests().is_empty());
}

/// Who reads no terminal is told nothing, and nothing is recorded of them.
#[test]
fn a14_a_run_without_a_notice_records_nothing() {
    let road = Road::open();
    let person = Person::new().takes(&road);
    assert_eq!(person.run(learn()).stderr, "");
    assert_eq!(person.files(), Vec::<std::path::PathBuf>::new());
}

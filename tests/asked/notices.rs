//! The notice: shown where somebody reads it, once, and nothing before its time is over.

use super::person::{DAY, NOON, Person};

fn at(seconds: u64) -> String {
    (NOON + seconds).to_string()
}

#[test]
fn it_is_shown_once_and_nothing_is_recorded_for_a_day() {
    let person = Person::new();
    let (said, screen) = person.run_on_terminal(&format!("first-run {} terminal run decide", at(0)));
    assert_eq!(said, ["Undecided Waiting"]);
    for part in [
        "asked reports how it is used, unless you say no.",
        "The example project, privacy@example.com, at 127.0.0.1",
        "It was done: its time to the second; What was asked; Its name",
        "Nothing is recorded in the next 24 hours.",
        "`asked telemetry off`, or ASKED_TELEMETRY=0, ASKED_OPTOUT=1 or",
    ] {
        assert!(screen.contains(part), "{part:?}: {screen}");
    }
    assert!(screen.lines().all(|line| line.chars().count() <= 80), "{screen}");
    for (seconds, expected) in
        [(1, "Undecided Waiting"), (DAY - 1, "Undecided Waiting"), (DAY, "On Told"), (DAY * 400, "On Told")]
    {
        let (said, screen) = person.run_on_terminal(&format!("first-run {} terminal decide run", at(seconds)));
        assert_eq!(said[0], expected);
        assert_eq!(said.len() > 1, expected == "On Told", "{said:?}");
        assert_eq!(screen, "");
    }
    assert_eq!(person.says(&format!("first-run {} decide", NOON - 1)), "Undecided Waiting", "the clock was set back");
}

#[test]
fn the_author_may_shorten_the_wait_to_the_next_run() {
    let person = Person::new();
    let (said, screen) = person.run_on_terminal(&format!("next-run {} terminal run run decide", at(0)));
    assert!(screen.contains("Nothing is recorded in this run."), "{screen}");
    assert_eq!(said, ["Undecided Waiting"]);
    assert_eq!(person.says(&format!("next-run {} decide", at(0))), "On Told");
}

/// No notice, and so nothing is ever recorded.
#[track_caller]
fn check_never(person: &Person, terminal: bool, role: &str) {
    for day in 0..3 {
        let role = role.replacen("DAY", &at(day * DAY), 1);
        let (said, screen) = if terminal { person.run_on_terminal(&role) } else { (person.run(&role), String::new()) };
        assert_eq!(said.last().unwrap(), "Undecided Undecided", "{role}");
        assert_eq!(said.len(), 1, "{said:?}");
        assert_eq!(screen, "");
    }
    assert_eq!(person.files(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn nobody_is_told_where_nobody_reads() {
    check_never(&Person::new(), false, "first-run DAY run decide");
    // A terminal, but another process is in its foreground.
    check_never(&Person::new(), true, "first-run DAY run decide");
    check_never(&Person::new(), true, "first-run DAY terminal quiet run decide");
    check_never(&Person::new(), true, "opt-in DAY terminal run decide");
    for agent in ["CLAUDECODE", "CURSOR_AGENT", "GEMINI_CLI", "CODEX_SANDBOX"] {
        check_never(Person::new().set(agent, "1"), true, "first-run DAY terminal run decide");
    }
}

#[test]
fn nobody_is_told_what_is_off() {
    for (name, value) in [("DO_NOT_TRACK", "1"), (super::role::OPTOUT, "1"), ("CI", "true"), ("SUDO_UID", "1000")] {
        let mut person = Person::new();
        person.set(name, value);
        let (said, screen) = person.run_on_terminal(&format!("first-run {} terminal run decide", at(0)));
        assert!(said[0].starts_with("Off "), "{said:?}");
        assert_eq!(screen, "");
        assert_eq!(person.files(), Vec::<std::path::PathBuf>::new());
    }
}

#[test]
fn a_notice_that_cannot_be_kept_is_not_shown() {
    let person = Person::new();
    std::fs::write(person.home().join(".config"), "no folder").unwrap();
    let (said, screen) = person.run_on_terminal(&format!("first-run {} terminal run decide", at(0)));
    assert_eq!((said[0].as_str(), screen.as_str()), ("Off Answer(File(NotAFolder))", ""));
}

#[test]
fn what_is_wider_is_told_again_and_what_is_not_is_not() {
    let person = Person::new();
    person.run_on_terminal(&format!("first-run {} terminal run", at(0)));
    let later = at(2 * DAY);
    assert_eq!(person.says(&format!("first-run {later} narrower decide")), "On Told");
    for (what, reason, part) in [
        ("wider", "Wider(Member)", "asked.kind may now also be \"three\"."),
        ("elsewhere", "Wider(Endpoint)", "http://127.0.0.1:4319 receives it."),
        ("controlled", "Wider(Controller)", "Somebody else"),
    ] {
        let person = Person::new();
        person.run_on_terminal(&format!("first-run {} terminal run", at(0)));
        assert_eq!(person.says(&format!("first-run {later} {what} decide")), format!("Undecided {reason}"));
        let (said, screen) = person.run_on_terminal(&format!("first-run {later} {what} terminal run decide"));
        assert_eq!(said, ["Undecided Waiting"]);
        assert!(screen.contains("What is new") && screen.contains(part), "{screen}");
        assert_eq!(person.says(&format!("first-run {} {what} decide", at(3 * DAY))), "On Told");
        assert_eq!(person.says(&format!("first-run {later} decide")), "On Told", "the version that was told before");
    }
}

#[test]
fn a_yes_to_less_is_told_of_more() {
    let person = Person::new();
    person.run(&format!("first-run {} yes", at(0)));
    assert_eq!(person.says(&format!("first-run {} wider decide due", at(0))), "Undecided Wider(Member)\ntrue");
    person.run_on_terminal(&format!("first-run {} wider terminal run", at(0)));
    assert_eq!(person.says(&format!("first-run {} wider decide", at(DAY))), "On Told");
    assert_eq!(person.says(&format!("first-run {} decide", at(0))), "On SaidYes", "the yes is kept");
}

#[test]
fn a_window_shows_it_by_itself() {
    let person = Person::new();
    let said = person.run(&format!("first-run {} due notice shown due decide", at(0)));
    assert_eq!(said[0], "true");
    assert!(said[1].starts_with("asked reports how it is used"), "{said:?}");
    assert_eq!(said[2..], ["Ok(())", "false", "Undecided Waiting"]);
    assert_eq!(person.says(&format!("first-run {} decide", at(DAY))), "On Told");
}

//! The notice: shown where somebody reads it, once, and nothing before its time is over.

use super::person::{DAY, NOON, Person};

fn at(seconds: u64) -> String {
    (NOON + seconds).to_string()
}

#[test]
fn the_notice_is_shown_once_and_nothing_is_recorded_for_a_day() {
    let person = Person::new();
    let (said, screen) = person.run_on_terminal(&format!("first-run {} terminal run decide", at(0)));
    assert_eq!(said, ["Undecided Waiting"]);
    for part in [
        "asked reports how it is used, unless you say no.",
        "The example project, privacy@example.com, at 127.0.0.1",
        "It was done: What was asked; Its name (as a keyed hash).",
        "Nothing is recorded in the next 24 hours.",
        "`asked telemetry off`, or set ASKED_TELEMETRY=0, ASKED_OPTOUT=1 or",
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
#[cfg(unix)]
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

// No console of Windows is known to be read.
#[cfg(unix)]
#[test]
fn the_notice_is_not_shown_without_a_reader() {
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
fn the_notice_is_not_shown_while_telemetry_is_off() {
    for (name, value) in [("DO_NOT_TRACK", "1"), (super::role::OPTOUT, "1"), ("CI", "true"), ("SUDO_UID", "1000")] {
        if cfg!(windows) && name == "SUDO_UID" {
            continue;
        }
        let mut person = Person::new();
        person.set(name, value);
        let (said, screen) = person.run_on_terminal(&format!("first-run {} terminal run decide", at(0)));
        assert!(said[0].starts_with("Off "), "{said:?}");
        assert_eq!(screen, "");
        assert_eq!(person.files(), Vec::<std::path::PathBuf>::new());
    }
}

#[test]
fn a_notice_that_cannot_be_stored_is_not_shown() {
    let person = Person::new();
    let answers = person.answers();
    let folder = answers.parent().unwrap();
    std::fs::create_dir_all(folder.parent().unwrap()).unwrap();
    std::fs::write(folder, "no folder").unwrap();
    let (said, screen) = person.run_on_terminal(&format!("first-run {} terminal run decide", at(0)));
    assert_eq!((said[0].as_str(), screen.as_str()), ("Off Answer(File(NotAFolder))", ""));
}

#[test]
fn a_wider_registry_shows_the_notice_again_and_another_does_not() {
    let person = Person::new();
    person.run_on_terminal(&format!("first-run {} terminal run", at(0)));
    let later = at(2 * DAY);
    assert_eq!(person.says(&format!("first-run {later} narrower decide")), "On Told");
    drop(person);
    for (what, decided, part) in [
        ("wider", "On AgreedInPart(Member)", "What was asked: may now also be \"three\"."),
        ("elsewhere", "Undecided Wider(Endpoint)", "The receiver: http://127.0.0.1:4319."),
        ("controlled", "Undecided Wider(Controller)", "Somebody else"),
    ] {
        let person = Person::new();
        person.run_on_terminal(&format!("first-run {} terminal run", at(0)));
        assert_eq!(person.says(&format!("first-run {later} {what} decide")), decided);
        let (said, screen) = person.run_on_terminal(&format!("first-run {later} {what} terminal run decide"));
        let in_part = decided.starts_with("On");
        let now = if in_part { decided } else { "Undecided Waiting" };
        assert_eq!(said.last().map(String::as_str), Some(now));
        assert_eq!(said.len() > 1, in_part, "what was agreed to is sent: {said:?}");
        let words = screen.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(words.contains("The rest is recorded as before."), in_part, "{screen}");
        assert!(screen.contains("  New ") && screen.contains(part), "{screen}");
        assert_eq!(person.says(&format!("first-run {} {what} decide", at(3 * DAY))), "On Told");
        assert_eq!(person.says(&format!("first-run {later} decide")), "On Told", "the version that was told before");
    }
}

#[test]
fn the_notice_of_more_names_each_new_thing_by_what_it_says() {
    let person = Person::new();
    person.run_on_terminal(&format!("first-run {} terminal run", at(0)));
    let (_, screen) = person.run_on_terminal(&format!("first-run {} more terminal run", at(2 * DAY)));
    let (_, news) = screen.split_once("  New ").expect("what is new");
    let news = news.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in ["One run more (new).", "It was left (new).", "With each record: The operating system."] {
        assert_eq!(news.matches(part).count(), 1, "{part}: {news}");
    }
    // What was there before is not new.
    assert!(!news.contains("It was done (new)") && !news.contains("One run (new)"), "{news}");
}

#[test]
fn a_yes_to_less_gets_a_notice_of_more() {
    let person = Person::new();
    person.run(&format!("first-run {} yes", at(0)));
    assert_eq!(person.says(&format!("first-run {} wider decide due", at(0))), "On AgreedInPart(Member)\ntrue");
    person.run_on_terminal(&format!("first-run {} wider terminal run", at(0)));
    assert_eq!(person.says(&format!("first-run {} wider decide", at(DAY))), "On Told");
    assert_eq!(person.says(&format!("first-run {} decide", at(0))), "On SaidYes", "the yes is kept");
}

#[test]
fn a_window_shows_the_notice_by_itself() {
    let person = Person::new();
    let said = person.run(&format!("first-run {} due notice shown due decide", at(0)));
    assert_eq!(said[0], "true");
    assert!(said[1].starts_with("asked reports how it is used"), "{said:?}");
    assert_eq!(said[2..], ["Ok(())", "false", "Undecided Waiting"]);
    assert_eq!(person.says(&format!("first-run {} decide", at(DAY))), "On Told");
}

/// For a program that asks in a window; on a terminal nothing is shown.
#[test]
fn a_notice_under_opt_in_is_due_until_an_answer() {
    let person = Person::new();
    assert_eq!(person.says(&format!("opt-in {} due shown due", at(0))), "true\nOk(())\nfalse", "once a run");
    let (_, screen) = person.run_on_terminal(&format!("opt-in {} terminal run", at(0)));
    assert_eq!(screen, "");
    assert_eq!(person.says(&format!("opt-in {} yes", at(0))), "Ok(Decision { mode: On, reason: SaidYes })");
    assert_eq!(person.says(&format!("opt-in {} wider due shown due", at(0))), "true\nOk(())\nfalse", "once a run");
    let due = |what: &str| person.says(&format!("opt-in {} {what} due", at(DAY)));
    person.run(&format!("opt-in {} yes", at(0)));
    assert_eq!((due("").as_str(), due("wider").as_str()), ("false", "true"));
    person.run(&format!("opt-in {} no", at(0)));
    assert_eq!((due("").as_str(), due("wider").as_str()), ("false", "false"));
    drop(person);
    assert_eq!(Person::new().says(&format!("documented {} due", at(0))), "false");
}

// A window asks by its own means.
#[cfg(unix)]
#[test]
fn a_question_on_a_terminal_stores_a_yes_or_a_no_and_nothing_else() {
    let ask = |person: &Person, ahead: &str, typed: &str| {
        let (said, screen) = person.answers_on_terminal(&format!("opt-in {} terminal ask", at(0)), ahead, typed);
        assert_eq!(said.len(), 1, "{said:?} {screen}");
        (said[0].clone(), screen)
    };
    for (typed, expected, decision) in [
        ("yes\n", "Some(Ok(SaidYes))", "On SaidYes"),
        ("Y\n", "Some(Ok(SaidYes))", "On SaidYes"),
        ("no\n", "Some(Ok(SaidNo))", "Off SaidNo"),
        ("\n", "None", "Undecided Undecided"),
        ("yesterday\n", "None", "Undecided Undecided"),
        ("\u{4}", "None", "Undecided Undecided"),
    ] {
        let person = Person::new();
        let (said, screen) = ask(&person, "", typed);
        assert_eq!(said, expected, "{typed:?}: {screen}");
        assert!(screen.contains("asked asks to report") && screen.contains("Your answer? [yes/no] "), "{screen}");
        assert_eq!(person.says(&format!("opt-in {} decide", at(1))), decision, "{typed:?}");
        let (again, screen) = ask(&person, "", "no\n");
        assert_eq!(again == "None", expected != "None", "an answer is not asked for again: {screen}");
    }
    // A line from before the question is no answer to it.
    let (said, screen) = ask(&Person::new(), "yes\n", "no\n");
    assert_eq!(said, "Some(Ok(SaidNo))", "{screen}");
    // Without a terminal for input, nothing is shown and nothing is waited for.
    let (said, screen) = Person::new().run_on_terminal(&format!("opt-in {} terminal ask", at(0)));
    assert_eq!((said[0].as_str(), screen.as_str()), ("None", ""));
}

#[test]
fn an_attribute_opted_in_by_code_shows_the_notice_again() {
    let person = Person::new();
    let (_, screen) = person.run_on_terminal(&format!("first-run {} choice terminal run", at(0)));
    let screen = screen.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(screen.contains("What was planned (only if asked for)"), "{screen}");
    let later = at(2 * DAY);
    assert_eq!(person.says(&format!("first-run {later} choice decide")), "On Told");
    assert_eq!(person.says(&format!("first-run {later} opted decide")), "On AgreedInPart(Level)");
    let (said, screen) = person.run_on_terminal(&format!("first-run {later} opted terminal run decide"));
    assert_eq!(said.last().map(String::as_str), Some("On AgreedInPart(Level)"));
    let screen = screen.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [" New ", "What was planned."] {
        assert!(screen.contains(part), "{part}: {screen}");
    }
    assert!(!screen.contains("only if asked for"), "{screen}");
    assert_eq!(person.says(&format!("first-run {} opted decide", at(3 * DAY))), "On Told");
    assert_eq!(person.says(&format!("first-run {later} choice decide")), "On Told");
}

#[test]
fn the_promised_wait_is_kept() {
    let person = Person::new();
    person.run_on_terminal(&format!("first-run {} terminal run", at(0)));
    let check = |role: &str, seconds: u64, expected: &str| {
        let said = person.says(&format!("{role} {} decide", at(seconds)));
        assert_eq!(said, expected, "{role} after {seconds} s");
    };
    let told = std::fs::read_to_string(person.answers()).unwrap();
    // Also one that does not say what it promised.
    for text in [told.clone(), told.replace("wait = \"day\"\n", "")] {
        std::fs::write(person.answers(), text).unwrap();
        check("next-run", 1, "Undecided Waiting");
        check("next-run", DAY - 1, "Undecided Waiting");
        check("next-run", DAY, "On Told");
    }
    // A promise of less is no more than the program's own wait.
    std::fs::write(person.answers(), told.replace("\"day\"", "\"next_run\"")).unwrap();
    check("next-run", 1, "On Told");
    check("first-run", DAY - 1, "Undecided Waiting");
    check("first-run", DAY, "On Told");
}

#[test]
fn a_notice_without_a_wait_does_not_count_for_another_version() {
    for role in ["opt-in", "documented"] {
        let person = Person::new();
        person.run(&format!("{role} {} shown", at(0)));
        assert_eq!(person.says(&format!("first-run {} decide due", at(DAY))), "Undecided Undecided\ntrue");
    }
}

#[test]
fn no_notice_is_shown_while_the_clock_is_behind_the_build() {
    let person = Person::new();
    let role = format!("first-run 1000 built={NOON} terminal run decide due shown decide");
    let (said, screen) = person.run_on_terminal(&role);
    assert_eq!(said, ["Undecided ClockBehind", "false", "Err(ClockBehind)", "Undecided ClockBehind"]);
    assert_eq!((screen.as_str(), person.files()), ("", Vec::new()));
    let status = person.says(&format!("first-run 1000 built={NOON} status"));
    assert!(status.contains("the clock is behind the build time of the program"), "{status}");
    // Nor does one count that was shown when the clock was right.
    person.run_on_terminal(&format!("first-run {} built={NOON} terminal run", at(0)));
    assert_eq!(person.says(&format!("first-run {} built={NOON} decide", at(DAY))), "On Told");
    assert_eq!(person.says(&format!("first-run 1000 built={NOON} decide")), "Undecided ClockBehind");
}

#[test]
fn a_notice_counts_in_a_version_that_was_built_later() {
    let person = Person::new();
    person.run_on_terminal(&format!("first-run {} built={NOON} terminal run", at(0)));
    let role = |seconds: u64| format!("first-run {} built={} decide due", at(seconds), at(3_600));
    assert_eq!(person.says(&role(DAY - 1)), "Undecided Waiting\nfalse");
    assert_eq!(person.says(&role(DAY)), "On Told\nfalse");
}

#[test]
fn a_changed_clock_does_not_end_the_wait() {
    let person = Person::new();
    // A day behind, five minutes after the machine was started.
    person.run_on_terminal(&format!("first-run {} boot=1,300 terminal run", at(0)));
    let check = |seconds: u64, boot: &str, expected: &str| {
        let said = person.says(&format!("first-run {} {boot} decide", at(seconds)));
        assert_eq!(said, expected, "{seconds} {boot}");
    };
    check(DAY + 10, "boot=1,310", "Undecided Waiting");
    check(2 * DAY - 1, &format!("boot=1,{}", 300 + DAY - 1), "Undecided Waiting");
    check(2 * DAY, &format!("boot=1,{}", 300 + DAY), "On Told");
    // In another boot, and where there is none to be told, the clock is all that there is.
    check(DAY - 1, "boot=2,1000000", "Undecided Waiting");
    check(DAY, "boot=2,60", "On Told");
    check(DAY, "", "On Told");
    let told = std::fs::read_to_string(person.answers()).unwrap();
    std::fs::write(person.answers(), told.replace("boot = \"0", "boot = \"")).unwrap();
    check(DAY, "boot=1,310", "Off Answer(Malformed)");
}

#[test]
fn a_notice_of_the_future_is_shown_again() {
    let person = Person::new();
    person.run_on_terminal(&format!("first-run {} terminal run", at(400 * DAY)));
    let role = |seconds: u64, words: &str| format!("first-run {} {words}", at(seconds));
    assert_eq!(person.says(&role(0, "decide due")), "Undecided Undecided\ntrue");
    let (said, screen) = person.run_on_terminal(&role(0, "terminal run decide"));
    assert_eq!(said, ["Undecided Waiting"]);
    assert!(screen.contains("Nothing is recorded in the next 24 hours."), "{screen}");
    assert_eq!(person.says(&role(DAY - 1, "decide")), "Undecided Waiting");
    assert_eq!(person.says(&role(DAY, "decide")), "On Told");
    let text = std::fs::read_to_string(person.answers()).unwrap();
    assert_eq!(text.matches("[[agreed]]").count(), 1, "{text}");
}

#[test]
fn nothing_about_the_installation_is_stored_while_the_clock_is_behind_the_build() {
    let person = Person::new();
    person.run(&format!("opt-in 1000 built={NOON} yes record"));
    assert_eq!(person.files(), [person.answers()]);
    let said = person.says(&format!("opt-in 1000 built={NOON} record"));
    assert!(said.contains("asked.name"), "{said}");
    assert_eq!(person.files(), [person.answers()]);
    person.run(&format!("opt-in {} built={NOON} record", at(0)));
    assert!(person.state().join("identity.toml").exists());
}

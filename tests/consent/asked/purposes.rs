//! A yes to some purposes: each source may name some, and what leaves is for those that all of them name.

use super::person::{DAY, NOON, Person};
use super::role::TELEMETRY;
use std::fs;

/// The purposes of what a program sends that records something for each.
fn sent(person: &Person, role: &str) -> Vec<&'static str> {
    let said = person.says(&format!("{role} record left"));
    let purposes = [("asked.left", "failures"), ("asked.done", "usage")];
    purposes.into_iter().filter(|(name, _)| said.contains(name)).map(|(_, purpose)| purpose).collect()
}

/// A source, and how it says a word.
type Says = fn(&mut Person, &str);

const SOURCES: [(&str, Says); 4] = [
    ("the telemetry variable", |person, word| {
        person.set(TELEMETRY, word);
    }),
    // The organisation's word is not in a file on Windows.
    ("the organisation's file", |person, word| {
        let folder = person.root().join("etc/scruple");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("telemetry.toml"), format!("telemetry = \"{word}\"\n")).unwrap();
    }),
    ("the project's file", |person, word| {
        fs::write(person.work().join(".telemetry.toml"), format!("telemetry = \"{word}\"\n")).unwrap();
    }),
    ("the stored answer", |person, word| match word {
        "on" => {}
        "off" => drop(person.run("opt-in 1795000000 purposes no")),
        names => {
            let said = person.says(&format!("opt-in 1795000000 purposes only={}", names.replace(' ', "")));
            assert!(said.starts_with("Ok("), "{said}");
        }
    }),
];

/// Each word, and the purposes that it agrees to.
const WORDS: [(&str, &[&str]); 5] = [
    ("on", &["failures", "usage"]),
    ("failures", &["failures"]),
    ("usage", &["usage"]),
    ("usage, failures", &["failures", "usage"]),
    ("off", &[]),
];

#[test]
fn of_two_sources_what_both_agree_to_is_sent() {
    let sources: Vec<_> =
        SOURCES.iter().filter(|(name, _)| cfg!(unix) || !name.starts_with("the organisation")).collect();
    for (nth, (one, says_one)) in sources.iter().enumerate() {
        for (other, says_other) in &sources[nth + 1..] {
            for (word, agreed) in WORDS {
                for (other_word, also) in WORDS {
                    let mut person = Person::new();
                    person.run("opt-in 1795000000 purposes yes");
                    // The answer last: another source may keep the program from storing it.
                    says_other(&mut person, other_word);
                    says_one(&mut person, word);
                    let both: Vec<_> = agreed.iter().copied().filter(|purpose| also.contains(purpose)).collect();
                    assert_eq!(
                        sent(&person, "opt-in 1795000000 purposes"),
                        both,
                        "{one}: {word}, {other}: {other_word}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_word_that_names_no_purpose_of_the_program_is_a_no() {
    for (name, says) in &SOURCES[1..3] {
        if cfg!(windows) && name.starts_with("the organisation") {
            continue;
        }
        for word in ["fun", "failure", "Failures", "failures; usage", "usage=1", "", "no", "log", "all"] {
            let mut person = Person::new();
            person.run("opt-in 1795000000 purposes yes");
            says(&mut person, word);
            assert_eq!(sent(&person, "opt-in 1795000000 purposes"), [""; 0], "{name}: {word:?}");
            let decided = person.says("opt-in 1795000000 purposes decide");
            assert!(decided.starts_with("Off "), "{name}: {word:?}: {decided}");
        }
        // A list may name purposes of other programs.
        let mut person = Person::new();
        person.run("opt-in 1795000000 purposes yes");
        says(&mut person, "fun, failures");
        assert_eq!(sent(&person, "opt-in 1795000000 purposes"), ["failures"], "{name}");
    }
}

#[test]
fn an_attribute_for_another_purpose_needs_both() {
    let person = Person::new();
    person.run("opt-in 1795000000 purposes only=failures");
    let said = person.says("opt-in 1795000000 purposes left");
    assert!(said.contains("asked.left") && said.contains("asked.name") && !said.contains("asked.kind"), "{said}");
    person.run("opt-in 1795000000 purposes only=failures,usage");
    assert!(person.says("opt-in 1795000000 purposes left").contains("asked.kind"));
}

#[test]
fn a_new_purpose_never_inherits_a_yes() {
    let person = Person::new();
    let spans = |role: &str| person.says(&format!("{role} third run left"));
    person.run("opt-in 1795000000 purposes only=failures");
    let said = spans("opt-in 1795000000");
    assert!(said.contains("asked.left") && !said.contains("asked.run"), "{said}");
    assert_eq!(person.says("opt-in 1795000000 third decide due"), "On SaidYes\nfalse", "nothing new for failures");
    person.run("opt-in 1795000000 purposes yes");
    assert_eq!(person.says("opt-in 1795000000 third decide due"), "On AgreedInPart(Purpose)\ntrue");
    let said = spans("opt-in 1795000000");
    assert!(said.contains("asked.left") && said.contains("asked.run"), "{said}");
    // A purpose of the present program, in words that nobody was told.
    let unknown = person.says("opt-in 1795000000 purposes only=environment");
    assert!(unknown.starts_with("Err(Purpose(\"environment\""), "{unknown}");
    assert!(person.says("opt-in 1795000000 purposes only=").starts_with("Err(Purpose(\"\""));
}

#[test]
fn a_notice_after_a_yes_to_some_purposes_adds_no_other() {
    let person = Person::new();
    person.run(&format!("first-run {NOON} purposes only=failures"));
    // More of the purpose, in a later version: told, and sent a day later, for that purpose alone.
    person.run(&format!("first-run {NOON} purposes shown"));
    let later = format!("first-run {} purposes", NOON + 2 * DAY);
    assert_eq!(sent(&person, &later), ["failures"]);
    let text = fs::read_to_string(person.answers()).unwrap();
    assert_eq!(text.matches("only = [\"failures\"]").count(), text.matches("[[agreed]]").count(), "{text}");
    // A yes to everything takes the place of both, and a yes to some that of every other.
    person.run(&format!("{later} yes"));
    assert_eq!(sent(&person, &later), ["failures", "usage"]);
    let text = fs::read_to_string(person.answers()).unwrap();
    assert!(!text.contains("only = "), "{text}");
    person.run(&format!("{later} only=usage"));
    assert_eq!(sent(&person, &later), ["usage"]);
    assert_eq!(fs::read_to_string(person.answers()).unwrap().matches("[[agreed]]").count(), 1);
}

#[test]
fn a_yes_to_some_purposes_holds_where_a_variable_leads_to_other_folders() {
    for preset in ["opt-in", "documented"] {
        let mut person = Person::new();
        let role = format!("{preset} 1795000000 purposes");
        let elsewhere = person.work().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        // The folder of an earlier yes to everything.
        person.set("XDG_CONFIG_HOME", &elsewhere);
        person.run(&format!("{role} yes"));
        person.set("XDG_CONFIG_HOME", "");
        person.run(&format!("{role} only=failures"));
        person.set("XDG_CONFIG_HOME", &elsewhere);
        assert_eq!(sent(&person, &role), ["failures"], "{preset}");
    }
}

#[test]
fn a_name_stays_with_the_first_registry_that_declares_it() {
    let person = Person::new();
    let role = "opt-in 1795000000 purposes double";
    person.run(&format!("{role} yes"));
    assert_eq!(sent(&person, role), ["failures", "usage"]);
    person.run(&format!("{role} only=failures"));
    assert_eq!(
        sent(&person, role),
        ["failures"],
        "the library's event of the same name takes no record of the program"
    );
}

#[test]
fn a_program_that_runs_follows_a_yes_to_less() {
    let person = Person::new();
    person.run("opt-in 1795000000 purposes yes");
    let said = person.run("opt-in 1795000000 purposes only=failures record left is-on");
    assert_eq!(said, ["Ok(Decision { mode: Off, reason: OffUntilRestart })", "false"], "off until its next start");
    assert_eq!(sent(&person, "opt-in 1795000000 purposes"), ["failures"]);
    // To more: the next start.
    let said = person.says("opt-in 1795000000 purposes yes record left");
    assert!(said.starts_with("Ok(Decision { mode: On, reason: SaidYes })"), "{said}");
    assert_eq!(sent(&person, "opt-in 1795000000 purposes"), ["failures", "usage"]);
}

#[test]
fn the_status_names_the_purposes_and_the_source_of_each_limit() {
    let mut person = Person::new();
    person.run("opt-in 1795000000 purposes only=failures");
    let status = person.says("opt-in 1795000000 purposes status-text");
    assert!(status.contains("purposes    failures|"), "{status}");
    assert!(status.contains("yes, to failures"), "{status}");
    person.set(TELEMETRY, "usage");
    let status = person.says("opt-in 1795000000 purposes status-text");
    assert!(status.contains("off: the sources agree to no purpose in common"), "{status}");
}

#[test]
fn the_notice_names_the_purposes_and_how_to_agree_to_one() {
    let person = Person::new();
    let notice = person.says("opt-in 1795000000 purposes notice").replace('|', " ");
    let notice = notice.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "For a part `asked telemetry on --only failures`, or set ASKED_TELEMETRY=failures ",
        "Purposes failures: What goes wrong in the program. usage: How the program is used. ",
        "It was left: What was asked (also for usage); Its name (as a keyed hash). For failures. ",
    ] {
        assert!(notice.contains(part), "{part}: {notice}");
    }
    // With one purpose, nothing is said of purposes.
    let notice = person.says("opt-in 1795000000 notice");
    assert!(!notice.contains("For a part") && !notice.contains("For usage"), "{notice}");
}

#[test]
fn what_a_person_reads_after_a_yes_to_a_part_is_without_the_rest() {
    let person = Person::new();
    person.run("opt-in 1795000000 purposes only=failures");
    let words = |said: String| said.replace('|', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let notice = words(person.says("opt-in 1795000000 purposes notice"));
    assert!(!notice.contains("It was done") && notice.contains("It was left"), "{notice}");
    assert!(notice.contains("What is for usage, by your answer."), "{notice}");
    let show = words(person.says("opt-in 1795000000 purposes show"));
    assert!(!show.contains("event asked.done") && show.contains("event asked.left"), "{show}");
    assert!(show.contains("Declared, and not sent: asked.run, asked.done"), "{show}");
}

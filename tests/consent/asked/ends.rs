//! What ends on a day, or with a version: an installed program falls silent by itself, whatever its clock does.

use super::person::{DAY, Person};
use std::fs;

/// 2026-11-18T00:00:00Z.
const START: u64 = 1_794_960_000;

/// The names, keys and events of what a program sends at a time.
fn sent(person: &Person, role: &str) -> String {
    let said = person.says(&format!("{role} record left"));
    let all = ["asked.done", "asked.kind", "asked.name", "asked.left"];
    let found: Vec<_> =
        all.into_iter().filter(|name| said.contains(name)).map(|name| &name["asked.".len()..]).collect();
    found.join(" ")
}

fn at(day: u64) -> String {
    format!("opt-in {} ending", START + day * DAY)
}

const ALL: &str = "done kind name left";

#[test]
fn each_datum_is_sent_until_the_end_of_its_last_day() {
    let person = Person::new();
    person.run(&format!("{} yes", at(0)));
    // Of the attribute 2026-11-19, of the event 2026-11-20, of all 2026-12-31.
    for (seconds, expected) in [
        (0, ALL),
        (2 * DAY - 1, ALL),
        (2 * DAY, "done kind left"),
        (3 * DAY - 1, "done kind left"),
        (3 * DAY, "done kind"),
        (44 * DAY - 1, "done kind"),
        (44 * DAY, ""),
    ] {
        assert_eq!(sent(&person, &format!("opt-in {} ending", START + seconds)), expected, "after {seconds} s");
    }
    assert_eq!(person.says(&format!("{} decide", at(44))), "Off Expired");
    let status = person.says(&format!("{} status-text", at(44)));
    assert!(status.contains("off: all that it collects is past the end that its registry names"), "{status}");
}

#[test]
fn a_clock_that_is_set_back_prolongs_nothing() {
    let person = Person::new();
    person.run(&format!("{} yes", at(0)));
    for (day, expected) in [(1, ALL), (3, "done kind"), (1, "done kind"), (0, "done kind"), (44, ""), (0, ""), (43, "")]
    {
        assert_eq!(sent(&person, &at(day)), expected, "day {day}");
    }
    // 1970: the build is later.
    let built = format!("opt-in 0 ending built={}", START + 3 * DAY);
    assert_eq!(sent(&person, &built), "");
    drop(person);
    let person = Person::new();
    person.run(&format!("{} yes", at(0)));
    assert_eq!(sent(&person, &built), "done kind", "the build is after the first two ends");
    // A clock that was once ahead: what it passed is over.
    assert_eq!(sent(&person, &at(400)), "");
    assert_eq!(sent(&person, &at(1)), "");
    // A reset forgets it, and so does a no.
    person.run(&format!("{} reset", at(1)));
    assert_eq!(sent(&person, &at(1)), ALL);
}

#[test]
fn a_program_that_runs_over_an_end_falls_silent() {
    let person = Person::new();
    person.run(&format!("{} yes", at(0)));
    let during = |day: u64| format!("at={}", START + day * DAY);
    let role = format!("{} {} {} {} {}", at(0), during(2), during(3), during(1), during(44));
    let words: Vec<_> = role.split(' ').collect();
    let [preset, start, ending, name_ended, left_ended, back, all_ended] = words[..] else { panic!("{role}") };
    let steps = [name_ended, left_ended, back, all_ended, back].map(|clock| format!("{clock} record left")).join(" ");
    let said = person.run(&format!("{preset} {start} {ending} record left {steps}"));
    let kinds: Vec<_> = said
        .iter()
        .map(|line| {
            let names = ["asked.done", "asked.left", "asked.name"].into_iter().filter(|name| line.contains(name));
            names.map(|name| &name["asked.".len()..]).collect::<Vec<_>>().join(" ")
        })
        .collect();
    assert_eq!(kinds, ["done name", "left name", "done", "left", "done", "done"], "{said:#?}");
}

#[test]
fn a_program_that_runs_over_all_its_ends_is_off() {
    let expired = "off: all that it collects is past the end that its registry names";
    for what in ["", "also "] {
        let person = Person::new();
        person.run(&format!("{} {what}yes", at(0)));
        let [during, before, after] = [3, 43, 44].map(|day| format!("at={}", START + day * DAY));
        let role = format!("{} {what}{during} is-on {before} is-on {after} is-on decide status-text", at(0));
        let said = person.run(&role);
        assert_eq!(said[..4], ["true", "true", "false", "Off Expired"], "{what}");
        assert!(said[4].contains(expired), "{what}: {}", said[4]);
        // A clock that is set back turns nothing on again.
        let said = person.run(&format!("{} {what}{after} is-on at={START} is-on record decide", at(0)));
        assert_eq!(said, ["false", "false", "Off Expired"], "{what}");
    }
    // A no comes before an end.
    let person = Person::new();
    person.run(&format!("{} yes", at(0)));
    let mut running = person.start(&format!("{} wait at={} is-on decide", at(0), START + 44 * DAY));
    assert_eq!(running.hear().as_deref(), Some("waiting"));
    person.run(&format!("{} no", at(0)));
    running.go_on();
    assert_eq!(running.end(), ["false", "Off SaidNo"]);
    drop(person);
    // Also if nobody asked while the clock was ahead; a program that starts now is on.
    let person = Person::new();
    person.run(&format!("{} yes", at(0)));
    let ahead = format!("at={} record at={START} is-on decide status-text", START + 44 * DAY);
    let said = person.run(&format!("{} {ahead}", at(0)));
    assert_eq!(said[..2], ["false", "Off OffUntilRestart"]);
    assert!(
        said[2].contains("telemetry is on: ") && said[2].contains("; this process records nothing: "),
        "{}",
        said[2]
    );
}

#[test]
fn a_program_whose_resource_has_ended_is_off_until_its_next_start() {
    let person = Person::new();
    let role = format!("opt-in {START} resource also");
    person.run(&format!("{role} yes"));
    let said = person.run(&format!("{role} is-on at={} is-on decide", START + 3 * DAY));
    assert_eq!(said, ["true", "false", "Off OffUntilRestart"]);
    assert_eq!(person.says(&format!("opt-in {} resource also is-on", START + 3 * DAY)), "true");
}

#[test]
fn a_file_that_another_process_damages_turns_a_running_program_off() {
    let person = Person::new();
    person.run(&format!("{} yes record", at(0)));
    let mut running = person.start(&format!("{} is-on wait is-on record decide", at(0)));
    assert_eq!(running.hear().as_deref(), Some("true"));
    assert_eq!(running.hear().as_deref(), Some("waiting"));
    fs::write(person.state().join("latest"), "x\n").unwrap();
    running.go_on();
    assert_eq!(running.end(), ["false", "Off LatestTime"]);
}

#[test]
fn a_rehearsal_leaves_no_file_and_reads_none() {
    let person = Person::new();
    let rehearsal = |day: u64| format!("{} unasked", at(day));
    assert_eq!(sent(&person, &rehearsal(0)), ALL);
    assert_eq!(person.files(), Vec::<std::path::PathBuf>::new());
    person.run(&format!("{} yes", at(44)));
    person.run(&format!("{} record", at(44)));
    assert!(person.state().join("latest").exists());
    assert_eq!(sent(&person, &rehearsal(0)), ALL);
}

#[test]
fn an_upgrade_prolongs_what_was_agreed_to_only_after_a_new_yes() {
    let person = Person::new();
    person.run(&format!("{} yes", at(0)));
    let upgraded = |day: u64| format!("opt-in {} endless", START + day * DAY);
    assert_eq!(person.says(&format!("{} decide due", upgraded(0))), "On AgreedInPart(Expires)\ntrue");
    assert_eq!(sent(&person, &upgraded(0)), ALL);
    assert_eq!(sent(&person, &upgraded(3)), "done kind");
    assert_eq!(sent(&person, &upgraded(1)), "done kind", "the clock is set back, and the new tables have no end");
    person.run(&format!("{} yes", upgraded(3)));
    assert_eq!(sent(&person, &upgraded(3)), ALL);
    // The earlier end is narrower, and needs no new answer.
    assert_eq!(person.says(&format!("{} decide", at(3))), "On SaidYes");
    assert_eq!(sent(&person, &at(3)), "done kind");
}

#[test]
fn after_an_end_that_was_told_a_later_one_needs_a_new_answer() {
    for answer in ["yes", "shown"] {
        let person = Person::new();
        let role = |day: u64, words: &str| format!("first-run {} {words}", START + day * DAY);
        person.run(&role(0, &format!("ending {answer}")));
        assert_eq!(person.says(&role(45, "ending decide due")), "Off Expired\nfalse", "{answer}");
        assert_eq!(person.says(&role(45, "extended decide due")), "Undecided Wider(Expires)\ntrue", "{answer}");
        person.run(&role(45, "extended yes"));
        assert_eq!(person.says(&role(45, "extended decide")), "On SaidYes");
    }
}

#[test]
fn nobody_is_asked_about_what_is_over() {
    for preset in ["opt-in", "first-run"] {
        let person = Person::new();
        assert_eq!(person.says(&format!("{preset} {} ending due", START + 43 * DAY)), "true");
        assert_eq!(person.says(&format!("{preset} {} ending due", START + 44 * DAY)), "false");
    }
}

#[test]
fn at_the_end_of_everything_the_secret_is_deleted_and_the_time_is_kept() {
    let person = Person::new();
    person.run(&format!("{} yes", at(0)));
    person.run(&format!("{} record", at(0)));
    let secret = person.state().join("identity.toml");
    assert!(secret.exists());
    person.run(&format!("{} record", at(44)));
    assert!(!secret.exists() && person.state().join("latest").exists());
    assert_eq!(sent(&person, &at(0)), "");
}

#[test]
fn with_an_attribute_of_the_resource_every_record_of_a_process_ends() {
    let person = Person::new();
    let role = format!("opt-in {START} resource also");
    person.run(&format!("{role} yes"));
    let during = format!("at={}", START + 3 * DAY);
    let said = person.run(&format!("{role} record library {during} record library"));
    assert_eq!(said.len(), 2, "{said:#?}");
    // The next process has a resource without it.
    let said = person.run(&format!("opt-in {} resource also record library", START + 3 * DAY));
    assert!(said.len() == 2 && said.iter().all(|line| !line.contains("os.type")), "{said:#?}");
}

#[test]
fn a_library_ends_with_its_program_and_by_its_own_version() {
    let person = Person::new();
    person.run(&format!("{} also yes", at(0)));
    let during = format!("at={}", START + 44 * DAY);
    let said = person.run(&format!("{} also library {during} library", at(0)));
    assert!(said.len() == 1 && said[0].contains("library.new"), "{said:?}");
    // The program is of version 1.0.0.
    assert_eq!(person.run(&format!("{} also library", at(44))), Vec::<String>::new());
}

#[test]
fn an_end_by_version_has_come_in_that_version() {
    let person = Person::new();
    let role = format!("opt-in {START} obsolete");
    person.run(&format!("{role} yes"));
    let said = person.says(&format!("{role} record left"));
    assert!(said.contains("asked.done") && !said.contains("asked.left"), "{said}");
}

#[test]
fn the_file_with_the_latest_time_is_written_once_a_day_and_only_where_something_ends() {
    let person = Person::new();
    let file = person.state().join("latest");
    person.run(&format!("opt-in {START} yes record"));
    assert!(!file.exists(), "nothing ends");
    let noted = || fs::read_to_string(&file).ok();
    let seconds = |seconds: u64| format!("opt-in {} ending", START + seconds);
    person.run(&format!("{} yes record", seconds(100)));
    person.run(&format!("{} record", seconds(100)));
    assert_eq!(noted(), Some(format!("{}\n", START + 100)));
    person.run(&format!("{} record", seconds(DAY)));
    assert_eq!(noted(), Some(format!("{}\n", START + 100)), "less than a day later");
    person.run(&format!("{} record", seconds(2 * DAY - 50)));
    assert_eq!(noted(), Some(format!("{}\n", START + 2 * DAY - 50)));
    person.run(&format!("{} record", seconds(2 * DAY)));
    assert_eq!(noted(), Some(format!("{}\n", START + 2 * DAY)), "something has ended");
    // A file that can't be used is the end of all that has one; that is said, and nothing is deleted.
    let secret = fs::read(person.state().join("identity.toml")).unwrap();
    for damaged in ["", "1", "-1\n", "01\n", "x\n", "99999999999999999999999\n"] {
        fs::write(&file, damaged).unwrap();
        assert_eq!(sent(&person, &at(0)), "", "{damaged:?}");
        assert_eq!(noted().as_deref(), Some(damaged), "it stays");
        assert_eq!(person.says(&format!("{} decide", at(0))), "Off LatestTime", "{damaged:?}");
        assert_eq!(fs::read(person.state().join("identity.toml")).unwrap(), secret);
    }
    person.run(&format!("{} no", at(0)));
    assert!(!file.exists());
}

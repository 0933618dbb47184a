//! Answers: stored, covering, taken back, seen by a process that runs.

use super::person::{DAY, NOON, Person};
use super::registry;
use std::path::Path;

/// What the program decides.
#[track_caller]
fn check(person: &Person, role: &str, expected: &str) {
    assert_eq!(person.says(&format!("{role} decide")), expected, "{role}");
}

/// What was sent for a key.
#[track_caller]
fn value(sent: &str, key: &str) -> String {
    let (_, after) =
        sent.split_once(&format!("\"key\":\"{key}\",\"value\":{{\"stringValue\":\"")).expect("it was sent");
    after.split('"').next().expect("a value").to_owned()
}

#[test]
fn nothing_is_recorded_before_a_yes() {
    let person = Person::new();
    assert_eq!(person.run("opt-in 1795000000 record client decide"), ["false", "Undecided Undecided"]);
    assert_eq!(person.files(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_yes_holds_in_the_next_process_and_in_this_one() {
    let person = Person::new();
    let said = person.run("opt-in 1795000000 record yes record client");
    assert_eq!(said[0], "Ok(Decision { mode: On, reason: SaidYes })");
    assert!(said[1].starts_with("sent {\"resourceLogs\""), "{said:?}");
    assert_eq!(said[2], "true");
    check(&person, "opt-in 1795000001", "On SaidYes");
    assert!(person.says("opt-in 1795000001 record").contains("asked.done"));
}

#[test]
fn a_no_counts_everywhere_and_leaves_no_data() {
    let person = Person::new();
    person.run("opt-in 1795000000 yes record");
    assert!(person.state().join("identity.toml").exists(), "a hash needs a secret");
    let said = person.run("opt-in 1795000000 no record yes record decide is-on");
    assert_eq!(said[0], "Ok(Decision { mode: Off, reason: SaidNo })");
    let here = "OffUntilRestart";
    assert_eq!(
        said[1..],
        [format!("Ok(Decision {{ mode: Off, reason: {here} }})"), format!("Off {here}"), "false".into()]
    );
    check(&person, "opt-in 1795000000", "On SaidYes");
    person.run("opt-in 1795000000 no");
    assert_eq!(person.files(), [person.answers()]);
    for preset in ["opt-in", "first-run", "next-run"] {
        check(&person, &format!("{preset} 1795000000"), "Off SaidNo");
    }
}

#[test]
fn the_status_of_a_process_that_stays_off_says_so() {
    let person = Person::new();
    person.run("opt-in 1795000000 yes");
    let headline = |said: &str| said.split('|').next().unwrap().to_owned();
    for no in ["disable", "no yes"] {
        let said = person.run(&format!("opt-in 1795000000 {no} status-text status"));
        let [.., text, json] = said.as_slice() else { panic!("{said:?}") };
        let why = "it was turned off in this process, and is on from the next start";
        let expected = format!("asked telemetry is on: the stored answer is yes; this process records nothing: {why}");
        assert_eq!(headline(text), expected, "{no}");
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!((&json["mode"], &json["off_in_this_process"]), (&"on".into(), &why.into()), "{no}");
    }
    let said = person.run("opt-in 1795000000 again status-text status");
    assert!(!headline(said.iter().rev().nth(1).unwrap()).contains("this process"), "{said:?}");
    // A second answer changes nothing in a process that is on.
    assert_eq!(person.run("opt-in 1795000000 yes is-on"), ["Ok(Decision { mode: On, reason: SaidYes })", "true"]);
}

#[test]
fn a_yes_under_another_no_returns_that_no() {
    let mut person = Person::new();
    person.set("DO_NOT_TRACK", "1");
    assert_eq!(person.run("opt-in 1795000000 yes is-on"), ["Ok(Decision { mode: Off, reason: DoNotTrack })", "false"]);
}

/// The variables of another day led elsewhere.
#[test]
fn a_no_deletes_in_every_folder_that_is_read() {
    for no in ["no", "reset"] {
        let mut person = Person::new();
        person.run("opt-in 1795000000 yes record");
        let usual = person.state().join("identity.toml");
        assert!(usual.exists());
        let elsewhere = person.work().join("state");
        person.set("XDG_STATE_HOME", &elsewhere);
        person.run(&format!("opt-in 1795000000 {no}"));
        assert!(!usual.exists(), "{no}");
        assert!(!elsewhere.join("scruple/com.example.asked/identity.toml").exists(), "{no}");
    }
}

// Windows has no modes.
#[cfg(unix)]
#[test]
fn only_the_person_can_read_and_write_stored_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let person = Person::new();
    for mask in ["000", "077", "777"] {
        let mut shell = std::process::Command::new("sh");
        let program = person.command("opt-in 1795000000 yes");
        shell
            .arg("-c")
            .arg(format!("umask {mask}; exec \"$0\" \"$@\""))
            .arg(program.get_program())
            .args(program.get_args());
        shell.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        assert!(shell.current_dir(person.work()).output().unwrap().status.success());
        for file in person.files() {
            let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&file), 0o600, "{file:?}");
            let folders = file.ancestors().skip(1).take_while(|folder| *folder != person.home());
            folders.for_each(|folder| assert_eq!(mode(folder), 0o700, "{folder:?}"));
        }
        check(&person, "opt-in 1795000000", "On SaidYes");
        person.run("opt-in 1795000000 no");
        std::fs::remove_dir_all(person.home().join(".config")).unwrap();
        std::fs::remove_dir_all(person.home().join(".local")).unwrap();
    }
}

#[test]
fn a_wider_registry_needs_a_new_yes() {
    let person = Person::new();
    person.run("opt-in 1795000000 yes");
    check(&person, "opt-in 1795000000 narrower", "On SaidYes");
    check(&person, "opt-in 1795000000 wider", "On AgreedInPart(Member)");
    check(&person, "opt-in 1795000000 elsewhere", "Undecided Wider(Endpoint)");
    check(&person, "opt-in 1795000000 controlled", "Undecided Wider(Controller)");
    let sent = person.says("opt-in 1795000000 wider record");
    assert!(sent.contains("asked.done") && sent.contains("asked.kind"), "what both declare: {sent}");
    for elsewhere in ["elsewhere", "controlled"] {
        assert_eq!(person.run(&format!("opt-in 1795000000 {elsewhere} record")), Vec::<String>::new());
    }
    person.run("opt-in 1795000000 wider yes");
    check(&person, "opt-in 1795000000 wider", "On SaidYes");
    // Two versions side by side.
    check(&person, "opt-in 1795000000", "On SaidYes");
    let text = std::fs::read_to_string(person.answers()).unwrap();
    assert_eq!(text.matches("[[agreed]]").count(), 1, "the wider covers the other: {text}");
}

#[test]
fn an_attribute_opted_in_by_code_needs_a_new_yes() {
    let person = Person::new();
    person.run("opt-in 1795000000 choice yes");
    let sent = |role: &str| person.says(&format!("opt-in 1795000000 {role} record"));
    check(&person, "opt-in 1795000000 choice", "On SaidYes");
    assert!(!sent("choice").contains("asked.plan"));
    check(&person, "opt-in 1795000000 opted", "On AgreedInPart(Level)");
    let part = sent("opted");
    assert!(part.contains("asked.kind") && !part.contains("asked.plan"), "{part}");
    person.run("opt-in 1795000000 opted yes");
    check(&person, "opt-in 1795000000 opted", "On SaidYes");
    assert!(sent("opted").contains("asked.plan"));
    check(&person, "opt-in 1795000000 choice", "On SaidYes");
    assert!(!sent("choice").contains("asked.plan"));
    let text = std::fs::read_to_string(person.answers()).unwrap();
    assert_eq!(text.matches("[[agreed]]").count(), 1, "the wider covers the other: {text}");
    // An answer that names no key was given to none.
    let line = "opt_in = [\"asked.plan\"]\n";
    assert_eq!(text.matches(line).count(), 1, "{text}");
    std::fs::write(person.answers(), text.replace(line, "")).unwrap();
    check(&person, "opt-in 1795000000 opted", "On AgreedInPart(Level)");
}

#[test]
fn a_yes_covers_one_receiver_and_two_answers_are_kept() {
    let person = Person::new();
    person.run("opt-in 1795000000 yes");
    person.run("opt-in 1795000000 elsewhere yes");
    check(&person, "opt-in 1795000000", "On SaidYes");
    check(&person, "opt-in 1795000000 elsewhere", "On SaidYes");
}

/// The variables that lead programs to a person's settings; on Windows, those of other programs, since this one reads none.
const VARIABLES: &[&str] =
    if cfg!(windows) { &["USERPROFILE", "LOCALAPPDATA", "APPDATA", "HOMEPATH"] } else { &["XDG_CONFIG_HOME"] };

#[test]
fn no_variable_removes_a_no() {
    let set = |person: &mut Person, value: &Path| {
        for name in VARIABLES {
            person.set(name, value);
        }
    };
    let mut person = Person::new();
    person.run("opt-in 1795000000 no");
    let elsewhere = person.home().join("elsewhere");
    set(&mut person, &elsewhere);
    check(&person, "documented 1795000000", "Off SaidNo");
    drop(person);
    let mut other = Person::new();
    let elsewhere = other.home().join("elsewhere");
    set(&mut other, &elsewhere);
    other.run("documented 1795000000 no");
    check(&other, "documented 1795000000", "Off SaidNo");
    set(&mut other, Path::new(""));
    check(&other, "documented 1795000000", "Off SaidNo");
    set(&mut other, Path::new("relative"));
    check(&other, "documented 1795000000", "Off SaidNo");
    // And a yes given with the variable does take it away where it was given.
    set(&mut other, &elsewhere);
    other.run("opt-in 1795000000 yes");
    check(&other, "opt-in 1795000000", "On SaidYes");
}

#[test]
fn a_no_by_variable_deletes_the_data_and_keeps_the_answer() {
    for name in ["DO_NOT_TRACK", super::role::OPTOUT] {
        let mut person = Person::new();
        person.run("opt-in 1795000000 yes");
        person.set(name, "1");
        person.run("opt-in 1795000000 record");
        assert_eq!(person.files(), [person.answers()]);
        person.set(name, "0");
        check(&person, "opt-in 1795000000", "On SaidYes");
    }
    let mut person = Person::new();
    person.run("opt-in 1795000000 yes");
    let secret = std::fs::read(person.state().join("identity.toml")).unwrap();
    person.set("CI", "true");
    person.run("opt-in 1795000000 record");
    assert_eq!(std::fs::read(person.state().join("identity.toml")).unwrap(), secret, "CI leaves it");
}

#[test]
fn a_running_process_sees_a_no_of_another() {
    let person = Person::new();
    person.run("opt-in 1795000000 yes");
    let mut running = person.start("opt-in 1795000000 is-on wait is-on client record decide");
    assert_eq!(running.hear().unwrap(), "true");
    assert_eq!(running.hear().unwrap(), "waiting");
    person.run("opt-in 1795000000 no");
    running.go_on();
    assert_eq!(running.end(), ["false", "false", "Off SaidNo"]);
}

#[test]
fn a_no_leaves_no_secret_whatever_starts_meanwhile() {
    for _ in 0..10 {
        let person = Person::new();
        person.run("opt-in 1795000000 yes");
        std::fs::remove_dir_all(person.state()).unwrap();
        let running: Vec<_> = (0..8).map(|_| person.start("opt-in 1795000000 record")).collect();
        let no = person.start("opt-in 1795000000 no");
        let more: Vec<_> = (0..8).map(|_| person.start("opt-in 1795000000 record")).collect();
        for one in running.into_iter().chain(more).chain([no]) {
            one.end();
        }
        let mut files = person.files();
        // A lock that is busy for long has the no in both folders there.
        files.retain(|file| cfg!(unix) || *file != person.state().join("telemetry.toml"));
        assert_eq!(files, [person.answers()]);
    }
}

#[test]
fn fifty_concurrent_answers_leave_one_complete_answer() {
    let person = Person::new();
    let running: Vec<_> = (0..50)
        .map(|nth| {
            let answer = ["yes", "no", "shown", "wider yes", "elsewhere yes"][nth % 5];
            let mut running = person.start(&format!("opt-in 1795000000 {answer} wait"));
            while running.hear().is_some_and(|said| said != "waiting") {}
            running
        })
        .collect();
    for mut one in running {
        one.go_on();
        one.end();
    }
    let said = person.says("opt-in 1795000000 decide");
    assert!(!said.contains("Answer"), "{said}");
    let left: Vec<_> =
        std::fs::read_dir(person.answers().parent().unwrap()).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(left, [person.answers()], "nothing half-written is left");
}

#[test]
fn a_notice_never_replaces_a_no() {
    let person = Person::new();
    person.run("first-run 1795000000 no");
    person.run("first-run 1795000000 shown");
    check(&person, &format!("first-run {}", NOON + 2 * DAY), "Off SaidNo");
}

#[test]
fn one_app_has_one_pipeline() {
    let person = Person::new();
    person.run("opt-in 1795000000 yes");
    assert_eq!(person.says("opt-in 1795000000 again"), "Off Twice");
}

/// The hash of a name that the program records.
fn hash(person: &Person) -> String {
    value(&person.says("opt-in 1795000000 record"), "asked.name")
}

#[test]
fn a_reset_makes_new_ids() {
    let person = Person::new();
    person.run("opt-in 1795000000 yes");
    let before = hash(&person);
    assert_eq!(before, hash(&person), "the same installation");
    assert_eq!(person.says("opt-in 1795000000 reset"), "Ok(())");
    assert_ne!(before, hash(&person));
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    #[cfg(unix)]
    assert!(std::process::Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
    #[cfg(windows)]
    {
        std::fs::create_dir(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let (path, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
            if path.is_dir() {
                copy(&path, &to);
            } else {
                std::fs::copy(path, to).unwrap();
            }
        }
    }
}

#[test]
fn a_copied_home_folder_is_another_installation() {
    let person = Person::new();
    person.run("opt-in 1795000000 yes");
    let before = hash(&person);
    // On Windows, what the program has in the profile.
    let app = [person.answers().parent().unwrap().to_owned(), person.state()];
    let folders = if cfg!(windows) { app.to_vec() } else { vec![person.home()] };
    for folder in folders {
        let copied = folder.with_file_name("copy");
        copy(&folder, &copied);
        std::fs::remove_dir_all(&folder).unwrap();
        std::fs::rename(copied, folder).unwrap();
    }
    assert_ne!(before, hash(&person));
}

#[test]
fn a_session_is_inherited_by_the_child_that_it_is_passed_to() {
    let person = Person::new();
    person.run("opt-in 1795000000 yes");
    let said = person.run("opt-in 1795000000 session handed");
    assert_eq!(value(&said[0], "session.id"), value(&said[1], "session.id"));
    let said = person.run("opt-in 1795000000 session unhanded");
    assert_ne!(value(&said[0], "session.id"), value(&said[1], "session.id"));
}

#[test]
fn a_filter_that_hides_everything_is_named() {
    let person = Person::new();
    person.run("opt-in 1795000000 yes");
    assert_eq!(person.run("opt-in 1795000000 warn record heard"), ["Err(LevelFilter::WARN)"]);
    assert!(person.says("opt-in 1795000000 warn status").contains("\"hidden_below\":\"warn\""));
    assert_eq!(person.run("opt-in 1795000000 heard"), ["Ok(())"]);
}

#[test]
fn the_stored_agreement_has_the_canonical_text() {
    for (registry, expected) in [
        (&registry::REGISTRY, include_str!("registry.txt")),
        (&registry::DOCUMENTED, include_str!("documented.txt")),
        (&registry::CHOICE, include_str!("choice.txt")),
        (&registry::WIDER, include_str!("wider.txt")),
        (&registry::NARROWER, include_str!("narrower.txt")),
        (&registry::ELSEWHERE, include_str!("elsewhere.txt")),
        (&registry::CONTROLLED, include_str!("controlled.txt")),
    ] {
        assert_eq!(scruple::registry::snapshot::text(&[registry]), expected);
    }
}

//! Disks that are full or can only be read, as real file systems in a mount namespace of their own.

use super::person::{NOON, Person};
use scruple_fixtures::process;
use std::process::Command;

/// Runs the program after a script that prepares its home folder, which is an empty file system of one page.
#[track_caller]
fn check(prepare: &str, role: &str, expected: &[&str]) {
    let person = Person::new();
    let program = person.command(role);
    let mut command = Command::new("unshare");
    let script =
        format!("mount -t tmpfs -o size=4k,mode=0700 home \"$HOME\" && {{ {prepare}; }} && exec \"$0\" \"$@\"");
    command.args(["-m", "sh", "-c", &script]).arg(program.get_program()).args(program.get_args());
    command.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("PATH", std::env::var_os("PATH").expect("PATH")).current_dir(person.work());
    let output = command.output().expect("unshare runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let said: Vec<_> = process::said(&said).collect();
    assert_eq!(said.len(), expected.len(), "{said:?}");
    for (said, expected) in said.iter().zip(expected) {
        assert!(said.contains(expected), "{said:?} is not {expected:?}");
    }
}

const FULL: &str = "dd if=/dev/zero of=\"$HOME/all\" bs=4096 count=1 2>/dev/null";
const READ_ONLY: &str = "mount -o remount,ro \"$HOME\"";

#[test]
#[ignore = "needs root and unshare: to mount a file system in a namespace"]
fn the_program_continues_and_reports_an_answer_that_was_not_stored() {
    let role = format!("opt-in {NOON} yes record decide");
    check(FULL, &role, &["File(Full)", "Undecided Undecided"]);
    check(READ_ONLY, &role, &["File(ReadOnly)", "Undecided Undecided"]);
    let role = format!("opt-in {NOON} no record decide");
    check(READ_ONLY, &role, &["Err(No(", "Off SaidNo"]);
}

/// Runs the program in the script, before the one that is checked.
fn run(role: &str) -> String {
    format!("ASKED_ROLE='{role}' \"$0\" \"$@\" >/dev/null 2>&1")
}

#[test]
#[ignore = "needs root and unshare: to mount a file system in a namespace"]
fn a_no_is_stored_on_a_full_disk() {
    let no = format!("opt-in {NOON} no");
    let yes = format!("mount -o remount,size=64k \"$HOME\" && {}", run(&format!("opt-in {NOON} yes record")));
    let fill = "dd if=/dev/zero of=\"$HOME/all\" bs=4096 2>/dev/null; true";
    // What `off` deletes makes room for it.
    check(&format!("{yes}; {fill}"), &no, &["Ok(Decision { mode: Off"]);
    check(&format!("{yes}; {fill}; {}", run(&no)), &format!("opt-in {NOON} decide"), &["Off SaidNo"]);
    // Nothing is deleted that could make room: an empty file is room enough.
    let full = format!("{yes}; rm -r \"$HOME/.local\"; {fill}");
    check(&full, &no, &["Ok(Decision { mode: Off"]);
    for preset in ["opt-in", "documented"] {
        check(&format!("{full}; {}", run(&no)), &format!("{preset} {NOON} decide"), &["Off "]);
        check(&format!("{FULL}; {}", run(&no)), &format!("{preset} {NOON} decide"), &["Off "]);
    }
    // With room again it is whole.
    let again = format!("{full}; {}; rm \"$HOME/all\"; {}", run(&no), run(&no));
    check(&again, &format!("documented {NOON} decide"), &["Off SaidNo"]);
}

#[test]
#[ignore = "needs root and unshare: to mount a file system in a namespace"]
fn a_no_is_stored_although_the_settings_are_read_only() {
    let yes = format!("mount -o remount,size=640k \"$HOME\" && {}", run(&format!("opt-in {NOON} yes")));
    let read_only = format!(
        "{yes}; mount --bind \"$HOME/.config\" \"$HOME/.config\" && mount -o remount,bind,ro \"$HOME/.config\""
    );
    let no = format!("opt-in {NOON} no");
    check(&read_only, &no, &["Ok(Decision { mode: Off, reason: SaidNo"]);
    let after = format!("{read_only}; {}; umount \"$HOME/.config\"", run(&no));
    check(&after, &format!("opt-in {NOON} decide"), &["Off SaidNo"]);
    // Nothing can be written: the yes is in force for others, and that is said.
    check(&format!("{yes}; {READ_ONLY}"), &format!("{no} decide"), &["Err(No(", "Off SaidNo"]);
    check(&format!("{yes}; {READ_ONLY}; {}", run(&no)), &format!("opt-in {NOON} decide"), &["On SaidYes"]);
}

#[test]
#[ignore = "needs root and unshare: to mount a file system in a namespace"]
fn nothing_is_sent_if_the_secret_cannot_be_stored() {
    let answer = "\"$0\" \"$@\" >/dev/null 2>&1";
    let with_yes = |after: &str| {
        format!(
            "mount -o remount,size=64k \"$HOME\" && ASKED_ROLE='opt-in {NOON} yes' {answer}; rm -r \"$HOME/.local\"; {after}"
        )
    };
    let role = format!("opt-in {NOON} record decide");
    check(&with_yes(READ_ONLY), &role, &["Off Identity(File("]);
    let full = "dd if=/dev/zero of=\"$HOME/all\" bs=4096 2>/dev/null; true";
    check(&with_yes(full), &role, &["Off Identity(File("]);
}

#[test]
#[ignore = "needs root and unshare: to mount a file system in a namespace"]
fn the_installation_is_the_same_after_another_mount() {
    let person = Person::new();
    let program = person.command("");
    let mut command = Command::new("unshare");
    // An overlay has another device's number with each mount; other file systems take the one that it had, and lower ones
    // that another test has given back.
    let script = "
        mount -t tmpfs disk \"$WORK\" && mkdir \"$WORK/lower\" \"$WORK/upper\" \"$WORK/work\" \"$WORK/other\" || exit 3
        chmod 700 \"$WORK/upper\"
        over() {
            mount -t overlay over -o lowerdir=\"$WORK/lower\",upperdir=\"$WORK/upper\",workdir=\"$WORK/work\" \"$HOME\"
        }
        over || exit 4
        stat -c '> %d' \"$HOME\"
        ASKED_ROLE='opt-in 1795000000 yes' \"$0\" \"$@\" > \"$WORK/said\"
        ASKED_ROLE='opt-in 1795000000 record' \"$0\" \"$@\"
        umount \"$HOME\" || exit 5
        for other in 1 2 3 4 5 6 7 8; do mount -t tmpfs other \"$WORK/other\" || exit 5; done
        over || exit 5
        stat -c '> %d' \"$HOME\"
        ASKED_ROLE='opt-in 1795000000 record' exec \"$0\" \"$@\"";
    command.args(["-m", "sh", "-c", script]).arg(program.get_program()).args(program.get_args());
    command.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("PATH", std::env::var_os("PATH").expect("PATH")).env("WORK", person.work()).current_dir("/");
    let output = command.output().expect("unshare runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let said: Vec<_> = process::said(&said).collect();
    let [device, sent, other_device, sent_again] = said[..] else { panic!("{said:?}") };
    assert_ne!(device, other_device);
    let hash = |sent: &str| sent.split_once("\"asked.name\"").expect("a hash").1.split('}').next().map(str::to_owned);
    assert_eq!(hash(sent), hash(sent_again), "one installation");
}

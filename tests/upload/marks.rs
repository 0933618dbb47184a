//! The variable that marks an uploader: any environment may hold one, and only a child of the program's own start believes
//! it.

use super::person::{Person, Receiver};
use super::program::{UPLOADER, mark};
use scruple_fixtures::trials;
use std::fs;
use std::process::Command;

trials! {
    a_mark_that_is_not_of_the_programs_own_start_is_ignored,
    a_host_of_a_library_is_never_an_uploader,
    ; "needs root":
    a_mark_of_what_has_no_id_here_is_ignored,
}

/// Runs the program with this mark, and checks that it does its work.
#[track_caller]
fn check_works(person: &Person, what: &str, prepare: impl FnOnce(Command) -> Command) {
    let before = person.waiting();
    let output = prepare(person.command("fresh record=1 decide")).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && printed.starts_with("On"), "{what}: {printed}");
    assert_eq!(person.waiting(), before + 1, "{what}");
}

fn a_mark_that_is_not_of_the_programs_own_start_is_ignored() {
    let receiver = Receiver::new();
    let person = Person::new(&receiver.0.url);
    let session = nix::unistd::getsid(None).unwrap();
    let by_session = format!("com.example.asked uploader {} 1", session);
    let fixed =
        ["", "1", "com.example.asked", "com.example.asked starter", "com.example.asked starter 1 1", &by_session];
    for value in fixed {
        check_works(&person, value, |mut command| {
            command.env(UPLOADER, value);
            command
        });
    }
    // Marks that are true for another process: this one's child that has no argument.
    check_works(&person, "of a parent's parent", |command| {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", "\"$0\"; exit $?"]).arg(command.get_program()).env_clear().env(UPLOADER, mark("starter"));
        shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell
    });
    check_works(&person, "with an argument", |mut command| {
        command.env(UPLOADER, mark("starter")).arg("word");
        command
    });
    check_works(&person, "of another stage", |mut command| {
        command.env(UPLOADER, mark("uploader"));
        command
    });
    assert_eq!(receiver.requests(), Vec::<String>::new());
    // The control.
    let status = person.command("fresh record=1").env(UPLOADER, mark("starter")).status().unwrap();
    assert!(status.success());
    super::person::until("its uploader sends", || person.waiting() == 0);
}

/// Parent, session and group of the first process in a namespace of ids are outside of it: their id is 0 there.
fn a_mark_of_what_has_no_id_here_is_ignored() {
    let receiver = Receiver::new();
    let person = Person::new(&receiver.0.url);
    for value in ["uploader 0 1", "starter 0 1", "uploader 1 1", "starter 1 1", "uploader -1 1"] {
        check_works(&person, value, |command| {
            let mut first = Command::new("unshare");
            first.args(["--pid", "--fork", "--mount-proc"]).arg(command.get_program()).env_clear();
            first.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
            first.env("PATH", std::env::var_os("PATH").unwrap()).env(UPLOADER, format!("com.example.asked {value}"));
            first
        });
    }
    assert_eq!(receiver.requests(), Vec::<String>::new());
}

fn a_host_of_a_library_is_never_an_uploader() {
    let receiver = Receiver::new();
    let person = Person::new(&receiver.0.url);
    let is_uploader = || {
        let output = person.uploader().output().unwrap();
        assert!(output.status.success());
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(printed.is_empty() || printed == "the program's own work\n", "{printed}");
        printed.is_empty()
    };
    assert!(is_uploader());
    fs::write(person.home().join("library"), "").unwrap();
    assert!(!is_uploader());
}

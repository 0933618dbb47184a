//! Processes whose uploader would end with them, or can't be started: the first process of a container, a unit of systemd,
//! and a process without `/proc`. They upload at their end, within its budget.

use super::person::{Person, Receiver, distinct, receiver_and_person};
use scruple_fixtures::trials;
use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

trials! {
    a_unit_of_systemd_delivers_before_its_end,
    a_receiver_that_does_not_answer_prolongs_no_unit,
    ; "needs root":
    the_first_process_of_a_container_delivers_before_its_end,
    a_process_without_proc_delivers_once,
}

/// As systemd starts a program, or a script that starts the program.
const UNITS: [&str; 3] = [
    "SYSTEMD_EXEC_PID=$$ exec \"$0\"",
    "export SYSTEMD_EXEC_PID=$$; \"$0\"; code=$?; exit $code",
    "export SYSTEMD_EXEC_PID=$$; \"$0\" && \"$0\"; code=$?; exit $code",
];

/// The program inside of another command, which gets its path as the last argument.
pub fn inside(person: &Person, role: &str, around: &[&str]) -> Command {
    let program = person.command(role);
    let [outer, arguments @ ..] = around else { panic!("a command") };
    let mut command = Command::new(outer);
    command.args(arguments).arg(program.get_program()).env_clear().current_dir(person.home());
    command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("PATH", std::env::var_os("PATH").unwrap());
    command
}

/// Runs it to its end: everything has arrived by then, and once.
#[track_caller]
fn delivers(receiver: &Receiver, person: &Person, around: &[&str]) {
    for _ in 0..2 {
        person.later();
        let status = inside(person, "record=2", around).status().unwrap();
        assert!(status.success(), "{around:?}: {status}");
        let records = receiver.records();
        assert!(
            records.len() >= 2 && person.waiting() == 0,
            "{around:?}: {records:?}, {} files wait",
            person.waiting()
        );
        receiver.0.take();
    }
}

fn a_unit_of_systemd_delivers_before_its_end() {
    let (receiver, person) = receiver_and_person();
    UNITS[..2].iter().for_each(|unit| delivers(&receiver, &person, &["/bin/sh", "-c", unit]));
    // Not due: it stays for the next that is.
    person.later();
    assert!(inside(&person, "record=2", &["/bin/sh", "-c", UNITS[2]]).status().unwrap().success());
    assert_eq!((receiver.records().len(), person.waiting()), (2, 1));
}

fn a_receiver_that_does_not_answer_prolongs_no_unit() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let person = Person::new(&format!("http://{}", silent.local_addr().unwrap()));
    let begun = Instant::now();
    assert!(inside(&person, "record=2", &["/bin/sh", "-c", UNITS[0]]).status().unwrap().success());
    // 200 ms for the upload, and what a loaded machine takes to start a program.
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(person.waiting(), 1);
    // From the start of the next.
    drop(silent);
    let receiver = Receiver::new();
    let person_elsewhere = Person::new(&receiver.0.url);
    std::fs::write(person_elsewhere.state().join("stamp"), "").unwrap();
    assert!(inside(&person_elsewhere, "record=2", &["/bin/sh", "-c", UNITS[0]]).status().unwrap().success());
    assert_eq!(person_elsewhere.waiting(), 1);
    delivers(&receiver, &person_elsewhere, &["/bin/sh", "-c", UNITS[0]]);
}

fn the_first_process_of_a_container_delivers_before_its_end() {
    let (receiver, person) = receiver_and_person();
    let container = ["unshare", "--pid", "--fork", "--mount-proc"];
    delivers(&receiver, &person, &container);
    // Also one that the first has started.
    delivers(&receiver, &person, &[&container[..], &["/bin/sh", "-c", "\"$0\"; code=$?; exit $code"]].concat());
    // A library in it too.
    std::fs::write(person.home().join("library"), "").unwrap();
    delivers(&receiver, &person, &container);
}

fn a_process_without_proc_delivers_once() {
    let (receiver, person) = receiver_and_person();
    let hidden = ["unshare", "--mount", "/bin/sh", "-c", "mount -t tmpfs none /proc && exec \"$0\""];
    delivers(&receiver, &person, &hidden);
    person.later();
    assert!(inside(&person, "record=3", &hidden).status().unwrap().success());
    person.drain();
    assert_eq!((receiver.records().len(), distinct(&receiver.records())), (3, 3));
}

//! Hosts in other languages that load a library with telemetry, and programs that the dynamic loader starts: no host is
//! started again, and a thread uploads.

use super::person::{Person, Receiver, receiver_and_person};
use scruple_fixtures::{trials, until};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

trials! {
    a_program_that_the_loader_starts_delivers,
    ; "needs cc":
    a_host_in_c_is_not_started_again,
    a_host_in_c_may_change_its_environment,
    ; "needs python3":
    a_host_in_python_is_not_started_again,
    processes_of_multiprocessing_record_as_themselves,
}

/// The library, built.
fn library() -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    cargo.args(["build", "--quiet", "--offline", "-p", "scruple", "--example", "hosted"]).current_dir(here);
    assert!(cargo.status().unwrap().success());
    // Beside the folder of the test binaries.
    let built = std::env::current_exe().unwrap();
    built.parent().unwrap().parent().unwrap().join("examples/libhosted.so")
}

/// A host in C, compiled.
fn compiled(person: &Person, source: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hosts");
    let host = person.home().join("host");
    let cc = Command::new("cc").arg("-o").arg(&host).arg(folder.join(source)).args(["-ldl", "-lpthread"]).status();
    assert!(cc.unwrap().success());
    host
}

/// Runs a host with the library, and gives its exit code.
fn run(receiver: &Receiver, person: &Person, mut host: Command) -> Option<i32> {
    person.later();
    host.arg(library())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", person.home())
        .env("RECEIVER", &receiver.0.url);
    host.current_dir(person.home()).status().unwrap().code()
}

/// It ran once, and what it recorded arrives at its end or from the next start.
#[track_caller]
fn runs_once(host: impl Fn() -> Command, records: usize) {
    let (receiver, person) = receiver_and_person();
    assert_eq!(run(&receiver, &person, host()), Some(7));
    until("all arrives", || {
        let arrived = receiver.requests().len() >= records;
        assert!(arrived || run(&receiver, &person, host()) == Some(7));
        arrived
    });
    let starts = || fs::read_to_string(person.home().join("starts")).unwrap();
    let before = starts();
    // As long as a process that was started could take.
    thread::sleep(Duration::from_millis(500));
    assert_eq!(starts(), before);
    assert!(before.lines().all(|arguments| arguments == "2"), "started without its argument: {before}");
}

fn a_host_in_c_is_not_started_again() {
    let folder = Person::at(tempfile::tempdir().unwrap());
    let built = compiled(&folder, "host.c");
    runs_once(|| Command::new(&built), 1);
}

fn a_host_in_python_is_not_started_again() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hosts/host.py");
    let host = || {
        let mut host = Command::new("/usr/bin/env");
        host.arg("python3").arg(&script);
        host
    };
    runs_once(host, 1);
}

/// Each is in the records as itself, and none keeps the host from its end; a forked one has no thread of ours.
fn processes_of_multiprocessing_record_as_themselves() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hosts/processes.py");
    for method in ["fork", "spawn", "forkserver"] {
        let (receiver, person) = receiver_and_person();
        let run = |variable: &str| {
            let mut host = Command::new("/usr/bin/env");
            host.arg("python3").arg(&script).arg(method).arg(library()).env_clear().current_dir(person.home());
            host.env("PATH", std::env::var_os("PATH").unwrap()).env(variable, "1");
            let output = host.env("HOME", person.home()).env("RECEIVER", &receiver.0.url).output().unwrap();
            let [printed, errors] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
            (output.status.code(), printed, errors)
        };
        let without = run("DO_NOT_TRACK");
        assert_eq!(without, (Some(7), "[0, 0, 0] []\n".to_owned(), String::new()), "{method}");
        assert_eq!((receiver.requests().len(), person.waiting()), (0, 0), "{method}");
        person.later();
        assert_eq!(run("OTHER"), without, "{method}");
        person.drain();
        let requests = receiver.requests();
        let sessions = requests.iter().flat_map(|text| text.split("\"key\":\"session.id\"").skip(1));
        let sessions: BTreeSet<_> = sessions.map(|after| after.split('}').next().unwrap()).collect();
        assert_eq!((receiver.records().len(), sessions.len()), (8, 4), "{method}: {requests:?}");
        assert_eq!(fs::read_to_string(person.home().join("starts")).unwrap(), "3\n3\n", "{method}");
    }
}

fn a_host_in_c_may_change_its_environment() {
    let (receiver, person) = receiver_and_person();
    let host = compiled(&person, "race.c");
    for _ in 0..3 {
        assert_eq!(run(&receiver, &person, Command::new(&host)), Some(7));
    }
}

/// The loader's file is the process's, and the program's is not.
fn a_program_that_the_loader_starts_delivers() {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mut paths = maps.lines().filter_map(|line| line.split_whitespace().nth(5));
    let Some(loader) = paths.find(|path| path.contains("/ld-")) else { return };
    let (receiver, person) = receiver_and_person();
    let program = person.command("record=1");
    let mut loaded = Command::new(loader);
    loaded.arg(program.get_program()).env_clear().current_dir(person.home());
    loaded.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    assert!(loaded.status().unwrap().success());
    assert_eq!((receiver.records().len(), person.waiting()), (1, 0));
}

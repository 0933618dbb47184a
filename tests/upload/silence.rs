//! An uploader seen by the kernel: no socket after a no, none while nothing finished waits, and no receiver before the
//! policy; and the control, which shows the socket of one that sends.

use super::person::{Person, Receiver};
use super::policy;
use scruple_fixtures::{
    http::{Answer, Server, answer},
    trials, until,
};
use std::fs;
use std::path::Path;
use std::process::Command;

trials! {
    ; "needs strace":
    an_uploader_opens_no_socket_after_a_no_and_leaves_no_spool,
    an_uploader_opens_no_socket_if_another_source_says_no,
    an_uploader_opens_no_socket_without_a_finished_file,
    an_uploader_asks_for_the_policy_before_the_receiver,
}

/// The ports of the sockets that an uploader connected, in order. Any call about a socket that is not one of these
/// connections fails the test.
#[track_caller]
fn connected(person: &Person, environment: &[(&str, &str)]) -> Vec<String> {
    person.later();
    let log = person.home().join("calls");
    let mut uploader = person.uploader();
    uploader.envs(environment.iter().copied());
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-e", "signal=none", "-e", "trace=network", "-o"]).arg(&log);
    strace.arg(uploader.get_program()).current_dir(person.home()).env_clear();
    strace.envs(uploader.get_envs().filter_map(|(name, value)| Some((name, value?))));
    assert!(strace.output().expect("strace runs: apt-get install strace").status.success());
    let calls = fs::read_to_string(&log).expect("strace wrote what it saw");
    fs::remove_file(log).unwrap();
    let port = |call: &str| Some(call.split_once("connect(")?.1.split_once("htons(")?.1.split_once(')')?.0.to_owned());
    let ports: Vec<_> = calls.lines().filter_map(port).collect();
    assert!(calls.is_empty() || !ports.is_empty(), "{calls}");
    ports
}

fn port(url: &str) -> String {
    url.rsplit(':').next().unwrap().to_owned()
}

/// Moves one person's stored answer to another: as if it was given elsewhere meanwhile, on a machine that shares the home.
fn answer_as(person: &Person, other: &Person) {
    let answers = Path::new(".config/scruple/com.example.asked/telemetry.toml");
    fs::copy(other.home().join(answers), person.home().join(answers)).unwrap();
}

fn an_uploader_opens_no_socket_after_a_no_and_leaves_no_spool() {
    let receiver = Receiver::new();
    let no = Person::new(&receiver.0.url);
    no.run("no");
    let check = |environment: &[(&str, &str)], prepare: fn(&Person, &Person)| {
        let person = Person::new(&receiver.0.url);
        person.run("fresh record=3");
        assert_eq!(person.waiting(), 1);
        prepare(&person, &no);
        assert_eq!(connected(&person, environment), Vec::<String>::new(), "{environment:?}");
        assert!(!person.state().join("queue").exists(), "{environment:?}");
    };
    check(&[("DO_NOT_TRACK", "1")], |_, _| {});
    check(&[], answer_as);
    assert_eq!(receiver.requests(), Vec::<String>::new());
    // The control.
    let person = Person::new(&receiver.0.url);
    person.run("fresh record=3");
    assert_eq!(connected(&person, &[]), [port(&receiver.0.url)]);
    assert_eq!(receiver.records().len(), 3);
}

fn an_uploader_opens_no_socket_if_another_source_says_no() {
    let receiver = Receiver::new();
    let check = |environment: &[(&str, &str)], prepare: fn(&Person)| {
        let person = Person::new(&receiver.0.url);
        person.run("fresh record=3");
        prepare(&person);
        assert_eq!(connected(&person, environment), Vec::<String>::new(), "{environment:?}");
        assert_eq!(person.waiting(), 1, "what a person agreed to waits on: {environment:?}");
    };
    check(&[("CI", "1")], |_| {});
    check(&[("OTEL_SDK_DISABLED", "true")], |_| {});
    check(&[], |person| {
        let folder = person.home().join("etc/scruple");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("telemetry.toml"), "telemetry = \"off\"").unwrap();
    });
    assert_eq!(receiver.requests(), Vec::<String>::new());
}

fn an_uploader_opens_no_socket_without_a_finished_file() {
    let receiver = Receiver::new();
    for asks in [false, true] {
        let person = Person::new(&receiver.0.url);
        let file = plain_file();
        if asks {
            policy::ask(&person, &file);
        }
        assert_eq!(connected(&person, &[]), Vec::<String>::new(), "nothing was ever recorded");
        let mut running = person.start("fresh record=1 wait");
        until("it has recorded", || person.waiting() == 1);
        assert_eq!(connected(&person, &[]), Vec::<String>::new(), "the program still runs");
        running.kill().unwrap();
        running.wait().unwrap();
        let to: Vec<_> = asks.then(|| port(&file.url)).into_iter().chain([port(&receiver.0.url)]).collect();
        assert_eq!(connected(&person, &[]), to, "it has ended");
        assert_eq!(connected(&person, &[]), Vec::<String>::new(), "everything was sent");
    }
}

fn an_uploader_asks_for_the_policy_before_the_receiver() {
    let receiver = Receiver::new();
    let check = |file: &Server, and_then: &[String]| {
        let person = Person::new(&receiver.0.url);
        policy::ask(&person, file);
        for _ in 0..2 {
            person.run("fresh record=1");
            let ports = connected(&person, &[]);
            assert_eq!((ports[0].as_str(), &ports[1..]), (port(&file.url).as_str(), and_then));
        }
    };
    let to = [port(&receiver.0.url)];
    check(&plain_file(), &to);
    check(&tampered_file(), &[]);
}

/// A policy that allows everything.
fn plain_file() -> Server {
    policy::file(&policy::plain())
}

/// One byte of it was changed.
fn tampered_file() -> Server {
    Server::start(Answer::Bytes(answer("200 OK", "", &policy::tampered())))
}

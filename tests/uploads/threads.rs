//! Hosts whose signals, stack size or system calls are not what a thread or process of ours would take for granted.

use super::support::http::{Answer, Server};
use super::{Person, Receiver, until};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::unistd::Pid;
use std::cell::RefCell;
use std::time::Duration;

pub const TESTS: &[(&str, fn())] = &[
    ("a_host_that_waits_for_signals_gets_them", a_host_that_waits_for_signals_gets_them),
    ("a_small_default_stack_kills_no_host", a_small_default_stack_kills_no_host),
];

/// Blocks signals and waits for them, as a daemon does that was built before: each must come to this thread.
pub fn wait_for_signals() {
    let own = SigSet::from_iter([Signal::SIGTERM, Signal::SIGCHLD, Signal::SIGHUP]);
    own.thread_block().expect("they are blocked");
    for signal in &own {
        kill(Pid::this(), signal).expect("it is sent");
        // It is busy meanwhile, so that another thread could take it.
        std::thread::sleep(Duration::from_millis(50));
        assert_eq!(own.wait(), Ok(signal));
    }
}

fn a_host_that_waits_for_signals_gets_them() {
    // It never answers, so that the threads are there until the host's end.
    let receiver = Server::start(Answer::Silence);
    let person = Person::new(&receiver.url);
    for role in ["fresh record=3 signals", "thread record=1 signals"] {
        person.later();
        person.run(role);
    }
}

fn a_small_default_stack_kills_no_host() {
    let receiver = Receiver::new();
    let person = Person::new(&receiver.0.url);
    person.run("fresh record=3");
    person.later();
    let host = person.command("thread wait").env("RUST_MIN_STACK", "1").spawn().unwrap();
    let host = RefCell::new(host);
    let has_ended = || host.borrow_mut().try_wait().unwrap().is_some();
    until("the records arrive, or the host has ended", || receiver.records().len() == 3 || has_ended());
    assert!(!has_ended());
    host.borrow_mut().kill().unwrap();
    host.borrow_mut().wait().unwrap();
}

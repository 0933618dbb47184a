//! Hosts whose signals, stack size or system calls are not what a thread or process of ours would take for granted.

use super::person::{Person, receiver_and_person};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::unistd::Pid;
use scruple_fixtures::{
    http::{Answer, Server},
    trials, until,
};
use std::cell::RefCell;
use std::time::Duration;

trials! {
    a_host_that_waits_for_signals_gets_them,
    a_host_that_forbids_itself_to_start_programs_survives,
    a_small_default_stack_kills_no_host,
}

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

/// From now on this process is killed when it starts another, and so is the other when it executes a file.
pub fn forbid_processes() {
    let statement = |code: u32, k: u32| libc::sock_filter { code: u16::try_from(code).unwrap(), jt: 0, jf: 0, k };
    let mut filter = vec![statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0)];
    for number in [libc::SYS_execve, libc::SYS_clone, libc::SYS_clone3] {
        let is_other = statement(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, u32::try_from(number).unwrap());
        filter.push(libc::sock_filter { jf: 1, ..is_other });
        filter.push(statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_KILL_PROCESS));
    }
    filter.push(statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW));
    let program = libc::sock_fprog { len: u16::try_from(filter.len()).unwrap(), filter: filter.as_mut_ptr() };
    // SAFETY: the program and its statements are there until the call has returned.
    let done = unsafe {
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program)
    };
    assert_eq!(done, 0);
}

fn a_host_that_forbids_itself_to_start_programs_survives() {
    let (receiver, person) = receiver_and_person();
    person.run("forbid record=3");
    // A file that gets full has an upload started while the program runs.
    person.run("forbid record=600");
    // The next program uploads what waits.
    person.later();
    person.run("record=1");
    until("all records arrive", || receiver.records().len() == 604);
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
    let (receiver, person) = receiver_and_person();
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

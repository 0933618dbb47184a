//! Programs that end, and what arrives later: the spool, the uploader as a process of its own, and a receiver on a real
//! socket.
//!
//! The binary is also the program. Its starter and uploader are started with no variable but their own, so the program
//! comes before everything else here. The tests run one after the other: for the moment before it is another program, a
//! child of one test would hold the locks and pipes of the others.

/// Which addresses of a receiver's name are connected to, and until when.
#[cfg(unix)]
mod addresses;
/// What a receiver may answer, and what becomes of the records.
#[cfg(unix)]
mod answers;
/// Which arguments make a run one for help or the version.
#[cfg(unix)]
mod arguments;
/// What a process records arrives later, once, and at its own receiver.
#[cfg(unix)]
mod arrives;
/// The same at a real Collector.
#[cfg(unix)]
mod collector;
/// systemd with its units, and a container with a read-only file system.
#[cfg(unix)]
mod contained;
/// No thread of an upload reads the environment.
#[cfg(unix)]
mod environment;
/// Processes whose uploader would end with them upload at their end.
#[cfg(unix)]
mod first;
/// Hosts in other languages, and the dynamic loader.
#[cfg(unix)]
mod foreign;
/// Counts the reads of the environment.
#[cfg(unix)]
#[path = "../support/environment.rs"]
mod getenv;
/// Hosts in odd states are undisturbed.
#[cfg(unix)]
mod host;
/// A process that finds nothing to send uses up no hour.
#[cfg(unix)]
mod idle;
/// The spool and processes that are killed, forgotten while they write, or on a full disk.
#[cfg(unix)]
mod killed;
/// Numbered records, processes that record them, and folders to record into.
#[cfg(unix)]
#[expect(dead_code, reason = "another test binary uses the rest")]
#[path = "../spool/queue/kit.rs"]
mod kit;
/// Only a process of the program's own start believes the variable that marks it, and never does the program's work.
#[cfg(unix)]
mod marks;
/// Nothing leaves after `off` has returned, and nothing comes back.
#[cfg(unix)]
mod off;
/// A person with a home folder, and receivers.
#[cfg(unix)]
mod person;
/// A signed policy is fetched before anything is sent, and there is nothing sent without one that holds.
#[cfg(unix)]
mod policy;
/// The program.
#[cfg(unix)]
mod program;
/// `off` against uploads, round after round.
#[cfg(unix)]
mod race;
/// The registry of the program.
#[cfg(unix)]
#[path = "../consent/asked/registry.rs"]
#[expect(dead_code, reason = "the other registries are for other tests")]
mod registry;
/// Whatever the order in which policies are served, none below the newest is accepted.
#[cfg(unix)]
mod replay;
/// How the last upload ended and what was lost is kept for `status`, and a person can ask for an upload.
#[cfg(unix)]
mod report;
/// Runners that wait for what they hand down: a shell, `make` and `bats`.
#[cfg(unix)]
mod runners;
/// No socket after a no, none while nothing finished waits, and no receiver before the policy.
#[cfg(unix)]
mod silence;
/// A process in each state that it can inherit.
#[cfg(unix)]
mod states;
/// The road of the environment, and the host's loggers.
#[cfg(unix)]
mod surroundings;
/// Hosts whose signals, stack size or system calls are not what one would take for granted.
#[cfg(unix)]
mod threads;

#[cfg(unix)]
use program::{ROLE, UPLOADER};
#[cfg(unix)]
use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    if host::is_launcher() {
        return host::launch();
    }
    if std::env::var_os(ROLE).is_some_and(|role| role == program::STARTER) {
        return program::start_uploader();
    }
    if std::env::var_os(ROLE).is_some() || std::env::var_os(UPLOADER).is_some() {
        return program::play();
    }
    if let Ok(role) = std::env::var(killed::ROLE) {
        return killed::play(&role);
    }
    let trials = [
        addresses::trials(),
        answers::trials(),
        arguments::trials(),
        arrives::trials(),
        collector::trials(),
        contained::trials(),
        environment::trials(),
        first::trials(),
        foreign::trials(),
        host::trials(),
        idle::trials(),
        killed::trials(),
        marks::trials(),
        off::trials(),
        policy::trials(),
        race::trials(),
        replay::trials(),
        report::trials(),
        runners::trials(),
        silence::trials(),
        states::trials(),
        surroundings::trials(),
        threads::trials(),
    ];
    scruple_fixtures::trials::run(trials.into_iter().flatten().collect())
}

/// The tests lead their uploaders to a home folder by a variable, and end, fork and limit processes as Unix does. Those of
/// the quickstart under Wine are the ones of an upload on Windows.
#[cfg(windows)]
fn main() {}

//! Programs that end, and what arrives later: the spool, the uploader as a process of its own, and a receiver on a real
//! socket.
//!
//! The binary is also the program. Its starter and uploader are started with no variable but their own, so the program
//! comes before everything else here. The tests run one after the other: for the moment before it is another program, a
//! child of one test would hold the locks and pipes of the others.

/// Which addresses of a receiver's name are connected to, and until when.
// Of namespaces.
#[cfg(target_os = "linux")]
mod addresses;
/// What an upload leaves out of the queue: other purposes, and what is past its end.
mod allowed;
/// What a receiver may answer, and what becomes of the records.
mod answers;
/// Which arguments make a run one for help or the version.
mod arguments;
/// What a process records arrives later, once, and at its own receiver.
mod arrives;
/// The same at a real Collector.
mod collector;
/// systemd with its units, and a container with a read-only file system.
// Of systemd and of containers.
#[cfg(target_os = "linux")]
mod contained;
/// No thread of an upload reads the environment.
// Of `getenv`.
#[cfg(target_os = "linux")]
mod environment;
/// Processes whose uploader would end with them upload at their end.
// Of systemd and of containers.
#[cfg(target_os = "linux")]
mod first;
/// Hosts in other languages, and the dynamic loader.
// Of C libraries.
#[cfg(unix)]
mod foreign;
/// Counts the reads of the environment.
#[cfg(target_os = "linux")]
#[path = "../support/environment.rs"]
mod getenv;
/// Hosts in odd states are undisturbed.
// Of descriptors, signals, limits and umasks.
#[cfg(unix)]
mod host;
/// A process that finds nothing to send uses up no hour.
mod idle;
/// The spool and processes that are killed, or forgotten while they write.
mod killed;
/// Numbered records, processes that record them, and folders to record into.
#[expect(dead_code, reason = "another test binary uses the rest")]
#[path = "../spool/queue/kit.rs"]
mod kit;
/// The spool and processes with limits, closed descriptors, a full disk, or a folder that can only be read.
// Of limits, descriptors and modes.
#[cfg(unix)]
mod limited;
/// Only a process of the program's own start believes the variable that marks it, and never does the program's work.
mod marks;
/// Nothing leaves after `off` has returned, and nothing comes back.
mod off;
/// A person with a home folder, and receivers.
mod person;
/// A signed policy is fetched before anything is sent, and there is nothing sent without one that holds.
mod policy;
/// The program.
mod program;
/// `off` against uploads, round after round.
mod race;
/// The registry of the program.
#[path = "../consent/asked/registry.rs"]
#[expect(dead_code, reason = "the other registries are for other tests")]
mod registry;
/// Whatever the order in which policies are served, none below the newest is accepted.
mod replay;
/// How the last upload ended and what was lost is kept for `status`, and a person can ask for an upload.
mod report;
/// Runners that wait for what they hand down: a shell, `make` and `bats`.
// Of a shell, `make` and `bats`.
#[cfg(target_os = "linux")]
mod runners;
/// No socket after a no, none while nothing finished waits, and no receiver before the policy.
// By strace.
#[cfg(unix)]
mod silence;
/// A process in each state that it can inherit.
mod states;
/// The road of the environment, and the host's loggers.
mod surroundings;
/// Hosts whose signals, stack size or system calls are not what one would take for granted.
// Of signals and system calls.
#[cfg(target_os = "linux")]
mod threads;

use program::{ROLE, UPLOADER};
use std::process::ExitCode;

fn main() -> ExitCode {
    #[cfg(unix)]
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
    let trials = Vec::from([
        #[cfg(target_os = "linux")]
        addresses::trials(),
        allowed::trials(),
        answers::trials(),
        arguments::trials(),
        arrives::trials(),
        collector::trials(),
        #[cfg(target_os = "linux")]
        contained::trials(),
        #[cfg(target_os = "linux")]
        environment::trials(),
        #[cfg(target_os = "linux")]
        first::trials(),
        #[cfg(unix)]
        foreign::trials(),
        #[cfg(unix)]
        host::trials(),
        idle::trials(),
        killed::trials(),
        #[cfg(unix)]
        limited::trials(),
        marks::trials(),
        off::trials(),
        policy::trials(),
        race::trials(),
        replay::trials(),
        report::trials(),
        #[cfg(target_os = "linux")]
        runners::trials(),
        #[cfg(unix)]
        silence::trials(),
        states::trials(),
        surroundings::trials(),
        #[cfg(target_os = "linux")]
        threads::trials(),
    ]);
    scruple_fixtures::trials::run(trials.into_iter().flatten().collect())
}

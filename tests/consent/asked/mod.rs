//! A program that asks its user, as real processes: what each file, answer and notice leads to, in the next process and
//! in one that runs.

mod answers;
mod damaged;
mod ends;
// Of namespaces with a disk that is full or read-only.
#[cfg(unix)]
mod disks;
mod files;
mod foreign;
mod notices;
mod person;
mod purposes;
mod quiet;
mod refusals;
pub mod registry;
mod role;
// By strace.
#[cfg(unix)]
mod silence;
mod status;

/// Not a test: the program, in the processes that the tests start.
#[test]
fn the_program() {
    if let Ok(role) = std::env::var(role::ROLE) {
        role::play(&role);
    }
}

//! A program that asks its user, as real processes: what each file, answer and notice leads to, in the next process and
//! in one that runs.

mod answers;
mod damaged;
mod ends;
// Of namespaces with a disk that is full or read-only.
#[cfg(unix)]
mod disks;
// Of modes, owners, pipes and symbolic links, and of an organisation's file.
#[cfg(unix)]
mod files;
mod foreign;
// No console of Windows is known to be read.
#[cfg(unix)]
mod notices;
mod person;
mod purposes;
mod quiet;
// Of modes, symbolic links, limits and strace.
#[cfg(unix)]
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

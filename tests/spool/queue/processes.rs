//! Many processes at once, some of them killed: all that was written is taken, once.

use super::kit::{Process, drain, new_state};
use scruple::registry::SignalKind::Span;
use scruple_fixtures::process::{self, of_test, say};
use std::path::PathBuf;

const PROCESSES: u64 = 200;
const RECORDS: u64 = 20;

/// As many at a time: each is killed while others record.
const AT_A_TIME: u64 = 20;

/// The variables of a process: the folder for state, and its number.
const STATE: &str = "SPOOL_STATE";
const NUMBER: &str = "SPOOL_NUMBER";

/// Not a test: a process, which says of each record that it is written.
#[test]
fn the_process() {
    let Some(state) = std::env::var_os(STATE) else { return };
    let number: u64 = std::env::var(NUMBER).unwrap().parse().unwrap();
    let process = Process::named(&PathBuf::from(state), number << 32, scruple::spool::Limits::new(), |spool| spool);
    for record in 0..RECORDS {
        process.append(Span, [record]);
        say(&record.to_string());
    }
    process.end();
}

#[test]
fn two_hundred_processes_lose_nothing_that_was_written_though_a_tenth_is_killed() {
    let state = new_state("processes");
    // How many processes have said so of each record.
    let mut written = [0; RECORDS as usize];
    let mut note = |said: String| written[said.parse::<usize>().unwrap()] += 1;
    for first in (0..PROCESSES).step_by(usize::try_from(AT_A_TIME).unwrap()) {
        let start = |number: u64| {
            let mut command = of_test("queue::processes::the_process");
            (number, process::Process::start(command.env(STATE, &state).env(NUMBER, number.to_string())))
        };
        let running: Vec<_> = (first..first + AT_A_TIME).map(start).collect();
        for (number, mut running) in running {
            if number % 10 == 0 {
                // After as many records as there are tens before it.
                (0..number / 10).map_while(|_| running.hear()).for_each(&mut note);
                running.kill();
            } else {
                running.end().into_iter().for_each(&mut note);
            }
        }
    }
    let mut taken = [0; RECORDS as usize];
    drain(&state).into_iter().for_each(|(_, record)| taken[usize::try_from(record).unwrap()] += 1);
    let is_whole = |(taken, written): (&u64, &u64)| (*written..=PROCESSES).contains(taken);
    assert!(taken.iter().zip(&written).all(is_whole), "{taken:?} of {written:?}");
    assert!(written.iter().all(|count| *count >= PROCESSES * 9 / 10), "{written:?}");
    std::fs::remove_dir_all(state).unwrap();
}

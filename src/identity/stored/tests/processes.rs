//! Many at once: processes and threads that make a secret, move it on, or forget it, agree on it.

use super::{NOON, State};
use crate::files::Deletion;
use crate::identity::stored::{FILE, forget, installation, length, look};
use crate::identity::tests::hexadecimal;
use crate::identity::{Secret, SystemRandom};
use crate::registry::Rotation;
use scruple_fixtures::process::{Process, of_test, say, wait};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Barrier;
use std::thread;

const MONTH: u64 = match length(Rotation::Monthly) {
    Some(seconds) => seconds * super::SECOND,
    None => 0,
};

/// Not a test: what a second process does.
#[test]
fn the_process() {
    let Some(now) = std::env::var_os("STORED_NOW") else { return };
    let now = now.to_str().unwrap().parse().unwrap();
    let folder = std::env::var_os("STORED_FOLDER").unwrap();
    wait();
    let found = installation(Path::new(&folder), Rotation::Monthly, now, &SystemRandom::new().unwrap(), &|| true)
        .unwrap()
        .unwrap();
    say(&hexadecimal(&found.secret.0));
}

fn start(folder: &Path, now: u64) -> Process {
    let mut process = of_test("identity::stored::tests::processes::the_process");
    Process::start(process.env("STORED_NOW", now.to_string()).env("STORED_FOLDER", folder))
}

/// The secrets that twenty processes end up with, each of which begins at once with the others.
fn secrets(folder: &Path, now: u64) -> BTreeSet<String> {
    let mut processes: Vec<_> = (0..20).map(|_| start(folder, now)).collect();
    for process in &mut processes {
        assert_eq!(process.hear().as_deref(), Some("waiting"));
    }
    processes.iter_mut().for_each(Process::go_on);
    let said: Vec<_> = processes.into_iter().flat_map(Process::end).collect();
    assert_eq!(said.len(), 20, "each has one");
    said.into_iter().collect()
}

#[test]
fn processes_that_make_and_advance_the_secret_at_once_agree() {
    let state = State::new();
    // The folder is not there yet either.
    let folder = state.path().join("deep/state");
    let made = secrets(&folder, NOON);
    let first = look(&folder, Rotation::Monthly).unwrap().unwrap().secret;
    assert_eq!(made, BTreeSet::from([hexadecimal(&first.0)]));
    let moved = secrets(&folder, NOON + 2 * MONTH);
    assert_eq!(moved, BTreeSet::from([hexadecimal(&first.next().next().0)]));
    let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, [FILE], "nothing half-written is left");
}

#[test]
fn a_reader_during_an_advance_gets_the_new_secret() {
    let state = State::new();
    let mut expected = Secret::new(state.secret(NOON));
    for round in 1..30 {
        expected = expected.next();
        let together = Barrier::new(6);
        thread::scope(|scope| {
            for reader in 0..6 {
                let (state, expected, together) = (&state, &expected, &together);
                scope.spawn(move || {
                    together.wait();
                    if reader == 0 {
                        // Looking moves nothing on: it finds either. Wine removes a file before it renames another over it.
                        let seen = look(state.path(), Rotation::Monthly).unwrap().map(|found| found.secret);
                        let is_either = |seen: Secret| seen.0 == expected.0 || seen.next().0 == expected.0;
                        assert!(seen.map_or(cfg!(windows), is_either));
                    }
                    assert_eq!(state.secret(NOON + round * MONTH), expected.0, "round {round}");
                });
            }
        });
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_secret_that_is_being_overwritten_is_read_again() {
    let state = State::new();
    let first = state.secret(NOON);
    let whole = fs::read(state.file()).unwrap();
    let folder = crate::files::Folder::make(state.path()).unwrap();
    let lock = folder.lock().unwrap();
    fs::write(state.file(), vec![0; whole.len()]).unwrap();
    let mut reader = start(state.path(), NOON);
    assert_eq!(reader.hear().as_deref(), Some("waiting"));
    reader.go_on();
    // It has the folder open a second time once it asks for the lock: then it has read the zeros.
    let handles = format!("/proc/{}/fd", reader.id());
    let open_handles = || {
        let handles = fs::read_dir(&handles).into_iter().flatten().flatten();
        handles.filter(|handle| fs::read_link(handle.path()).is_ok_and(|to| to == state.path())).count()
    };
    while open_handles() < 2 {
        assert!(!reader.is_over(), "it waits");
        thread::yield_now();
    }
    fs::write(state.file(), whole).unwrap();
    drop(lock);
    assert_eq!(reader.end(), [hexadecimal(&first)]);
}

#[test]
fn a_reader_during_a_deletion_gets_a_whole_secret() {
    let state = State::new();
    for _ in 0..20 {
        let together = Barrier::new(4);
        thread::scope(|scope| {
            scope.spawn(|| {
                together.wait();
                forget(state.path(), Deletion::AfterNo).unwrap();
            });
            (0..3).for_each(|_| {
                scope.spawn(|| {
                    together.wait();
                    state.secret(NOON);
                });
            });
        });
        state.secret(NOON);
    }
}

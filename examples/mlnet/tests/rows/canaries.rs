//! A thousand invocations with private things in everything that they hold, and every byte that leaves because of them.

use super::invocation::{Dice, Invocation};
use super::person::{PROGRAM, Person};
use super::planted::{MARKER, private};
use super::road::Road;
use scruple_fixtures::process::closed_output;
use std::thread;

const INVOCATIONS: usize = 1_000;

/// As many as there are processors in the smallest machine that this is for.
const PEOPLE: usize = 2;

/// What came of one person's invocations.
#[derive(Default)]
struct Came {
    /// Runs whose output or log had a marker in it.
    shown: usize,
    /// Runs that ended in a panic with a marker in its message.
    panicked: usize,
    /// Exit codes 0, 1, 2.
    codes: [usize; 3],
    sent: Vec<u8>,
}

/// A person whose name is private, and who has said yes.
fn run(seed: u64) -> Came {
    let road = Road::open();
    let person = Person::named("canary-user").takes(&road).says_yes();
    let (mut dice, mut came) = (Dice(seed), Came::default());
    for nth in 1..=INVOCATIONS / PEOPLE {
        let invocation = Invocation::next(&mut dice, &person);
        let mut command = person.command(PROGRAM);
        command.args(&invocation.arguments).envs(invocation.variables);
        if invocation.is_full {
            command.stdout(closed_output());
        }
        let output = command.output().unwrap();
        let has_marker = |text: &str| text.to_lowercase().contains(MARKER);
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        came.shown += usize::from(has_marker(&log) || has_marker(&String::from_utf8_lossy(&output.stdout)));
        match output.status.code() {
            Some(101) => came.panicked += usize::from(log.split("panicked at").nth(1).is_some_and(has_marker)),
            Some(code) if (0..3).contains(&code) => came.codes[usize::try_from(code).unwrap()] += 1,
            other => panic!("{other:?}: {:?}: {log}", invocation.arguments),
        }
        // As a person's would, now and then, and before the oldest records have to go.
        if nth.is_multiple_of(100) {
            person.drain();
        }
    }
    assert_eq!(person.waiting().len(), 0);
    came.sent = road.bytes();
    came
}

#[test]
fn nothing_private_is_in_any_byte_of_a_thousand_invocations() {
    let people: Vec<_> = (0..PEOPLE as u64).map(|seed| thread::spawn(move || run(seed))).collect();
    for (seed, person) in people.into_iter().enumerate() {
        let came = person.join().unwrap();
        let count = |text: &str| came.sent.windows(text.len()).filter(|found| *found == text.as_bytes()).count();
        let (commands, crashes) = (count("mlnet.command.name"), count("mlnet.crash.location"));
        println!(
            "seed {seed}: {commands} commands and {crashes} crashes in {} bytes; a marker was shown by {} runs, in the \
             messages of {} panics; {:?} ended with 0, 1, 2",
            came.sent.len(),
            came.shown,
            came.panicked,
            came.codes
        );
        let runs = INVOCATIONS / PEOPLE;
        assert_eq!(private(&came.sent), None, "seed {seed}");
        // What would be seen if it left: nearly every run shows something private to the person who ran it.
        assert!(came.shown > runs * 8 / 10 && came.panicked > 10 && came.codes.iter().all(|many| *many > 10));
        assert!(commands > runs * 8 / 10 && crashes > 10, "they were sent");
    }
}

//! A process in each state that it can inherit: telemetry records and uploads, or is off with a reason that can be mended.

#[cfg(unix)]
use super::host::LAUNCH;
use super::person::receiver_and_person;
use scruple_fixtures::{trials, until};

trials! {
    in_each_state_it_works_or_is_off_with_a_reason,
}

/// What the launcher does, a variable, and what is decided; a closed standard output prints nothing.
type Inherited = (&'static str, Option<(&'static str, &'static str)>, &'static str);

const STATES: &[Inherited] = &[
    ("", None, "On SaidYes"),
    ("", Some(("LC_ALL", "tlh_QS.UTF-16")), "On SaidYes"),
    ("", Some(("LANG", "")), "On SaidYes"),
    ("", Some(("PATH", "")), "On SaidYes"),
    ("", Some(("TMPDIR", "/nonexistent")), "On SaidYes"),
    ("", Some(("RUST_MIN_STACK", "1")), "On SaidYes"),
];

/// Windows has no such descriptors, limits and signals, and no variable that leads to a home folder.
const STATES_OF_UNIX: &[Inherited] = &[
    ("close=0", None, "On SaidYes"),
    ("close=2", None, "On SaidYes"),
    ("close=0 close=1 close=2", None, ""),
    ("umask=777", None, "On SaidYes"),
    ("mask", None, "On SaidYes"),
    ("nproc=1", None, "On SaidYes"),
    ("nofile=64 core=0", None, "On SaidYes"),
    ("arg0=", None, "On SaidYes"),
    ("mask umask=777 arg0= close=0 close=2 nofile=64", None, "On SaidYes"),
    ("gone", None, "Off Project(Nowhere)"),
    ("", Some(("HOME", "")), "Off Session(NoHome)"),
    ("", Some(("HOME", "/dev/null")), "Off Session(NoHome)"),
    ("", Some(("HOME", "/nonexistent")), "Off Session(HomeOfAnother)"),
];

fn in_each_state_it_works_or_is_off_with_a_reason() {
    for (launch, variable, decided) in STATES.iter().chain(STATES_OF_UNIX.iter().filter(|_| cfg!(unix))) {
        let (receiver, person) = receiver_and_person();
        let folder = person.home().join("folder");
        std::fs::create_dir(&folder).unwrap();
        let mut program = person.command("record=1 decide");
        // The program finds the receiver in the home folder that it had.
        program.env("RECEIVER", &receiver.0.url).envs(*variable).current_dir(folder);
        #[cfg(unix)]
        program.env(LAUNCH, launch);
        let output = program.output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let (printed, errors) = (printed.trim_end(), String::from_utf8_lossy(&output.stderr));
        assert_eq!((output.status.code(), printed, &*errors), (Some(0), *decided, ""), "{launch} {variable:?}");
        if decided.starts_with("Off") {
            assert_eq!((receiver.records().len(), person.waiting()), (0, 0), "{launch} {variable:?}");
        } else {
            until(&format!("it arrives: {launch} {variable:?}"), || receiver.records().len() == 1);
        }
    }
}

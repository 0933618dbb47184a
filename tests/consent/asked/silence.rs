//! Each way to be off, seen by the kernel: no socket, no process, no thread, no file made or changed; and the control, which
//! shows all of what the program does when it is on.

use super::person::{DAY, NOON, Person};
use std::fs;
use std::process::Command;

/// What is watched: the network, threads and processes, and whatever can create or change a file.
const CALLS: &str = "trace=network,clone,clone3,fork,vfork,open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,\
link,linkat,symlink,symlinkat,unlink,unlinkat,truncate,ftruncate,mknod,mknodat,chmod,fchmod,fchmodat,memfd_create";

/// The calls of a run that say something.
fn calls(person: &Person, role: &str) -> Vec<String> {
    trace(person, CALLS, role).into_iter().filter(|call| says_something(call)).collect()
}

/// The calls of a run, of these.
fn trace(person: &Person, calls: &str, role: &str) -> Vec<String> {
    let log = person.root().join("calls");
    let program = person.command(role);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-e", "signal=none", "-e", calls, "-o"]).arg(&log);
    strace.arg(program.get_program()).args(program.get_args()).current_dir(person.work());
    strace.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = strace.output().expect("strace runs: apt-get install strace");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let calls = fs::read_to_string(&log).expect("strace wrote what it saw");
    fs::remove_file(log).unwrap();
    calls.lines().map(str::to_owned).collect()
}

/// Opening a file that is there, for reading, says nothing; nor does the second half of a call that another interrupts.
fn says_something(call: &str) -> bool {
    let opens_to_read =
        call.contains("open") && !["O_CREAT", "O_WRONLY", "O_RDWR"].iter().any(|flag| call.contains(flag));
    !opens_to_read && !call.contains(" resumed>")
}

/// Which call it is: `17031 clone3({flags=…`.
fn name(call: &str) -> &str {
    call.split_whitespace().nth(1).and_then(|call| call.split('(').next()).expect("a call")
}

/// The names that a run looks for, in a folder below the home.
fn names(person: &Person, role: &str) -> Vec<String> {
    let folder = person.home().join("some/folder");
    fs::create_dir_all(&folder).unwrap();
    let log = person.root().join("names");
    let program = person.command(role);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-e", "signal=none", "-e", "trace=%file", "-o"]).arg(&log);
    strace.arg(program.get_program()).args(program.get_args()).current_dir(folder);
    strace.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    assert!(strace.output().expect("strace runs: apt-get install strace").status.success());
    let calls = fs::read_to_string(log).expect("strace wrote what it saw");
    let name = |call: &str| Some(call.split_once('"')?.1.split_once('"')?.0.to_owned());
    calls.lines().filter_map(name).collect()
}

#[test]
#[ignore = "needs strace: apt-get install strace"]
fn no_file_is_read_after_a_no_or_above_the_home() {
    let mut person = Person::new();
    let is_ours = |name: &&String| name.contains("telemetry.toml") || name.ends_with("/.git");
    let above = person.home().parent().unwrap().join(".telemetry.toml").display().to_string();
    let at_home = person.home().join(".telemetry.toml").display().to_string();
    for role in ["documented", "opt-in"] {
        let seen = names(&person, &format!("{role} {NOON} record decide"));
        assert!(seen.contains(&at_home) && !seen.contains(&above), "{seen:#?}");
        let above: Vec<_> = seen.iter().filter(is_ours).filter(|name| name.starts_with("/.")).collect();
        assert_eq!(above, Vec::<&String>::new());
    }
    person.set("DO_NOT_TRACK", "1");
    for role in ["documented", "opt-in"] {
        let seen = names(&person, &format!("{role} {NOON} record decide is-on"));
        let ours: Vec<_> = seen.iter().filter(is_ours).collect();
        assert_eq!(ours, Vec::<&String>::new(), "{role}");
    }
}

#[track_caller]
fn check(what: &str, role: &str, prepare: impl FnOnce(&mut Person)) {
    let mut person = Person::new();
    prepare(&mut person);
    let role = format!("{role} {NOON} record run is-on client");
    let seen = calls(&person, &role);
    // The test harness itself starts a thread.
    let names = |calls: &[String]| calls.iter().map(|call| name(call).to_owned()).collect::<Vec<_>>();
    let without = calls(&person, &format!("without {NOON}"));
    assert_eq!(names(&seen), names(&without), "{what}: {seen:#?}");
}

#[test]
#[ignore = "needs strace: apt-get install strace"]
fn the_control_shows_files_while_telemetry_is_on() {
    let person = Person::new();
    person.run(&format!("opt-in {NOON} yes"));
    fs::remove_dir_all(person.state()).unwrap();
    let seen = calls(&person, &format!("opt-in {NOON} record run"));
    for call in ["mkdirat(", "O_CREAT", "renameat("] {
        assert!(seen.iter().any(|seen| seen.contains(call)), "{call}: {seen:#?}");
    }
}

#[test]
#[ignore = "needs strace: apt-get install strace"]
fn every_way_to_turn_telemetry_off_leaves_no_trace() {
    for preset in ["opt-in", "first-run", "next-run", "documented"] {
        for (name, value) in [
            ("DO_NOT_TRACK", "1"),
            (super::role::OPTOUT, "1"),
            (super::role::TELEMETRY, "off"),
            ("OTEL_SDK_DISABLED", "true"),
            ("SUDO_UID", "1000"),
            ("CI", "1"),
            ("HOME", "relative"),
        ] {
            check(name, preset, |person| {
                person.set(name, value);
            });
        }
        check("the organisation", preset, |person| {
            fs::create_dir_all(person.root().join("etc/scruple")).unwrap();
            fs::write(person.root().join("etc/scruple/telemetry.toml"), "telemetry = \"off\"").unwrap();
        });
        check("the project", preset, |person| fs::write(person.work().join(".telemetry.toml"), "").unwrap());
        check("a broken answer", preset, |person| {
            fs::create_dir_all(person.answers().parent().unwrap()).unwrap();
            fs::write(person.answers(), "broken").unwrap();
        });
    }
    for preset in ["opt-in", "first-run", "next-run"] {
        check("nobody was asked", preset, |_| {});
        check("a no", preset, |person| drop(person.run(&format!("opt-in {NOON} no"))));
    }
    check("a yes to another receiver", "opt-in", |person| {
        person.run(&format!("opt-in {NOON} elsewhere yes"));
        fs::remove_dir_all(person.state()).unwrap();
    });
    check("a notice whose time is not over", "first-run", |person| {
        person.run(&format!("first-run {} shown", NOON - DAY + 1));
    });
}

/// A program's start is no place to wait in: a no is not paid for by every run after it.
#[test]
#[ignore = "needs strace: apt-get install strace"]
fn a_start_after_a_no_locks_and_syncs_nothing() {
    let mut person = Person::new();
    person.run(&format!("opt-in {NOON} yes record no"));
    fs::create_dir_all(person.state()).unwrap();
    for variable in [None, Some("DO_NOT_TRACK")] {
        if let Some(name) = variable {
            person.set(name, "1");
        }
        let calls = trace(&person, "trace=flock,fsync,fdatasync", &format!("opt-in {NOON} decide record"));
        assert_eq!(calls, Vec::<String>::new(), "{variable:?}");
    }
    // The control: what another process left is deleted all the same.
    fs::write(person.state().join("identity.toml"), "left").unwrap();
    let calls = trace(&person, "trace=flock,fsync,fdatasync", &format!("opt-in {NOON} decide record"));
    assert!(calls.iter().any(|call| call.contains("fsync")) && !person.state().join("identity.toml").exists());
    // A lock that another process holds is not waited for.
    fs::write(person.state().join("identity.toml"), "left").unwrap();
    let folder = fs::File::open(person.state()).unwrap();
    folder.lock().unwrap();
    let calls = trace(&person, "trace=flock", &format!("opt-in {NOON} decide record"));
    assert_eq!(calls.iter().filter(|call| call.contains("EAGAIN")).count(), 1, "{calls:#?}");
    assert!(person.state().join("identity.toml").exists());
}

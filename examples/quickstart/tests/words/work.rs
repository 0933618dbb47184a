//! The program's own work is the same whatever is decided about the telemetry.

use super::person::{Person, TEXT};
use std::process::Stdio;

/// Every way to be that does not send: a person, and the variable that is set.
fn ways() -> Vec<(&'static str, Person)> {
    let with = |name: &str, value: &str| {
        let mut person = Person::new();
        person.set(name, value);
        person
    };
    let said_no = Person::new();
    assert_eq!(said_no.run(&["telemetry", "off"]).code, 0);
    let project = Person::new();
    std::fs::write(project.work().join(".telemetry.toml"), "telemetry = \"off\"\n").unwrap();
    let broken = Person::new();
    std::fs::write(broken.home().join(".config"), "not a folder").unwrap();
    vec![
        ("undecided", Person::new()),
        ("do not track", with("DO_NOT_TRACK", "1")),
        ("its variable", with("WORDS_TELEMETRY", "0")),
        ("printed", with("WORDS_TELEMETRY", "log")),
        ("continuous integration", with("GITHUB_ACTIONS", "true")),
        ("elevated", with("SUDO_UID", "1000")),
        ("no home", with("HOME", "relative")),
        ("said no", said_no),
        ("a project's no", project),
        ("a broken home", broken),
    ]
}

/// Arguments, standard input, and the exit code and standard output that they lead to.
type Row = (&'static [&'static str], &'static [u8], (i32, &'static str));

#[test]
#[cfg_attr(windows, ignore = "people share one profile on Windows")]
fn work_and_exit_code_are_unchanged() {
    let rows: &[Row] = &[
        (&[], TEXT.as_bytes(), (0, "3\n")),
        (&["--lines"], TEXT.as_bytes(), (0, "2\n")),
        (&["text.txt"], b"", (0, "3\n")),
        (&["--lines", "text.txt"], b"", (0, "2\n")),
        (&["text.txt", "--lines"], b"", (0, "2\n")),
        (&["missing.txt"], b"", (1, "")),
        (&[], b"\xff", (1, "")),
        (&["--", "telemetry"], b"", (1, "")),
        (&["--version"], b"", (0, "words 0.1.0\n")),
        (&["--wrong"], b"", (2, "")),
        (&["text.txt", "text.txt"], b"", (2, "")),
    ];
    for (way, person) in ways() {
        for (arguments, input, expected) in rows {
            let ran = person.run_with(arguments, input);
            assert_eq!((ran.code, ran.stdout.as_str()), *expected, "{way}: {arguments:?}: {}", ran.stderr);
            assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        }
    }
}

/// The exit code of a process whose standard output, or error, nobody reads, or which has none.
#[track_caller]
fn check_closed(person: &Person, arguments: &str, expected: i32) {
    for closed in ["", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", ">/dev/full", "2>/dev/full"] {
        let line = format!("exec \"$0\" {arguments} {closed}");
        let mut shell = person.command("/bin/sh");
        shell.args(["-c", &line, env!("CARGO_BIN_EXE_words")]).stdin(Stdio::null());
        let output = shell.output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(expected), "{arguments} {closed}: {stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
    }
    let mut command = person.command(env!("CARGO_BIN_EXE_words"));
    command.args(arguments.split(' ')).stdin(Stdio::null());
    let unread = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        writer
    };
    assert_eq!(command.stdout(unread()).stderr(unread()).status().unwrap().code(), Some(expected), "{arguments}");
}

#[test]
#[cfg_attr(windows, ignore = "it needs a shell")]
fn closed_outputs_do_no_harm() {
    let mut log = Person::new();
    log.set("WORDS_TELEMETRY", "log");
    check_closed(&Person::new(), "telemetry status", 11);
    check_closed(&Person::new(), "telemetry status --json", 11);
    check_closed(&log, "telemetry status", 10);
    check_closed(&Person::who_said_yes(), "telemetry status", 0);
    check_closed(&Person::new(), "telemetry show", 0);
    check_closed(&Person::new(), "telemetry on", 0);
    check_closed(&Person::new(), "telemetry off", 0);
    check_closed(&Person::new(), "telemetry reset", 0);
    check_closed(&Person::new(), "telemetry show --ids", 2);
    check_closed(&Person::new(), "telemetry wrong", 2);
    check_closed(&Person::new(), "--help", 0);
    check_closed(&Person::new(), "missing.txt", 1);
    check_closed(&log, "missing.txt", 1);
}

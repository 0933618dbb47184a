//! The program's own work is the same whatever is decided about the telemetry.

use super::person::{Person, TEXT};
use std::process::Stdio;

/// A way to be that does not send, and who is in it: one person at a time, since on Windows people share one profile.
type Way = (&'static str, fn() -> Person);

const WAYS: &[Way] = &[
    ("undecided", Person::new),
    ("do not track", || with("DO_NOT_TRACK", "1")),
    ("its variable", || with("WORDS_TELEMETRY", "0")),
    ("printed", || with("WORDS_TELEMETRY", "log")),
    ("continuous integration", || with("GITHUB_ACTIONS", "true")),
    ("elevated", || with("SUDO_UID", "1000")),
    ("no home", || with("HOME", "relative")),
    ("said no", || {
        let person = Person::new();
        assert_eq!(person.run(&["telemetry", "off"]).code, 0);
        person
    }),
    ("a project's no", || {
        let person = Person::new();
        std::fs::write(person.work().join(".telemetry.toml"), "telemetry = \"off\"\n").unwrap();
        person
    }),
    ("a broken home", || {
        let person = Person::new();
        person.break_settings();
        person
    }),
];

fn with(name: &str, value: &str) -> Person {
    let mut person = Person::new();
    person.set(name, value);
    person
}

/// Arguments, standard input, and the exit code and standard output that they lead to.
type Row = (&'static [&'static str], &'static [u8], (i32, &'static str));

#[test]
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
    for (way, person) in WAYS {
        let person = person();
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
    // By a shell.
    #[cfg(unix)]
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
fn closed_outputs_do_no_harm() {
    let log = || with("WORDS_TELEMETRY", "log");
    check_closed(&Person::new(), "telemetry status", 11);
    check_closed(&Person::new(), "telemetry status --json", 11);
    check_closed(&log(), "telemetry status", 10);
    check_closed(&Person::who_said_yes(), "telemetry status", 0);
    check_closed(&Person::new(), "telemetry show", 0);
    check_closed(&Person::new(), "telemetry on", 0);
    check_closed(&Person::new(), "telemetry off", 0);
    check_closed(&Person::new(), "telemetry reset", 0);
    check_closed(&Person::new(), "telemetry show --ids", 2);
    check_closed(&Person::new(), "telemetry wrong", 2);
    check_closed(&Person::new(), "--help", 0);
    check_closed(&Person::new(), "missing.txt", 1);
    check_closed(&log(), "missing.txt", 1);
}

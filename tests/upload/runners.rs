//! Runners of programs that wait until what they hand down is closed: a shell with a lock and pipes, `make` with its
//! jobserver, and `bats`. Each ends with its programs, while the uploader still waits for an answer.

use super::first::inside;
use super::person::{Person, Receiver};
use rustix::fs::OFlags;
use rustix::io::{FdFlags, fcntl_setfd};
use scruple_fixtures::{trials, until};
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::fd::AsRawFd as _;
use std::process::Command;

trials! {
    ; "needs flock: apt-get install util-linux":
    a_shell_with_a_lock_and_pipes_ends_before_the_uploader,
    ; "needs make: apt-get install make":
    make_ends_before_the_uploader_and_gets_its_tokens_back,
    ; "needs bats: apt-get install bats":
    bats_ends_before_the_uploader,
}

/// It records, starts two children, and ends with 7.
const ROLE: &str = "record=1 host early";
/// What it prints.
const PRINTED: &str = "2 children of its own, 0 of others\n";

/// Runs a runner without telemetry, then with it: it ends in the same way, and only then is the uploader answered, which
/// is still there.
#[track_caller]
fn ends_before_the_uploader(around: &[&str], records: usize, run: impl Fn(&Person, Command) -> String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let person = Person::new(&format!("http://{}", listener.local_addr().unwrap()));
    let [without, with] = [true, false].map(|is_off| {
        let mut runner = inside(&person, ROLE, around);
        if is_off {
            runner.env("DO_NOT_TRACK", "1");
        }
        run(&person, runner)
    });
    assert_eq!(with, without);
    let receiver = Receiver::at(listener);
    // What is sent is deleted by the uploader that was answered; others' records may have come too late for it.
    until("the uploader has outlived the runner", || !receiver.records().is_empty() && person.waiting() < records);
    person.drain();
    assert_eq!(receiver.records().len(), records);
}

/// How it ended, and all that it printed.
fn ended(mut runner: Command) -> String {
    let output = runner.output().unwrap();
    let [out, errors] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    format!("{:?}\n{out}{errors}", output.status.code())
}

/// The lock is free as soon as the shell has ended.
fn a_shell_with_a_lock_and_pipes_ends_before_the_uploader() {
    const SCRIPT: &str = "exec 9>lock; flock 9; text=$(\"$0\"; echo code $?); echo \"$text\" | cat";
    ends_before_the_uploader(&["/bin/sh", "-c", SCRIPT], 1, |person, shell| {
        let ended = ended(shell);
        assert_eq!(ended, format!("Some(0)\n{PRINTED}code 7\n"));
        assert!(File::open(person.home().join("lock")).unwrap().try_lock().is_ok());
        ended
    });
}

const MAKEFILE: &str = "
all: one two three
\t@echo $@: $(shell $(PROGRAM))
one two three:
\t@+$(PROGRAM) && exit 1; echo $@: code $$?
";

/// Three recipes at a time, of which each may use the jobserver, as in a build by another tool: its tokens are back, and
/// nobody holds its pipe.
fn make_ends_before_the_uploader_and_gets_its_tokens_back() {
    const TOKENS: &[u8] = b"+++";
    ends_before_the_uploader(&["/bin/sh", "-c", "exec make -O -s PROGRAM=\"$0\""], 4, |person, mut make| {
        fs::write(person.home().join("Makefile"), MAKEFILE).unwrap();
        let (mut tokens, mut back) = std::io::pipe().unwrap();
        back.write_all(TOKENS).unwrap();
        fcntl_setfd(&tokens, FdFlags::empty()).unwrap();
        fcntl_setfd(&back, FdFlags::empty()).unwrap();
        make.env("MAKEFLAGS", format!("-j --jobserver-auth={},{}", tokens.as_raw_fd(), back.as_raw_fd()));
        let ended = ended(make);
        drop(back);
        rustix::fs::fcntl_setfl(&tokens, OFlags::NONBLOCK).unwrap();
        let mut found = Vec::new();
        let is_held = tokens.read_to_end(&mut found).is_err();
        assert_eq!((found.as_slice(), is_held), (TOKENS, false), "{ended}");
        // The recipes end in any order.
        let mut lines: Vec<_> = ended.lines().collect();
        lines.sort_unstable();
        assert!(lines.contains(&format!("all: {}", PRINTED.trim_end()).as_str()), "{ended}");
        lines.join("\n")
    });
}

const BATS: &str = "
@test 'it prints and fails' {
  run \"$PROGRAM\"
  [ \"$status\" -eq 7 ]
  [ \"$output\" = '2 children of its own, 0 of others' ]
}
@test 'it is in a pipe' {
  [ \"$(echo | \"$PROGRAM\" | wc -l)\" -eq 1 ]
}
";

/// `bats` waits until nobody holds its descriptor 3.
fn bats_ends_before_the_uploader() {
    ends_before_the_uploader(&["/bin/sh", "-c", "PROGRAM=$0 exec bats --tap host.bats"], 2, |person, bats| {
        fs::write(person.home().join("host.bats"), BATS).unwrap();
        let ended = ended(bats);
        assert_eq!(ended, "Some(0)\n1..2\nok 1 it prints and fails\nok 2 it is in a pipe\n");
        ended
    });
}

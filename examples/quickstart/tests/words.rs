//! The quickstart does its own work the same when telemetry is off. (On, it would look for its receiver: a test does
//! not leave this machine.)

use std::io::Write as _;
use std::process::{Command, Stdio};

#[track_caller]
fn check(arguments: &[&str], environment: &[(&str, &str)], input: &[u8], expected: (i32, &str)) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quickstart"));
    command.args(arguments).env_clear().env("HOME", std::env::var_os("HOME").expect("HOME"));
    command.envs(environment.iter().copied()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it runs");
    child.stdin.take().expect("a pipe").write_all(input).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!((output.status.code().expect("an exit code"), printed.as_str()), expected, "{environment:?}");
}

#[test]
fn the_work_and_the_exit_code_are_the_programs_own() {
    let ways: [&[(&str, &str)]; 3] =
        [&[("DO_NOT_TRACK", "1")], &[("WORDS_TELEMETRY_OPTOUT", "1")], &[("GITHUB_ACTIONS", "true")]];
    for environment in ways {
        check(&[], environment, b"one two\nthree", (0, "3\n"));
        check(&["--lines"], environment, b"one two\nthree", (0, "2\n"));
        check(&[], environment, b"\xff", (1, ""));
    }
}

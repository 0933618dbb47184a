//! With telemetry off, strace sees no socket, no thread, no process and no created file, for each opt-out; the control
//! shows all of these with telemetry on.

use scruple::consent::{CI, EnvRule};
use std::process::{Command, ExitStatus, Output};

/// The traced system calls: the network, threads and processes, and all that can create or change a file.
const CALLS: &str = "trace=network,clone,clone3,fork,vfork,open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,\
link,linkat,symlink,symlinkat,unlink,unlinkat,truncate,ftruncate,mknod,mknodat,chmod,fchmodat,memfd_create";

struct Seen {
    status: ExitStatus,
    calls: Vec<String>,
}

/// Runs the demo under strace with exactly this environment.
fn demo(environment: &[(&str, &str)]) -> Seen {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("calls");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-e", "signal=none", "-e", CALLS, "-o"]).arg(&log);
    strace.arg(env!("CARGO_BIN_EXE_scruple")).arg("demo").current_dir(folder.path());
    strace.env_clear().env("HOME", std::env::var_os("HOME").expect("HOME")).envs(environment.iter().copied());
    let Output { status, stdout, .. } = strace.output().expect("strace runs: apt-get install strace");
    assert!(!stdout.is_empty(), "the demo prints its decision");
    let calls = std::fs::read_to_string(&log).expect("strace wrote its log");
    Seen { status, calls: calls.lines().filter(|call| says_something(call)).map(str::to_owned).collect() }
}

/// Whether a call counts. An existing file that is opened for reading does not, nor does the second half of an
/// interrupted call.
fn says_something(call: &str) -> bool {
    let opens_to_read =
        call.contains("open") && !["O_CREAT", "O_WRONLY", "O_RDWR"].iter().any(|flag| call.contains(flag));
    !opens_to_read && !call.contains(" resumed>")
}

#[track_caller]
fn check_silent(environment: &[(&str, &str)]) {
    let seen = demo(environment);
    assert_eq!(seen.status.code(), Some(10), "{environment:?}");
    assert!(seen.calls.is_empty(), "{environment:?}: {:#?}", seen.calls);
}

#[test]
#[ignore = "needs strace: apt-get install strace"]
fn strace_shows_sockets_and_threads_while_telemetry_is_on() {
    let seen = demo(&[]);
    assert_eq!(seen.status.code(), Some(0));
    for call in ["socket(", "connect(", "clone3("] {
        assert!(seen.calls.iter().any(|seen| seen.contains(call)), "{call}: {:#?}", seen.calls);
    }
}

#[test]
#[ignore = "needs strace: apt-get install strace"]
fn an_opt_out_variable_leaves_no_trace() {
    for (name, value) in [("SCRUPLE_DEMO_OPTOUT", "1"), ("DO_NOT_TRACK", "1"), ("OTEL_SDK_DISABLED", "true")] {
        check_silent(&[(name, value)]);
    }
}

#[test]
#[ignore = "needs strace: apt-get install strace"]
fn continuous_integration_leaves_no_trace() {
    for rule in CI {
        let sign = |sign: &EnvRule| match *sign {
            EnvRule::True(name) | EnvRule::Present(name) => (name, "true"),
            EnvRule::Is(name, value) | EnvRule::Has(name, value) => (name, value),
        };
        check_silent(&rule.signs.iter().map(sign).collect::<Vec<_>>());
    }
}

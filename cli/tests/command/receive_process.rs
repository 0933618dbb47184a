//! `scruple receive` as a process: its output and its exit code.

// A process of Windows can't send Ctrl-C to one other.
#[cfg(unix)]
mod interrupted;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

const REGISTRY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/telemetry");

fn scruple(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
    command.arg("receive").args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A running receiver, and its HTTP address.
struct Running {
    child: Child,
    out: BufReader<std::process::ChildStdout>,
    http: String,
}

impl Running {
    fn start() -> Self {
        Self::with(&[REGISTRY])
    }

    fn with(arguments: &[&str]) -> Self {
        let mut child = scruple(arguments).args(["--grpc-port", "0", "--http-port", "0", "--json"]).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let listening = next(&mut out);
        assert_eq!(listening["type"], "listening");
        Self { child, out, http: listening["http"].as_str().unwrap().to_owned() }
    }
}

fn next(out: &mut impl BufRead) -> Value {
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap()
}

/// Runs to the end, and compares the exit code and standard error.
fn check_refused(command: &mut Command, expected: &str) {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains(expected), "{words}");
    assert_eq!(output.stdout, b"");
}

#[test]
fn wrong_usage_exits_with_2_and_a_remedy() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let words = format!("port {port} for HTTP is in use by another program; choose another port with --http-port N");
    check_refused(&mut scruple(&[REGISTRY, "--grpc-port", "0", "--http-port", &port]), &words);
    check_refused(&mut scruple(&[REGISTRY, "--grpc-port", "70000"]), "--grpc-port");
    check_refused(&mut scruple(&[REGISTRY, "--port", "1"]), "unexpected argument '--port'");
    let folder = tempfile::tempdir().unwrap();
    check_refused(&mut scruple(&[&folder.path().display().to_string()]), "manifest.yaml");
    for file in ["manifest.yaml", "usage.yaml"] {
        std::fs::copy(Path::new(REGISTRY).join(file), folder.path().join(file)).unwrap();
    }
    check_refused(&mut scruple(&[&folder.path().display().to_string()]), "name the crate with --crate");
}

#[test]
fn a_closed_pipe_ends_the_receiver() {
    let running = Running::start();
    let Running { mut child, out, http } = running;
    drop(out);
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
    // Repeated: a process that another test has just forked may still have the reading end open.
    while child.try_wait().unwrap().is_none() {
        let _ = agent.post(format!("http://{http}/v1/logs")).content_type("application/json").send("{}");
    }
    assert_eq!(child.wait().unwrap().code(), Some(1), "an empty envelope is a finding");
}

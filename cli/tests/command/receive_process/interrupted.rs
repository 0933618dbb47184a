//! Receivers that Ctrl-C ends.

use super::{REGISTRY, Running, scruple};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _};

/// A declared event with this value of one attribute.
fn event(scheme: &str) -> String {
    let attribute = serde_json::json!({"key": "demo.result.scheme", "value": {"stringValue": scheme}});
    let record = serde_json::json!({
        "timeUnixNano": "1790000000000000000", "observedTimeUnixNano": "1790000000000000000", "severityNumber": 9,
        "eventName": "demo.profile.saved", "attributes": [attribute],
    });
    let scope = serde_json::json!({"name": "scruple", "version": "0.1.0"});
    serde_json::json!({"resourceLogs": [{"scopeLogs": [{"scope": scope, "logRecords": [record]}]}]}).to_string()
}

impl Running {
    fn post(&self, path: &str, body: &str) -> u16 {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
        let url = format!("http://{}{path}", self.http);
        agent.post(url).content_type("application/json").send(body).unwrap().status().as_u16()
    }

    /// Sends Ctrl-C; returns the rest of its output, and its exit code.
    fn interrupt(mut self) -> (Vec<Value>, Option<i32>) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::INT).unwrap();
        let mut text = String::new();
        self.out.read_to_string(&mut text).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (lines, self.child.wait().unwrap().code())
    }
}

/// Posts bodies to /v1/logs, sends Ctrl-C, and compares the types of the lines and the exit code.
fn check(bodies: &[&str], types: &[&str], code: i32) {
    let running = Running::start();
    for body in bodies {
        running.post("/v1/logs", body);
    }
    let (lines, found) = running.interrupt();
    let seen: Vec<&str> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    assert_eq!((seen.as_slice(), found), (types, Some(code)), "{lines:#?}");
}

#[test]
fn declared_requests_alone_exit_with_0() {
    check(&[], &["end"], 0);
    check(&[&event("https"), &event("none")], &["request", "event", "request", "event", "end"], 0);
}

#[test]
fn an_undeclared_or_refused_request_exits_with_1() {
    check(&[&event("https"), &event("gopher")], &["request", "event", "request", "event", "finding", "end"], 1);
    check(&["{"], &["refusal", "end"], 1);
    let running = Running::start();
    assert_eq!(running.post("/v1/metrics", "{}"), 404);
    assert_eq!(running.interrupt().1, Some(1));
}

#[test]
fn without_a_folder_the_demos_registry_is_used() {
    for (scheme, code) in [("s3", 0), ("gopher", 1)] {
        let running = Running::with(&[]);
        assert_eq!(running.post("/v1/logs", &event(scheme)), 200);
        assert_eq!(running.interrupt().1, Some(code), "{scheme}");
    }
}

#[test]
fn the_records_of_a_library_are_declared_by_its_folder_after_the_programs() {
    let quickstart = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/quickstart/telemetry");
    for (folders, code) in [(&[quickstart][..], 1), (&[quickstart, REGISTRY], 0)] {
        let running = Running::with(folders);
        assert_eq!(running.post("/v1/logs", &event("https")), 200);
        assert_eq!(running.interrupt().1, Some(code), "{folders:?}");
    }
}

#[test]
fn text_has_no_colours_without_a_terminal() {
    let mut child = scruple(&[REGISTRY, "--grpc-port", "0", "--http-port", "0"]).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert!(line.starts_with("Listening for OTLP on http://127.0.0.1:"), "{line}");
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "0 requests, 0 records; 0 findings, 0 refusals.\n");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

//! Every opt-out turns the demo off, with its reason, and then no connection is opened.

use std::io::ErrorKind;
use std::net::TcpListener;

use scruple::consent::{CI, EnvRule};

use super::{demo, end};

/// Sets variables; expects the demo to be off for this reason, and no connection to the endpoint.
fn check(variables: &[(&str, &str)], reason: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let to = format!("http://{}", listener.local_addr().unwrap());
    for door in ["layer", "sdk"] {
        let arguments = ["--door", door, "--to", &to];
        let text = end(demo(&arguments).envs(variables.iter().copied()));
        // On Windows, a full pipe would make the writer wait.
        let log =
            if cfg!(windows) { String::new() } else { format!("scruple-demo: usage telemetry is off: {reason}\n") };
        assert_eq!((text.code, text.err), (Some(10), log), "{variables:?} {}", text.out);
        let words = text.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.starts_with(&format!("Telemetry is off: {reason}. Nothing was opened")), "{words}");
        let json = end(demo(&arguments).arg("--json").envs(variables.iter().copied()));
        assert_eq!(json.code, Some(10));
        let expected = serde_json::json!({
            "decision": {"mode": "off", "reason": reason}, "door": door, "to": to, "verdict": "off",
        });
        assert_eq!(json.json(), expected);
    }
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "{variables:?}");
}

#[test]
fn each_opt_out_turns_the_demo_off_with_its_reason() {
    check(&[("SCRUPLE_DEMO_OPTOUT", "1")], "the variable SCRUPLE_DEMO_OPTOUT says no");
    check(&[("DO_NOT_TRACK", "1")], "the variable DO_NOT_TRACK says no");
    check(&[("OTEL_SDK_DISABLED", "true")], "the variable OTEL_SDK_DISABLED says no");
}

#[test]
fn each_ci_variable_turns_the_demo_off_and_names_its_vendor() {
    for rule in CI {
        let variable = |sign: &EnvRule| match *sign {
            EnvRule::True(name) | EnvRule::Present(name) => (name, "1"),
            EnvRule::Is(name, value) | EnvRule::Has(name, value) => (name, value),
        };
        let variables: Vec<_> = rule.signs.iter().map(variable).collect();
        check(&variables, &format!("continuous integration: {}", rule.vendor));
    }
}

#[test]
fn without_an_opt_out_the_demo_is_on() {
    let names = ["SCRUPLE_DEMO_OPTOUT", "DO_NOT_TRACK", "OTEL_SDK_DISABLED", "CI"];
    let run = end(demo(&[]).envs(names.map(|name| (name, "false"))));
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    assert!(run.out.contains("on: the program's settings contain the operator's yes"), "{}", run.out);
}

#[test]
fn an_ignored_opt_out_makes_a_rehearsal() {
    let run = end(demo(&["--ignore-environment", "--json"]).env("DO_NOT_TRACK", "1").env("CI", "1"));
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    let expected = serde_json::json!({"mode": "on", "reason": "a rehearsal, whose records stay on this machine"});
    assert_eq!(run.json()["decision"], expected);
}

#[test]
fn a_rehearsal_sends_nothing_beyond_loopback() {
    let run = end(&mut demo(&["--ignore-environment", "--to", "https://example.com"]));
    assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
    assert!(run.err.contains("sends nothing beyond this machine, but https://example.com is beyond it"), "{}", run.err);
}

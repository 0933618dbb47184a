//! `scruple check DIR --against FILE` reports each undeclared record by file and line, and nothing else.

use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A span of `warnings.yaml`'s registry, as in a spool.
pub const SPAN: &str = r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"words"}}]},"scopeSpans":[{"scope":{"name":"scruple","version":"0.1.0"},"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708","name":"words.run","kind":1,"startTimeUnixNano":"1790000000000000000","endTimeUnixNano":"1790000003000000000","attributes":[{"key":"words.unit","value":{"stringValue":"line"}}],"status":{"code":1}}]}]}]}"#;

/// An event of that registry.
pub const EVENT: &str = r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"words"}}]},"scopeLogs":[{"scope":{"name":"scruple","version":"0.1.0"},"logRecords":[{"timeUnixNano":"1790000000000000000","observedTimeUnixNano":"1790000000000000000","severityNumber":9,"eventName":"words.read","attributes":[{"key":"words.files","value":{"intValue":"7"}}]}]}]}]}"#;

const METRICS: &str = r#"{"resourceMetrics":[{"scopeMetrics":[]}]}"#;

/// A folder with the registry in `words`.
pub fn project() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("words")).expect("a folder");
    put(&folder, "words/manifest.yaml", "schema_url: https://words.internal/schemas/a/1.0.0\n");
    put(&folder, "words/words.yaml", include_str!("../warnings.yaml"));
    folder
}

pub fn put(folder: &TempDir, name: &str, text: impl AsRef<[u8]>) {
    fs::write(folder.path().join(name), text).expect("a file");
}

pub fn run(folder: &TempDir, arguments: &[&str], stdin: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
    command.arg("check").arg("words").args(arguments).current_dir(folder.path()).env_remove("CLICOLOR_FORCE");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    child.stdin.take().expect("a pipe").write_all(stdin).expect("it reads");
    child.wait_with_output().expect("it ends")
}

/// Checks the lines, and compares standard error and the last line of standard output.
#[track_caller]
fn check(lines: &str, arguments: &[&str], code: i32, violations: &[&str], verdict: &str) {
    let folder = project();
    put(&folder, "records.jsonl", lines);
    let from_file = run(&folder, &[&["--against", "records.jsonl"], arguments].concat(), b"");
    let from_pipe = run(&folder, &[&["--against", "-"], arguments].concat(), lines.as_bytes());
    for (output, name) in [(from_file, "records.jsonl"), (from_pipe, "-")] {
        let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{stdout}{stderr}");
        let wanted: String = violations.iter().map(|violation| format!("{name}:{violation}\n")).collect();
        assert_eq!(stderr, wanted);
        assert_eq!(stdout.lines().last(), Some(format!("{name}: {verdict}").as_str()));
    }
}

const PLACE: &str = "resourceSpans[0].scopeSpans[0].spans[0]";

#[test]
fn declared_records_have_no_violation() {
    check("", &[], 0, &[], "0 lines, 0 records: all of it declared");
    check(SPAN, &[], 0, &[], "1 line, 1 record: all of it declared");
    check(&format!("{SPAN}\n\n{EVENT}\r\n"), &[], 0, &[], "2 lines, 2 records: all of it declared");
}

#[test]
fn the_address_of_a_collector_is_allowed_with_received_if_the_registry_declares_it() {
    // A Collector's file has a body without a value, and the address of the connection.
    let bodied = EVENT.replace("\"severityNumber\":9,", "\"severityNumber\":9,\"body\":{},");
    check(&bodied, &[], 0, &[], "1 line, 1 record: all of it declared");
    let added = SPAN.replace(
        "\"attributes\":[{\"key\":\"words.unit\"",
        "\"attributes\":[{\"key\":\"client.address\",\"value\":{\"stringValue\":\"192.0.2.0\"}},{\"key\":\"words.unit\"",
    );
    let undeclared = format!("1: error: {PLACE}.attributes[0].key: an undeclared attribute, its name of 14 bytes");
    for arguments in [&[][..], &["--received"]] {
        check(&added, arguments, 1, &[&undeclared], "1 line, 1 record: 1 violation");
    }
    let folder = project();
    let registry = include_str!("../warnings.yaml")
        .replace("rotate: monthly", "rotate: monthly\n        client_address: three_octets");
    put(&folder, "words/words.yaml", registry);
    for (line, arguments, code) in [
        (&added, &["--received"][..], 0),
        (&added, &[], 1),
        (&added.replace("192.0.2.0", "192.0.2.7"), &["--received"], 1),
    ] {
        let output = run(&folder, &[&["--against", "-"], arguments].concat(), line.as_bytes());
        assert_eq!(output.status.code(), Some(code), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn each_violation_is_named_by_its_line_and_repeats_nothing() {
    let key = SPAN.replace("words.unit", "user.email");
    let value = SPAN.replace("\"line\"", "\"\\u001b[2Jjane@example.com\"");
    let both = format!("{EVENT}\n{key}\n\n{value}\n");
    let undeclared = format!("2: error: {PLACE}.attributes[0].key: an undeclared attribute, its name of 10 bytes");
    let member = format!(
        "4: error: {PLACE}.attributes[0].value.stringValue (words.unit): not a string that is a declared member"
    );
    check(&both, &[], 1, &[&undeclared, &member], "3 lines, 3 records: 2 violations");
    // `--values` shows the undeclared value, without control characters for the terminal.
    let (undeclared, member) =
        (format!("{undeclared}: \"user.email\""), format!("{member}: \"\\u001b[2Jjane@example.com\""));
    check(&both, &["--values"], 1, &[&undeclared, &member], "3 lines, 3 records: 2 violations");
    let event = EVENT.replace("\"intValue\":\"7\"", "\"intValue\":\"101\"");
    let place = "resourceLogs[0].scopeLogs[0].logRecords[0].attributes[0].value.intValue";
    let count = format!("1: error: {place} (words.files): not an integer from 0 to the declared maximum");
    check(&event, &[], 1, &[&count], "1 line, 1 record: 1 violation");
}

#[test]
fn a_line_without_a_record_is_a_violation() {
    let not_json = "1: error: the request: not exactly one JSON value (line 1, column ";
    let folder = project();
    for half in [&SPAN[..100], "\0\0\0\0", "spam", "[", "\u{1b}[2J"] {
        put(&folder, "records.jsonl", half);
        let output = run(&folder, &["--against", "records.jsonl"], b"");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{half:?}");
        assert!(stderr.starts_with(&format!("records.jsonl:{not_json}")), "{half:?}: {stderr}");
        assert!(!stderr.contains('\u{1b}'));
    }
    let metrics = "1: error: metrics, which no registry can declare";
    check(METRICS, &[], 1, &[metrics], "1 line, 0 records: 1 violation");
    let beside = SPAN.replacen('{', "{\"resourceLogs\":[],", 1);
    let unknown = "1: error: the request: an unknown field, its name of 13 bytes";
    let empty = "1: error: the request: an empty envelope";
    check(&beside, &[], 1, &[unknown, empty], "1 line, 0 records: 2 violations");
}

#[test]
fn a_thousand_violations_are_listed_and_the_rest_counted() {
    let folder = project();
    let mut bad = SPAN.replace("words.unit", "user.email");
    bad.push('\n');
    put(&folder, "records.jsonl", bad.repeat(1003));
    let output = run(&folder, &["--against", "records.jsonl"], b"");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), stderr.lines().count()), (Some(1), 1001));
    assert!(stderr.ends_with("\n3 more are not listed\n"));
    assert!(String::from_utf8_lossy(&output.stdout).ends_with("1003 lines, 1003 records: 1003 violations\n"));
    let report = json(&run(&folder, &["--against", "records.jsonl", "--json"], b""));
    assert_eq!(report["against"]["violations"], 1003);
    assert_eq!(report["against"]["listed"].as_array().map(Vec::len), Some(1000));
}

#[test]
fn json_is_one_document_with_the_counts_and_violations() {
    let folder = project();
    let key = SPAN.replace("words.unit", "user.email");
    put(&folder, "records.jsonl", format!("{EVENT}\n{key}\n"));
    let output = run(&folder, &["--against", "records.jsonl", "--json"], b"");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.is_empty());
    let report = json(&output);
    assert_eq!(report["ok"], false);
    let text = format!("{PLACE}.attributes[0].key: an undeclared attribute, its name of 10 bytes");
    assert_eq!(
        report["against"],
        serde_json::json!({
            "file": "records.jsonl", "lines": 2, "records": 2, "violations": 1,
            "listed": [{"line": 2, "path": format!("{PLACE}.attributes[0].key"), "text": text}],
        })
    );
    let shown = json(&run(&folder, &["--against", "records.jsonl", "--json", "--values"], b""));
    assert_eq!(shown["against"]["listed"][0]["value"], "\"user.email\"");
}

#[test]
fn an_unreadable_file_or_an_invalid_registry_exits_with_2() {
    let folder = project();
    let output = run(&folder, &["--against", "nothing.jsonl"], b"");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr.starts_with("nothing.jsonl: error: this file can't be read: "), "{stderr}");
    let report = json(&run(&folder, &["--against", "nothing.jsonl", "--json"], b""));
    assert_eq!((&report["ok"], &report["findings"][0]["rule"]), (&Value::Bool(false), &Value::from("unreadable")));
    assert_eq!(run(&folder, &["--against", "words"], b"").status.code(), Some(2), "a folder is no file");
    // With an invalid registry, no record is checked.
    put(&folder, "words/more.yaml", "file_format: definition/2\nspam: 1\n");
    put(&folder, "records.jsonl", "spam\n");
    let output = run(&folder, &["--against", "records.jsonl"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("records.jsonl"));
    assert_eq!(run(&folder, &["--values"], b"").status.code(), Some(2), "it goes with --against");
}

pub fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("JSON")
}

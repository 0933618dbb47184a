//! The files of a real Collector, plain and compressed, hold what was sent to it: each cell is that of a plain count.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::caller::Caller;
use crate::collector::{Collector, free};

use crate::counts::{PAIRS, collected, counted};
use crate::made::{Random, expected, lines, processes};

/// Sends random records, each request twice in a hundred times, and compares the counts of what the Collector wrote.
fn check(seed: u64, format: &str) {
    let mut random = Random(seed);
    let made = processes(&mut random, 20, 300);
    let port = free();
    let protocols = format!("http: {{endpoint: '127.0.0.1:{port}'}}");
    let collector = Collector::start(tempfile::tempdir().unwrap(), &protocols, format);
    for line in made.iter().flat_map(lines) {
        let is_of_spans = line.starts_with("{\"resourceSpans");
        let path = if is_of_spans { "/v1/traces" } else { "/v1/logs" };
        for _ in 0..1 + u64::from(is_of_spans && random.percent(2)) {
            let mut caller = Caller::connect(&format!("127.0.0.1:{port}")).unwrap();
            let answer = caller.call("POST", path, "content-type: application/json\r\n", line.as_bytes()).unwrap();
            assert_eq!(answer.0, 200, "{}", String::from_utf8_lossy(&answer.1));
        }
    }
    let folder = collector.stop();
    let inputs = ["traces", "logs"].map(|name| folder.path().join(name));
    let pairs = PAIRS.map(|(one, other)| format!("--pair={one},{other}"));
    let collected = collected(folder.path(), &inputs, &pairs);
    assert_eq!(collected.summary.refused.records, 0, "{:?}", collected.summary.refused);
    assert_eq!(counted(&collected.tables), expected(&made, &PAIRS));
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector, which needs Go 1.26"]
fn the_lines_of_a_collector_count() {
    check(1, "json");
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector, which needs Go 1.26"]
fn the_compressed_messages_of_a_collector_count() {
    check(2, "json, compression: zstd");
}

#[test]
#[ignore = "needs the Collector, as above, and the command: cargo build in the root, or its path in SCRUPLE"]
fn the_records_of_the_demo_count_on_their_whole_way() {
    let scruple = std::env::var_os("SCRUPLE").unwrap_or_else(|| "../../target/debug/scruple".into());
    let port = free();
    let protocols = format!("http: {{endpoint: '127.0.0.1:{port}'}}");
    let collector = Collector::start(tempfile::tempdir().unwrap(), &protocols, "json");
    let home = tempfile::tempdir().unwrap();
    for _ in 0..3 {
        let mut demo = Command::new(&scruple);
        demo.args(["demo", "--to", &format!("http://127.0.0.1:{port}")]).env_clear().env("HOME", home.path());
        let output = demo.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let folder = collector.stop();
    let inputs = ["traces", "logs"].map(|name| folder.path().join(name));
    let mut sent: BTreeMap<String, u64> = BTreeMap::new();
    for (input, pointers) in inputs.iter().zip([
        ["/resourceSpans", "/scopeSpans", "/spans", "/name"],
        ["/resourceLogs", "/scopeLogs", "/logRecords", "/eventName"],
    ]) {
        for line in fs::read_to_string(input).unwrap().lines() {
            let mut nodes = vec![serde_json::from_str::<Value>(line).unwrap()];
            for pointer in &pointers[..3] {
                let lists = nodes.iter().filter_map(|node| node.pointer(pointer)?.as_array());
                nodes = lists.flatten().cloned().collect();
            }
            for record in nodes {
                *sent.entry(record.pointer(pointers[3]).unwrap().as_str().unwrap().to_owned()).or_default() += 1;
            }
        }
    }
    let mut report = Command::new(env!("CARGO_BIN_EXE_scruple-report"));
    report.args(["../../cli/telemetry", "--json", "--input"]).args(&inputs);
    let output = report.arg("--out").arg(home.path().join("report")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    let signals = summary["signals"].as_array().unwrap().iter();
    let counted =
        signals.map(|signal| (signal["name"].as_str().unwrap().to_owned(), signal["records"].as_u64().unwrap()));
    assert_eq!(counted.collect::<BTreeMap<_, _>>(), sent);
    assert!(sent.len() >= 5);
}

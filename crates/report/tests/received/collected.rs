//! The files of a real Collector, plain and compressed, hold what was sent to it: each cell is that of a plain count.

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

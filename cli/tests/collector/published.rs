//! The demo's whole way: many runs, a Collector with the written configuration, and a report.

use std::fs;
use std::path::Path;

use scruple_cli::collector_config::{CollectorKind, Options};
use scruple_cli::demo::usage::REGISTRY;
use scruple_fixtures::published::PublishedReport;

use crate::components::demo::{PRIVATE, run};
use crate::components::{Collector, Left};

/// More than the threshold of 20 sessions, by each of two doors.
const RUNS: usize = 24;

#[test]
#[ignore = "needs the Collector (collector-config/build collector), and scruple-report on the PATH (cargo build --manifest-path \
            crates/report/Cargo.toml)"]
fn a_report_of_the_demos_runs_counts_them_and_has_nothing_private() {
    let collector = Collector::of(REGISTRY, &Options::of(CollectorKind::Gateway), &[]);
    for _ in 0..RUNS {
        ["layer", "sdk"].iter().for_each(|door| drop(run(&collector.http, "http", door)));
    }
    let Left { traces, logs, .. } = collector.stop();
    let kept = tempfile::tempdir().unwrap();
    for (name, lines) in [("traces.jsonl", traces), ("logs.jsonl", logs)] {
        fs::write(kept.path().join(name), lines.join("\n") + "\n").unwrap();
    }
    let published = PublishedReport::of(Path::new(env!("CARGO_MANIFEST_DIR")), "telemetry", kept.path());
    let recounted = published.recount();
    println!("{recounted:?}");
    assert!(recounted.totals >= 5 && recounted.values >= 30, "{recounted:?}");
    let units = published.units();
    assert_eq!(units.len(), 2 * RUNS);
    for (name, content) in published.files() {
        let content = String::from_utf8(content).unwrap();
        for private in PRIVATE.into_iter().chain(units.iter().map(String::as_str)) {
            assert!(!content.contains(private), "{private} in {name}");
        }
    }
}

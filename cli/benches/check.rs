//! What it costs to check a registry of 500 attributes: as a whole process, and without starting one.
//!
//! The registry is that of a large program: 500 attributes in ten files, half of them enums of five members, the rest
//! buckets, counts, lists and hashes; 20 spans and 20 events carry 25 of them each. The disk is warm. The goal is 50 ms.

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use scruple_cli::registry;

const FILES: usize = 10;
const ATTRIBUTES: usize = 500;
const SIGNALS: usize = 20;
const CARRIED: usize = ATTRIBUTES / SIGNALS;
const RUNS: usize = 100;
const GOAL: f64 = 50.0;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path());
    let owned = registry::read(folder.path()).expect("it is sound");
    // The resource's one is beside them.
    assert_eq!((owned.attributes.len(), owned.spans.len(), owned.events.len()), (ATTRIBUTES + 1, SIGNALS, SIGNALS));
    let bytes: u64 = fs::read_dir(folder.path()).expect("it lists").map(|file| length(&file.expect("a file"))).sum();
    println!("{ATTRIBUTES} attributes, {} KiB of YAML, {} warnings", bytes / 1024, owned.warnings.len());
    println!("\n{:<32} {:>10} {:>10}", "scruple check", "median ms", "p95 ms");
    row("read in this process", || drop(black_box(registry::read(folder.path()))));
    let median = row("a whole process", || run(folder.path()));
    println!("\nthe goal is {GOAL} ms: {}", if median < GOAL { "kept" } else { "MISSED" });
}

fn row(name: &str, mut once: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            once();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{name:<32} {:>10.2} {:>10.2}", times[RUNS / 2], times[RUNS * 95 / 100]);
    times[RUNS / 2]
}

fn run(folder: &Path) {
    let output = Command::new(env!("CARGO_BIN_EXE_scruple")).arg("check").arg(folder).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn length(file: &fs::DirEntry) -> u64 {
    file.metadata().expect("metadata").len()
}

fn write(folder: &Path) {
    let put = |name: String, text: String| fs::write(folder.join(name), text).expect("it is written");
    put("manifest.yaml".to_owned(), "schema_url: https://example.com/schemas/bench/1.0.0\n".to_owned());
    for file in 0..FILES {
        let mut text = "file_format: definition/2\nattributes:\n".to_owned();
        for nth in (0..ATTRIBUTES).filter(|nth| nth % FILES == file) {
            text.push_str(&attribute(nth));
        }
        put(format!("attributes{file}.yaml"), text);
    }
    let mut text = "file_format: definition/2\n".to_owned();
    text.push_str(SERVICE);
    for kind in ["spans", "events"] {
        let _ = writeln!(text, "{kind}:");
        for nth in 0..SIGNALS {
            text.push_str(&signal(kind, nth));
        }
    }
    put("signals.yaml".to_owned(), text);
}

const SERVICE: &str = "\
attributes:
  - {key: service.name, brief: The program., stability: stable, type: string, annotations: {privacy: {from: app}}}
entities:
  - type: service
    brief: The program that reports.
    stability: stable
    identity: [{ref: service.name}]
    annotations:
      privacy: {app_id: com.example.bench, name: bench, controller: Us, endpoint: \"https://example.com\", rotate: monthly}
";

fn attribute(nth: usize) -> String {
    let (what, members) = match nth % 8 {
        0 => ("type: int\n    annotations: {privacy: {from: count, max: 10}}", ""),
        2 => ("type: string\n    annotations: {privacy: {from: hash}}", ""),
        4 => ("type: \"string[]\"\n    annotations: {privacy: {from: names, members: [--one, --two, --three]}}", ""),
        6 => ("type:\n      members:\n", "annotations: {privacy: {from: bucket}}"),
        _ => ("type:\n      members:\n", "annotations: {privacy: {otherwise: m4}}"),
    };
    let mut text =
        format!("  - key: bench.a{nth:03}\n    brief: What was measured.\n    stability: stable\n    {what}");
    for member in (0..5).filter(|_| !members.is_empty()) {
        let bound = if nth % 8 == 6 && member < 4 {
            format!(", annotations: {{privacy: {{below: {}}}}}", 10 << member)
        } else {
            String::new()
        };
        let _ = writeln!(text, "        - {{id: m{member}, value: m{member}, brief: One of five.{bound}}}");
    }
    format!("{}\n    {members}\n", text.trim_end())
}

fn signal(kind: &str, nth: usize) -> String {
    let mut text = match kind {
        "spans" => format!("  - type: bench.s{nth:02}\n    kind: internal\n    name: {{note: bench.s{nth:02}}}\n"),
        _ => format!("  - name: bench.e{nth:02}\n"),
    };
    text.push_str("    brief: It was done.\n    stability: stable\n    attributes:\n");
    for attribute in (0..ATTRIBUTES).filter(|attribute| attribute / CARRIED == nth) {
        let _ = writeln!(text, "      - {{ref: bench.a{attribute:03}, requirement_level: recommended}}");
    }
    text
}

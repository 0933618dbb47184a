//! What it costs to decide, and to be asked: the decision in a process that runs, and `status` as a whole process beside
//! one that does nothing.
//!
//! The registry has 50 attributes with five members each; the answer is a stored yes to it, read from a warm disk.

use scruple::encode::Format;
use scruple::registry::{Attribute, Registry, Signal, Treatment};
use scruple::{Choice, Telemetry};
use scruple_fixtures::tables::{service, used};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

const ATTRIBUTES: u16 = 50;
const MEMBERS: &[&str] = &["five", "four", "one", "three", "two"];

const PROCESSES: usize = 200;
const DECISIONS: u32 = 2_000;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("empty") => {}
        Some("yes") => drop(telemetry().set_consent(Choice::On).expect("it is stored")),
        Some("status") => println!("{}", telemetry().status().to_json()),
        Some("build") => println!("{:?}", telemetry().decision()),
        Some("decide") => decide(),
        _ => compare(),
    }
}

/// A program that can send, and hands its records to nobody.
fn telemetry() -> Telemetry {
    scruple::start(registry())
        .opt_out_variable("BENCH_OPTOUT")
        .export(scruple::Exporter::requests(Format::Json, |_, _| {}))
        .build()
}

fn decide() {
    let telemetry = telemetry();
    assert!(telemetry.is_on(), "{:?}", telemetry.decision());
    let start = Instant::now();
    for _ in 0..DECISIONS {
        assert!(telemetry.is_on());
    }
    println!("{}", start.elapsed().as_secs_f64() * 1e6 / f64::from(DECISIONS));
}

fn compare() {
    let home = tempfile::tempdir().expect("a folder");
    run("yes", home.path());
    let decision = run("decide", home.path());
    println!("the decision, with a stored yes: {} µs", decision.trim());
    let names = ["empty", "build", "status"];
    let mut times = vec![Vec::with_capacity(PROCESSES); names.len()];
    for _ in 0..PROCESSES {
        for (name, times) in names.iter().zip(&mut times) {
            let start = Instant::now();
            run(name, home.path());
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
    }
    println!("\n{:<32} {:>10} {:>10} {:>10}", "a whole process", "median ms", "p95 ms", "more ms");
    let mut first = None;
    for (name, mut times) in names.iter().zip(times) {
        times.sort_by(f64::total_cmp);
        let (median, p95) = (times[PROCESSES / 2], times[PROCESSES * 95 / 100]);
        println!("{name:<32} {median:>10.2} {p95:>10.2} {:>10.2}", median - *first.get_or_insert(median));
    }
}

fn run(role: &str, home: &Path) -> String {
    let mut command = Command::new(std::env::current_exe().expect("a bench has a path"));
    let output = command.arg(role).env_clear().env("HOME", home).current_dir(home).output().expect("it runs again");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn registry() -> &'static Registry<'static> {
    let keys: Vec<&'static str> = (0..ATTRIBUTES).map(|nth| &*format!("bench.a{nth:02}").leak()).collect();
    let attribute =
        |key: &&'static str| Attribute::new(key, "One of five.", Treatment::Enum { members: MEMBERS, otherwise: None });
    let event = |name, from: u16| {
        let uses: Vec<_> = (from..from + 25).map(used).collect();
        Signal::span(name, "It happened.").attributes(uses.leak())
    };
    let attributes: Vec<_> = keys.iter().map(attribute).collect();
    Box::leak(Box::new(
        Registry::new("https://telemetry.example.com/schemas/bench/1.0.0", service("com.example.bench", "bench"))
            .attributes(attributes.leak())
            .events(vec![event("bench.one", 0), event("bench.two", 25)].leak()),
    ))
}

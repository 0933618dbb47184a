//! What it costs to decide, to begin and to end, and to be asked: the decision in a process that runs, the start and end of a
//! pipeline with an upload that is not due, and `status` as a whole process beside one that does nothing.
//!
//! The registry has 50 attributes with five members each; the answer is a stored yes to it, read from a warm disk.

use rustix::time::{ClockId, clock_gettime};
use scruple::encode::Format;
use scruple::registry::{Attribute, Registry, Signal, Treatment};
use scruple::{Choice, Telemetry};
use scruple_fixtures::tables::{service, used};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tracing_subscriber::prelude::*;

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
        Some("lifetime") => lifetime(),
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

/// The pipeline that a program has by default, with one record; it prints three CPU times of this thread, system time
/// included, in microseconds.
fn lifetime() {
    let before = cpu();
    let telemetry = scruple::start(registry()).build();
    let built = cpu() - before;
    tracing_subscriber::registry().with(telemetry.layer()).init();
    let before = cpu();
    tracing::event!(name: "bench.one", tracing::Level::INFO, { bench.a00 = "one" });
    let recorded = cpu() - before;
    let before = cpu();
    drop(telemetry);
    println!("{built} {recorded} {}", cpu() - before);
}

/// The CPU time of this thread, in microseconds: a busy machine lengthens it little.
fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.cast_unsigned(), u32::try_from(time.tv_nsec).expect("below a second")).as_secs_f64() * 1e6
}

/// In processes that take turns, off by a variable and on.
fn lifetimes(home: &Path) {
    // The upload of the first record is due at its end, and then none for an hour.
    run("lifetime", home);
    // A no deletes what waits: it has a home where nothing does.
    let other = tempfile::tempdir().expect("a folder");
    run("yes", other.path());
    let homes = [other.path(), home];
    let names = ["off", "on, no upload is due"];
    let mut times = [const { [const { Vec::new() }; 3] }; 2];
    for _ in 0..PROCESSES {
        for (nth, times) in times.iter_mut().enumerate() {
            let variable = (nth == 0).then_some(("DO_NOT_TRACK", "1"));
            let text = run_with("lifetime", homes[nth], variable);
            for (time, times) in text.split_whitespace().zip(times) {
                times.push(time.parse::<f64>().expect("a time"));
            }
        }
    }
    println!("\n{:<32} {:>10} {:>10} {:>10}", "a pipeline, median CPU µs", "start", "record", "end");
    for (name, times) in names.iter().zip(times) {
        let [start, record, end] = times.map(|mut times| {
            times.sort_by(f64::total_cmp);
            times[PROCESSES / 2]
        });
        println!("{name:<32} {start:>10.1} {record:>10.1} {end:>10.1}");
    }
}

fn compare() {
    let home = tempfile::tempdir().expect("a folder");
    run("yes", home.path());
    let decision = run("decide", home.path());
    println!("the decision, with a stored yes: {} µs", decision.trim());
    lifetimes(home.path());
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
    run_with(role, home, None)
}

fn run_with(role: &str, home: &Path, variable: Option<(&str, &str)>) -> String {
    let mut command = Command::new(std::env::current_exe().expect("a bench has a path"));
    command.arg(role).env_clear().env("HOME", home).envs(variable).current_dir(home);
    let output = command.output().expect("it runs again");
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

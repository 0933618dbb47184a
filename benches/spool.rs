//! What the spool costs: a record on its way to the disk, however much waits there, and the taking of what waits. `cargo
//! bench --bench spool`.
//!
//! It writes up to 300 MB below the temporary folder and removes that again. On ext4, making a file takes up to a
//! millisecond for some seconds after many were deleted (it passes over inodes that were in use just now), and a full file
//! is followed by another one: the cases that come after a case's cleaning up show that.

#[expect(dead_code, reason = "another bench hashes")]
mod measure;

use measure::program::{ours, plain};
use measure::{Case, Group};
use scruple::Telemetry;
use scruple::encode::{Encoder, Format};
use scruple::limits::UPLOAD_EVERY;
use scruple::spool::{Limits, Queue, Receiver, Spool, end_attempt, forget, is_due};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Instant, SystemTime};
use tracing_subscriber::prelude::*;

fn main() {
    // First, while nothing was deleted.
    let is_first = !std::env::args().any(|argument| argument == "--one");
    if is_first {
        let _ = std::fs::remove_dir_all(base());
        once();
        take();
    }
    measure::main(&[
        Group {
            title: "a span with five fields",
            threads: 1,
            cases: &[
                Case { name: "to an OTLP line in memory", setup: in_memory, work: plain },
                Case { name: "to the spool, nothing queued", setup: || spooled(0, 1), work: plain },
                Case { name: "to the spool, 1,000 records queued", setup: || spooled(1_000, 1), work: plain },
                Case { name: "to the spool, 100,000 records queued", setup: || spooled(100_000, 1), work: plain },
                Case { name: "to the spool, 64 at a time", setup: || spooled(0, 64), work: plain },
            ],
        },
        Group {
            title: "what a recording process looks at",
            threads: 1,
            cases: &[Case { name: "whether an upload is due", setup: stamped, work: look }],
        },
    ]);
    if is_first {
        std::fs::remove_dir_all(base()).expect("what was written here");
    }
}

fn base() -> PathBuf {
    std::env::temp_dir().join("scruple-bench-spool")
}

/// The state folder of this process's case.
static STATE: LazyLock<PathBuf> = LazyLock::new(|| base().join("state"));

fn receiver() -> Receiver {
    Receiver::new("https://telemetry.example.com", "The example project")
}

fn spool(state: &Path, batch: u64) -> Telemetry {
    let state = state.to_owned();
    let open = ours().export(scruple::Exporter::open(move |opening| {
        let encoder = Encoder::new(opening.resource, opening.registries);
        let limits = Limits::new().records(u64::MAX);
        let mut stem = [0; 8];
        getrandom::fill(&mut stem).expect("random bytes");
        let spool = Spool::open(&state, &receiver(), encoder, opening.switch, u64::from_ne_bytes(stem), limits);
        Ok(Box::new(spool.expect("a folder").batch_appends(batch)))
    }));
    open.build()
}

/// Records that other processes left, a thousand each.
fn queue(state: &Path, records: u32) {
    forget(state).expect("what an earlier case left");
    for _ in 0..records / 1000 {
        let telemetry = spool(state, 1);
        let subscriber = tracing_subscriber::registry().with(telemetry.layer());
        tracing::subscriber::with_default(subscriber, || (0..1000).for_each(|_| plain()));
    }
}

fn in_memory() {
    let take = |_, line: &[u8]| {
        black_box(line);
    };
    install(ours().export(scruple::Exporter::requests(Format::Json, take)).build());
}

fn spooled(queued: u32, batch: u64) {
    queue(&STATE, queued);
    install(spool(&STATE, batch));
}

fn install(telemetry: Telemetry) {
    tracing_subscriber::registry().with(telemetry.layer()).init();
    // It has to live as long as the process.
    std::mem::forget(telemetry);
}

fn stamped() {
    queue(&STATE, 0);
    drop(spool(&STATE, 1));
    end_attempt(&STATE, SystemTime::now(), &|| true).expect("a stamp");
}

fn look() {
    black_box(is_due(&STATE, SystemTime::now(), UPLOAD_EVERY));
}

fn report(what: &str, each: &str, start: Instant, times: u32) {
    println!("{what:<58} {:>10.1} us {each}", start.elapsed().as_secs_f64() * 1e6 / f64::from(times));
}

/// What a process has to pay once: the difference to one that keeps its record in memory is the spool's.
fn once() {
    println!("\na process with one record");
    one_each("to a line in memory", || ours().export(scruple::Exporter::requests(Format::Json, |_, _| {})).build());
    for queued in [0, 100_000] {
        let state = base().join(format!("once-{queued}"));
        queue(&state, queued);
        one_each(&format!("to the spool, {queued} records queued"), || spool(&state, 1));
    }
}

fn one_each(what: &str, build: impl Fn() -> Telemetry) {
    let start = Instant::now();
    for _ in 0..1000 {
        let telemetry = build();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(telemetry.layer()), plain);
    }
    report(what, "each", start, 1000);
}

/// What an uploader has to pay for 100,000 records.
fn take() {
    const RECORDS: u32 = 100_000;
    println!("\ntaking {RECORDS} records");
    let state = &base().join("take");
    queue(state, RECORDS);
    let queue_here = || Queue::open(state, &receiver()).expect("a queue").expect("a queue");
    let mut files = 0;
    let counted = allocation_counter::measure(|| {
        let start = Instant::now();
        files = u32::try_from(queue_here().waiting().expect("a list").files).expect("not so many");
        report("what waits", "a file", start, files);
        let start = Instant::now();
        queue_here().clean(&Limits::new().bytes(u64::MAX), SystemTime::now()).expect("a list");
        report("keeping the caps, nothing over", "a file", start, files);
        let (start, mut lines) = (Instant::now(), 0);
        for mut taken in queue_here().finished().expect("a list") {
            while let Some(line) = taken.next_line().expect("a line") {
                black_box(line);
                lines += 1;
            }
        }
        report("listing, taking and reading", "a record", start, lines);
        assert_eq!(lines, RECORDS);
        let start = Instant::now();
        for mut taken in queue_here().finished().expect("a list").take(20) {
            taken.next_line().expect("a line");
            taken.deliver();
            taken.keep().expect("room for the rest");
        }
        report("keeping the rest of a file, on the disk", "a file", start, 20);
        let start = Instant::now();
        queue_here().finished().expect("a list").for_each(|taken| taken.finish().expect("it is deleted"));
        report("listing, taking and deleting", "a file", start, files);
    });
    println!("{:<58} {:>10} KiB at most", "memory", counted.bytes_max / 1024);
    queue(state, RECORDS);
    let start = Instant::now();
    forget(state).expect("it is deleted");
    report("forgetting", "a file", start, files);
}

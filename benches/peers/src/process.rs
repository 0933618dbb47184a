//! What telemetry adds to a whole process that makes one span and ends: none, the bare OTLP pipeline as its documentation
//! shows it (HTTP, batch processor, shutdown at the end), and scruple, with the network healthy and broken in three ways.
//!
//! Each row is of runs that take turns. Of scruple there are two: runs that start an uploader, and runs for which none is
//! due yet. Delivered is what had arrived when the network was there again. The last table is of an uploader with 100 MB
//! waiting.
//!
//! `cargo run --release --manifest-path benches/peers/Cargo.toml --features process --bin process`, and after that `--` and
//! the states that are wanted: healthy, refused, swallowed, unresolved, memory.

mod rows;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::trace::SdkTracerProvider;
use scruple::registry::{Attribute, AttributeRef, Registry, RequirementLevel, Service, Signal, Source, Treatment};
use scruple::{Choice, Upload};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tracing_subscriber::prelude::*;

const UPLOADER: &str = "SCRUPLE_UPLOADER";

/// How many runs a row has, and how many where one takes seconds.
const RUNS: usize = 50;
const SLOW_RUNS: usize = 5;

/// How long an uploader is waited for that may get no answer.
const SETTLED: Duration = Duration::from_millis(300);

/// How much waits in the last table, in bytes.
const MUCH: u64 = 100 * 1024 * 1024;

fn main() {
    let role = std::env::args().nth(1).unwrap_or_default();
    match role.as_str() {
        _ if std::env::var_os(UPLOADER).is_some() => scruple("run", 1),
        "none" => none(),
        "bare" => bare(),
        "yes" | "run" => scruple(&role, 1),
        "fill" => scruple("run", 9_000),
        _ => compare(),
    }
}

/// The program: it says what it did, to whom it may concern.
fn work(records: u32) {
    for _ in 0..records {
        let span = tracing::info_span!(
            "bench.run",
            bench.ok = true,
            bench.kind = "two",
            bench.count = 12_u64,
            bench.size = 3_000_u64,
            bench.name = "a name"
        );
        span.in_scope(|| std::hint::black_box(0));
    }
}

fn none() {
    tracing_subscriber::registry().init();
    work(1);
}

fn home() -> PathBuf {
    std::env::var_os("HOME").expect("a home").into()
}

fn endpoint() -> String {
    fs::read_to_string(home().join("endpoint")).expect("an endpoint")
}

fn bare() {
    // What it may be asked for without TLS, which scruple may not.
    let url = format!("{}/v1/traces", endpoint().replace("https://", "http://"));
    let exporter = SpanExporter::builder().with_http().with_endpoint(url).build().expect("an exporter");
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("bench"));
    tracing_subscriber::registry().with(layer).init();
    work(1);
    let _ = provider.shutdown();
}

fn scruple(role: &str, records: u32) {
    let upload = Upload::new().limits(scruple::spool::Limits::new().bytes(2 * MUCH));
    let telemetry = scruple::start(&REGISTRY).endpoint(&endpoint()).export(upload).build();
    tracing_subscriber::registry().with(telemetry.layer()).init();
    if role == "yes" {
        telemetry.set_consent(Choice::On).expect("it is stored");
        return;
    }
    assert!(telemetry.is_on(), "{:?}", telemetry.decision());
    work(records);
}

/// A person's machine.
struct Machine(tempfile::TempDir);

impl Machine {
    fn new(endpoint: &str) -> Self {
        let machine = Self(tempfile::tempdir().expect("a folder"));
        machine.receiver(endpoint);
        machine
    }

    /// Names the receiver, also as one that is the same at another address: what waits is put into its folder.
    fn receiver(&self, endpoint: &str) {
        let before = rows::waiting(&self.state());
        fs::write(self.0.path().join("endpoint"), endpoint).expect("it is written");
        self.run("yes");
        for file in before {
            let folders = fs::read_dir(self.state().join("queue")).expect("a queue").flatten();
            let mut others = folders.map(|folder| folder.path()).filter(|folder| !file.starts_with(folder));
            if let Some((folder, name)) = others.next().zip(file.file_name()) {
                fs::rename(&file, folder.join(name)).expect("it is moved");
            }
        }
    }

    fn state(&self) -> PathBuf {
        self.0.path().join(".local/state/scruple/com.example.bench")
    }

    fn program(&self) -> Command {
        let mut program = Command::new(std::env::current_exe().expect("a bench has a path"));
        program.env_clear().env("HOME", self.0.path()).current_dir(self.0.path());
        program.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        program
    }

    /// Milliseconds.
    fn run(&self, role: &str) -> f64 {
        let start = Instant::now();
        assert!(self.program().arg(role).status().expect("it runs again").success(), "{role}");
        start.elapsed().as_secs_f64() * 1e3
    }

    fn forget(&self, name: &str) {
        let _ = fs::remove_file(self.state().join(name));
    }

    /// Runs an uploader, and gives the most memory that it had, in kilobytes.
    fn upload(&self) -> u64 {
        self.forget("stamp");
        self.forget("pause");
        let mut most = 0;
        rows::upload(&mut self.program(), "com.example.bench", |uploader| most = most.max(high_water(uploader)));
        most
    }

    fn waiting(&self) -> usize {
        rows::waiting(&self.state()).len()
    }
}

/// The most resident memory of a process so far, in kilobytes.
fn high_water(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// A receiver that takes everything, and counts requests.
fn receiver() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let counted = Arc::clone(&counted);
            thread::spawn(move || serve(stream, &counted));
        }
    });
    (url, count)
}

fn serve(stream: TcpStream, count: &AtomicUsize) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink()).ok()?;
        count.fetch_add(1, Ordering::Relaxed);
        let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
        reader.get_mut().write_all(answer).ok()?;
    }
}

fn compare() {
    let chosen: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let is_chosen = |state: &str| chosen.is_empty() || chosen.iter().any(|word| word == state);
    // Nobody accepts; the system takes connections in all the same.
    let deaf = TcpListener::bind("127.0.0.1:0").expect("a port");
    let deaf = format!("http://{}", deaf.local_addr().map(|address| (deaf, address)).expect("an address").1);
    let states = [
        ("healthy", String::new()),
        ("refused", "http://127.0.0.1:9".to_owned()),
        ("swallowed", deaf),
        ("unresolved", "https://collector.invalid".to_owned()),
    ];
    for (state, url) in states.iter().filter(|(state, _)| is_chosen(state)) {
        compared(state, url);
    }
    if is_chosen("memory") {
        memory();
    }
}

fn compared(state: &str, url: &str) {
    let (healthy, count) = receiver();
    let url = if url.is_empty() { &healthy } else { url };
    let is_healthy = *url == healthy;
    let machines = ["none", "bare", "due", "not due"].map(|_| Machine::new(url));
    let [plain, otlp, due, not_due] = &machines;
    let mut times = [const { Vec::new() }; 4];
    not_due.run("run");
    rows::settle(&not_due.state(), SETTLED);
    let delivered_before = count.load(Ordering::Relaxed);
    let mut by_bare = 0;
    let is_slow = otlp.run("bare") > 500.0;
    let mut bare_runs = 1;
    by_bare += count.load(Ordering::Relaxed) - delivered_before;
    for nth in 0..RUNS {
        times[0].push(plain.run("none"));
        if !is_slow || nth < SLOW_RUNS {
            let before = count.load(Ordering::Relaxed);
            times[1].push(otlp.run("bare"));
            by_bare += count.load(Ordering::Relaxed) - before;
            bare_runs += 1;
        }
        due.forget("stamp");
        due.forget("pause");
        times[2].push(due.run("run"));
        // Its uploader would take part in the next one's time, and in a count.
        rows::settle(&due.state(), SETTLED);
        times[3].push(not_due.run("run"));
    }
    let delivered = [due, not_due].map(|machine| delivered(machine, is_healthy));
    let ends = [
        String::new(),
        format!("{by_bare} of {bare_runs}"),
        format!("{} of {RUNS}", delivered[0]),
        format!("{} of {}", delivered[1], RUNS + 1),
    ];
    rows::table(state, times, ends);
}

/// How many records have a receipt once there is a network.
fn delivered(machine: &Machine, is_healthy: bool) -> usize {
    let (url, _) = receiver();
    if !is_healthy {
        machine.receiver(&url);
    }
    let start = Instant::now();
    while machine.waiting() > 0 && start.elapsed() < Duration::from_secs(60) {
        machine.upload();
    }
    rows::receipts(&machine.state())
}

fn memory() {
    let (url, count) = receiver();
    let machine = Machine::new("http://127.0.0.1:9");
    machine.run("fill");
    machine.receiver(&url);
    let first = rows::waiting(&machine.state()).pop().expect("a file");
    let queue = first.parent().expect("a folder");
    let size = fs::metadata(&first).expect("a size").len();
    let name = first.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
    let copies = MUCH / size;
    for nth in 0..copies {
        // The first half of the name's number is the period's.
        let copy: PathBuf = queue.join(format!("{}{nth:04x}{}", &name[..12], &name[16..]));
        fs::copy(&first, copy).expect("a copy");
    }
    // The one that the first run started may still wait for nobody's answer.
    rows::settle(&machine.state(), Duration::from_secs(60));
    let start = Instant::now();
    let most = machine.upload();
    let (seconds, requests) = (start.elapsed().as_secs_f64(), count.load(Ordering::Relaxed));
    println!(
        "\nan uploader with {} MB waiting: {:.1} MB of memory at most",
        ((copies + 1) * size) >> 20,
        most as f64 / 1024.0
    );
    println!("{requests} requests in {seconds:.1} s, {} files left for the next run", machine.waiting());
}

const fn used(attribute: u16) -> AttributeRef {
    AttributeRef::new(attribute, RequirementLevel::Recommended)
}

const fn attribute(key: &'static str, treatment: Treatment<'static>) -> Attribute<'static> {
    Attribute::new(key, "One fact.", treatment)
}

static REGISTRY: Registry<'static> = Registry::new(
    "https://telemetry.example.com/schemas/bench/1.0.0",
    Service::new(
        "com.example.bench",
        "bench",
        "1.0.0",
        "The example project, privacy@example.com",
        "http://127.0.0.1:4318",
    ),
)
.attributes(&[
    attribute("bench.count", Treatment::Count { max: 100 }),
    attribute("bench.kind", Treatment::Enum { members: &["one", "two"], otherwise: None }),
    attribute("bench.name", Treatment::Hash),
    attribute("bench.ok", Treatment::Boolean),
    attribute("bench.size", Treatment::Count { max: 10_000 }),
    attribute("session.id", Treatment::Given { source: Source::Session, members: &[] }),
])
.resource(&[5])
.spans(&[Signal::span("bench.run", "One run.").attributes(&[used(0), used(1), used(2), used(3), used(4)])]);

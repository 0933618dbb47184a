//! A server that sends its usage while it runs: 50,000 requests a second, each with a span of five fields and an event of
//! two, to a receiver on loopback that answers at once, or never. The bare OTLP pipeline and scruple take turns.
//!
//! A row is one process. CPU is that of the process, system time included, from before the first request until its telemetry
//! is shut down, less that of the row without telemetry. The lost records are those that the receiver did not get; known are
//! those that the pipeline itself says it lost. `lean` is the bare pipeline without the attributes that tracing-opentelemetry
//! adds to each span. Longest is the time of the longest request, and late the number of those above a millisecond: a
//! busy machine lengthens them in all rows.
//!
//! `cargo run --release --manifest-path benches/peers/Cargo.toml --features forward --bin forward`, and after that `--` and
//! the rounds (3).

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_otlp::{LogExporter, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use rustix::time::{ClockId, clock_gettime};
use scruple::registry::{Attribute, AttributeRef, Registry, RequirementLevel, Service, Signal, Treatment};
use scruple::{Forward, Preset};
use scruple_fixtures::grpc::{self, GrpcAnswer, GrpcServer};
use scruple_fixtures::http::{Answer, Server, answer};
use scruple_fixtures::{Arrivals, Arrived};
use std::fs;
use std::hint::black_box;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tracing::field::{Field, Visit};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::prelude::*;

const THREADS: u64 = 5;
const SECONDS: u64 = 3;
/// What a thread does in each millisecond, as far as it can.
const EACH: u64 = 50_000 / THREADS / 1_000;
const REQUESTS: u64 = THREADS * EACH * 1_000 * SECONDS;
/// A span and an event.
const RECORDS: u64 = 2 * REQUESTS;
const LATE: Duration = Duration::from_millis(1);

const ROWS: [&str; 4] = ["none", "bare", "lean", "scruple"];

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [role, way, url] = &arguments[..] else {
        return compare(arguments.first().map_or(3, |rounds| rounds.parse().expect("a number of rounds")));
    };
    let numbers = match role.as_str() {
        "none" => none(),
        "scruple" => scruple(way, url),
        _ => bare(role == "lean", way, url),
    };
    println!("{}", numbers.map(|number| number.to_string()).join(" "));
}

/// What a process prints: CPU in nanoseconds, the records that it knows as lost, its longest request in nanoseconds, the
/// number of late ones, its peak of memory in KiB.
type Numbers = [u64; 5];

fn compare(rounds: usize) {
    println!("{RECORDS} records a row in {SECONDS} s, medians of {rounds}");
    for (way, is_silent) in [("grpc", false), ("http", false), ("grpc", true), ("http", true)] {
        let mut rows = ROWS.map(|_| Vec::new());
        for _ in 0..rounds {
            for (role, row) in ROWS.iter().zip(&mut rows) {
                row.push(run(role, way, is_silent));
            }
        }
        print(way, is_silent, rows);
    }
}

fn print(way: &str, is_silent: bool, rows: [Vec<[u64; 6]>; 4]) {
    let answers = if is_silent { "never answers" } else { "answers at once" };
    println!(
        "\n{:<30} {:>8} {:>9} {:>9} {:>9} {:>9} {:>9} {:>6} {:>9}",
        format!("{way}, {answers}"),
        "µs more",
        "arrived",
        "lost",
        "known",
        "unknown",
        "longest",
        "late",
        "peak MiB"
    );
    let mut plain = None;
    for (role, mut row) in ROWS.iter().zip(rows) {
        // A whole process, so that its numbers belong together.
        row.sort_unstable();
        let [cpu, known, longest, late, memory, arrived] = row[row.len() / 2];
        let more = (cpu as f64 - *plain.get_or_insert(cpu as f64)) / 1e3 / REQUESTS as f64;
        let name = match *role {
            "none" => "no telemetry",
            "bare" => "bare OTLP pipeline",
            "lean" => "bare OTLP pipeline, lean",
            role => role,
        };
        let (arrived, lost) = if *role == "none" { (0, 0) } else { (arrived, RECORDS.saturating_sub(arrived)) };
        println!(
            "{name:<30} {more:>8.2} {arrived:>9} {lost:>9} {known:>9} {:>9} {:>6.1} ms {late:>6} {:>9.1}",
            lost.abs_diff(known),
            longest as f64 / 1e6,
            memory as f64 / 1024.0
        );
    }
}

/// The numbers of one process, and how many of its records arrived.
fn run(role: &str, way: &str, is_silent: bool) -> [u64; 6] {
    let (url, arrivals) = receiver(way, is_silent);
    let (is_over, arrived) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
    let counting = {
        let (is_over, arrived) = (Arc::clone(&is_over), Arc::clone(&arrived));
        thread::spawn(move || {
            // What has arrived is not kept: it is as much as a receiver gets.
            while !is_over.load(Ordering::Acquire) {
                count(&arrivals, &arrived);
                thread::sleep(Duration::from_millis(20));
            }
            count(&arrivals, &arrived);
        })
    };
    let mut command = Command::new(std::env::current_exe().expect("a path"));
    let output = command.args([role, way, &url]).env_clear().output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    is_over.store(true, Ordering::Release);
    counting.join().expect("it counts");
    let text = String::from_utf8(output.stdout).expect("numbers");
    let numbers: Vec<u64> = text.split_whitespace().map(|number| number.parse().expect("a number")).collect();
    let [cpu, known, longest, late, memory] = numbers[..] else { panic!("{text}") };
    // A silent receiver has taken nothing: no answer says so.
    let arrived = if is_silent { 0 } else { arrived.load(Ordering::Relaxed) };
    [cpu, known, longest, late, memory, arrived]
}

fn receiver(way: &str, is_silent: bool) -> (String, Arrivals) {
    if way == "grpc" {
        let server = GrpcServer::start(if is_silent { GrpcAnswer::default() } else { grpc::ok(b"") });
        (server.url, server.arrivals)
    } else {
        let server = Server::start(if is_silent { Answer::Silence } else { Answer::Bytes(answer("200 OK", "", b"")) });
        (server.url, server.arrivals)
    }
}

fn count(arrivals: &Arrivals, arrived: &AtomicU64) {
    let requests = std::mem::take(&mut *arrivals.lock().expect("the receiver works"));
    arrived.fetch_add(requests.iter().map(|Arrived { message, .. }| records(message)).sum(), Ordering::Relaxed);
}

/// How many records a request has: in both signals they are at field 2 of field 2 of field 1.
fn records(request: &[u8]) -> u64 {
    let resources = parts(request, 1);
    let scopes = resources.iter().flat_map(|part| parts(part, 2));
    scopes.map(|scope| parts(scope, 2).len() as u64).sum()
}

/// The submessages of this number, in a message that has only such fields of lengths.
fn parts(mut message: &[u8], number: u64) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    while !message.is_empty() {
        let (key, rest) = varint(message);
        let (length, rest) = varint(rest);
        assert_eq!(key & 7, 2, "a field with a length");
        let (part, rest) = rest.split_at(usize::try_from(length).expect("a length"));
        if key >> 3 == number {
            parts.push(part);
        }
        message = rest;
    }
    parts
}

fn varint(bytes: &[u8]) -> (u64, &[u8]) {
    let end = bytes.iter().position(|byte| byte & 0x80 == 0).expect("its end") + 1;
    let (varint, rest) = bytes.split_at(end);
    (varint.iter().rev().fold(0, |value, byte| value << 7 | u64::from(byte & 0x7f)), rest)
}

fn none() -> Numbers {
    // A registry without a layer frees no span.
    tracing_subscriber::registry().with(NoLayer).init();
    numbers(|| 0)
}

struct NoLayer;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for NoLayer {}

fn scruple(way: &str, url: &str) -> Numbers {
    let forward = if way == "grpc" { Forward::grpc() } else { Forward::http() };
    let counts = forward.deliveries();
    let usage = scruple::start(&REGISTRY).preset(Preset::OperatorConsent).endpoint(url).export(forward);
    // The bare pipeline's own.
    let usage = usage.shutdown_timeout(Duration::from_secs(5)).build();
    assert!(usage.is_on(), "{:?}", usage.decision());
    tracing_subscriber::registry().with(usage.layer()).init();
    numbers(move || {
        drop(usage);
        assert_eq!(counts.waiting(), 0);
        let lost = counts.iter().map(|(_, lost)| lost).sum();
        assert_eq!(counts.sent() + lost, RECORDS);
        lost
    })
}

fn bare(is_lean: bool, way: &str, url: &str) -> Numbers {
    let (spans, logs) = if way == "grpc" {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = Box::leak(Box::new(runtime.expect("a runtime")));
        let _inside = runtime.enter();
        let spans = SpanExporter::builder().with_tonic().with_endpoint(url).build();
        (spans, LogExporter::builder().with_tonic().with_endpoint(url).build())
    } else {
        let spans = SpanExporter::builder().with_http().with_endpoint(format!("{url}/v1/traces")).build();
        (spans, LogExporter::builder().with_http().with_endpoint(format!("{url}/v1/logs")).build())
    };
    let spans = SdkTracerProvider::builder().with_batch_exporter(spans.expect("an exporter")).build();
    let logs = SdkLoggerProvider::builder().with_batch_exporter(logs.expect("an exporter")).build();
    let own = |metadata: &tracing::Metadata<'_>| metadata.target().starts_with("forward");
    let layer = tracing_opentelemetry::layer()
        .with_location(!is_lean)
        .with_threads(!is_lean)
        .with_target(!is_lean)
        .with_tracked_inactivity(!is_lean)
        .with_tracer(spans.tracer("bench"))
        .with_filter(filter_fn(move |metadata| metadata.is_span() && own(metadata)));
    let bridge = OpenTelemetryTracingBridge::new(&logs).with_filter(filter_fn(own));
    let dropped = filter_fn(|metadata| metadata.name().ends_with("Dropped"));
    tracing_subscriber::registry().with(layer).with(bridge).with(Dropped.with_filter(dropped)).init();
    numbers(move || {
        let _ = (spans.shutdown(), logs.shutdown());
        DROPPED.load(Ordering::Relaxed)
    })
}

/// How many records the SDK says that it dropped: it logs that as it is shut down.
static DROPPED: AtomicU64 = AtomicU64::new(0);

struct Dropped;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Dropped {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        event.record(&mut Self);
    }
}

impl Visit for Dropped {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name().starts_with("dropped_") {
            DROPPED.fetch_add(value, Ordering::Relaxed);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

/// Serves the requests, then shuts the telemetry down, which gives the number of records that it knows as lost.
fn numbers(end: impl FnOnce() -> u64) -> Numbers {
    let before = cpu();
    let times = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(serve)).collect();
        threads.into_iter().map(|thread| thread.join().expect("it ends")).collect::<Vec<_>>()
    });
    let known = end();
    let longest = times.iter().map(|(longest, _)| longest.as_nanos() as u64).max().expect("a thread");
    [cpu() - before, known, longest, times.iter().map(|(_, late)| late).sum(), peak()]
}

/// The longest request of a thread, and the number of late ones.
fn serve() -> (Duration, u64) {
    let (mut longest, mut late) = (Duration::ZERO, 0);
    let start = Instant::now();
    for millisecond in 0..SECONDS * 1_000 {
        for _ in 0..EACH {
            let before = Instant::now();
            request();
            let took = before.elapsed();
            longest = longest.max(took);
            late += u64::from(took > LATE);
        }
        thread::sleep(Duration::from_millis(millisecond + 1).saturating_sub(start.elapsed()));
    }
    (longest, late)
}

fn request() {
    let span = tracing::info_span!(
        "shop.request",
        shop.task = black_box("regression"),
        shop.size = black_box(70_000_u64),
        shop.count = black_box(3_u64),
        shop.cached = black_box(false),
        shop.to = black_box("server"),
    );
    let _inside = span.entered();
    tracing::event!(name: "shop.saved", tracing::Level::INFO, { shop.task = black_box("regression"), shop.count = black_box(3_u64) });
}

/// All threads of this process, in nanoseconds.
fn cpu() -> u64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// The most memory that was resident, in KiB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

const fn used(attribute: u16) -> AttributeRef {
    AttributeRef::new(attribute, RequirementLevel::Recommended)
}

const fn attribute(key: &'static str, treatment: Treatment<'static>) -> Attribute<'static> {
    Attribute::new(key, "One fact.", treatment)
}

static REGISTRY: Registry<'static> = Registry::new(
    "https://telemetry.example.com/schemas/shop/1.0.0",
    Service::new(
        "com.example.shop",
        "shop",
        "1.0.0",
        "The example project, privacy@example.com",
        "https://telemetry.example.com",
    ),
)
.attributes(&[
    attribute("shop.cached", Treatment::Boolean),
    attribute("shop.count", Treatment::Count { max: 255 }),
    attribute("shop.size", Treatment::Bucket { members: &["<1KiB", "<1MiB", ">=1MiB"], below: &[1024, 1_048_576] }),
    attribute("shop.task", Treatment::Enum { members: &["classification", "regression"], otherwise: None }),
    attribute("shop.to", Treatment::Enum { members: &["file", "server"], otherwise: None }),
])
.spans(&[Signal::span("shop.request", "One request.").attributes(&[used(0), used(1), used(2), used(3), used(4)])])
.events(&[Signal::span("shop.saved", "It is saved.").attributes(&[used(1), used(3)])]);

//! A small traced program with its registry.

use scruple::encode::Format;
use scruple::forward::{Forward, ForwardCounts};
use scruple::registry::{Attribute, Registry, Signal, SignalKind, Source, SpanKind, Treatment};
use scruple::testing::Rehearsal;
use scruple::{Builder, Telemetry};
use scruple_fixtures::source::{Counting, FixedClock};
use scruple_fixtures::tables::{service, used};
use std::sync::{Arc, Mutex};
use tracing_subscriber::prelude::*;

/// A span with an event in it, an event outside, and things that nobody declared.
pub fn program() {
    let span = tracing::info_span!(
        "shop.order",
        shop.items = 3_u64,
        shop.customer = "alice",
        secret = "hunter2",
        otel.status_code = tracing::field::Empty
    );
    span.in_scope(|| {
        tracing::event!(name: "shop.paid", tracing::Level::INFO, { shop.method = "card", note = "hunter2" }, "text");
        tracing::info!("hunter2");
    });
    span.record("otel.status_code", "ok");
    drop(span);
    tracing::event!(name: "shop.closed", tracing::Level::INFO, { shop.tags = "sale, gift, hunter2" });
}

/// How many records the program makes.
pub const RECORDS: u64 = 3;

/// Runs the program under a telemetry and drops it.
pub fn run(telemetry: Telemetry) {
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    tracing::subscriber::with_default(subscriber, program);
    drop(telemetry);
}

/// Runs the program against an endpoint and says what became of its records.
pub fn send(endpoint: &str, forward: Forward, change: impl FnOnce(Builder) -> Builder) -> ForwardCounts {
    let deliveries = forward.deliveries();
    let builder = scruple::start(&REGISTRY).rehearsal(rehearsal()).endpoint(endpoint);
    run(change(builder.export(forward)).build());
    deliveries
}

/// What the program's records are as one OTLP request for each signal, by our own encoder.
pub fn encoded(change: impl FnOnce(Builder) -> Builder) -> Vec<(SignalKind, Vec<u8>)> {
    let all = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&all);
    let take = move |kind, bytes: &[u8]| keep.lock().unwrap().push((kind, bytes.to_vec()));
    run(change(
        scruple::start(&REGISTRY).rehearsal(rehearsal()).export(scruple::Exporter::requests(Format::Protobuf, take)),
    )
    .build());
    Arc::try_unwrap(all).map(|all| all.into_inner().unwrap()).unwrap_or_default()
}

/// The same time, ids and secret in every run.
pub fn rehearsal() -> Rehearsal {
    Rehearsal::new().clock(FixedClock::at(1_700_000_000_123_456_789)).random(Counting::spread()).secret([7; 32])
}

const fn given(key: &'static str, source: Source) -> Attribute<'static> {
    Attribute::new(key, "", Treatment::Given { source, members: &[] })
}

const fn recorded(key: &'static str, treatment: Treatment<'static>) -> Attribute<'static> {
    Attribute::new(key, "", treatment)
}

pub static REGISTRY: Registry<'static> = Registry::new(
    "https://shop.example/schemas/1.0.0",
    service("example.shop", "shop").version("1.2.3").controller("Shop Ltd").endpoint("https://telemetry.shop.example"),
)
.attributes(&[
    given("host.arch", Source::System),
    given("os.type", Source::System),
    given("process.runtime.name", Source::Runtime),
    given("process.runtime.version", Source::Runtime),
    given("service.name", Source::App),
    given("service.version", Source::App),
    recorded("shop.customer", Treatment::Hash),
    recorded("shop.items", Treatment::Count { max: 100 }),
    recorded("shop.method", Treatment::Enum { members: &["card", "cash"], otherwise: None }),
    recorded("shop.tags", Treatment::Names { members: &["gift", "new", "sale"] }),
])
.resource(&[0, 1, 2, 3, 4, 5])
.spans(&[Signal::span("shop.order", "").kind(SpanKind::Server).attributes(&[used(6), used(7)])])
.events(&[
    Signal::span("shop.closed", "").attributes(&[used(9)]),
    Signal::span("shop.paid", "").attributes(&[used(8)]),
]);

//! What a record costs, beside what a Rust author would use otherwise. `cargo bench --features otel --bench records`.
//!
//! Each peer ends where ours ends: ours with an OTLP line in memory, the peers' with the record handed to a processor that drops it.

mod measure;

use measure::{case, side_by_side};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::{LogProcessor, SdkLogRecord, SdkLoggerProvider};
use opentelemetry_sdk::trace::{SdkTracerProvider, Span, SpanData, SpanProcessor};
use scruple::encode::Format;
use scruple::privacy::{Clean, Record, Sink};
use scruple::registry::{Attribute, Grain, Level, Registry, Rotation, Service, Signal, SpanKind, Treatment, Use};
use scruple::testing::Rehearsal;
use scruple::{Builder, Telemetry};
use std::hint::black_box;
use std::time::Duration;
use tracing::{Dispatch, dispatcher::with_default};
use tracing_subscriber::prelude::*;

const fn attribute(key: &'static str, treatment: Treatment<'static>) -> Attribute<'static> {
    Attribute { key, field: key, brief: "", treatment }
}

const fn used(attribute: u16) -> Use {
    Use { attribute, level: Level::Recommended }
}

const fn signal(name: &'static str, attributes: &'static [Use]) -> Signal<'static> {
    Signal { name, brief: "", kind: SpanKind::Internal, attributes, time: Grain::Second, at_most: u32::MAX }
}

static REGISTRY: Registry<'static> = Registry {
    schema_url: "https://telemetry.example.com/schemas/bench/1.0.0",
    service: Service {
        app_id: "com.example.bench",
        name: "bench",
        version: "1.0.0",
        controller: "The example project, privacy@example.com",
        endpoint: "https://telemetry.example.com",
        rotate: Rotation::Monthly,
        time: Grain::Second,
    },
    attributes: &[
        attribute("b.ci", Treatment::Boolean),
        attribute("b.count", Treatment::Count { max: 255 }),
        attribute("b.name", Treatment::Hash),
        attribute("b.size", Treatment::Bucket { members: &["<1KiB", "<1MiB", ">=1MiB"], below: &[1024, 1_048_576] }),
        attribute("b.task", Treatment::Enum { members: &["classification", "regression"], otherwise: None }),
        attribute("b.to", Treatment::Enum { members: &["file", "server"], otherwise: None }),
        attribute("service.name", Treatment::Given { source: scruple::registry::Source::App, members: &[] }),
    ],
    resource: &[6],
    spans: &[
        signal("b.hashed", &[used(0), used(1), used(2), used(3), used(4)]),
        signal("b.plain", &[used(0), used(1), used(3), used(4), used(5)]),
    ],
    events: &[signal("b.saved", &[used(3), used(4)])],
    text: "",
};

fn plain() {
    let size = black_box(70_000_u64);
    let span = tracing::info_span!(
        "b.plain",
        b.task = black_box("regression"),
        b.size = size,
        b.count = black_box(3_i64),
        b.ci = black_box(false),
        b.to = black_box("server"),
    );
    drop(span);
}

fn hashed() {
    let size = black_box(70_000_u64);
    let span = tracing::info_span!(
        "b.hashed",
        b.task = black_box("regression"),
        b.size = size,
        b.count = black_box(3_i64),
        b.ci = black_box(false),
        b.name = black_box("iris.csv"),
    );
    drop(span);
}

fn saved() {
    tracing::event!(name: "b.saved", tracing::Level::INFO, { b.task = black_box("regression"), b.size = black_box(70_000_u64) });
}

fn undeclared() {
    tracing::info!(a = black_box(1), "nothing declares this");
}

fn main() {
    let ours = || {
        Builder::requests(scruple::start(&REGISTRY).rehearsal(Rehearsal::new()), Format::Json, |_, line| {
            black_box(line);
        })
    };
    let telemetry: Telemetry = ours().build();
    let layer = Dispatch::new(tracing_subscriber::registry().with(telemetry.layer()));
    let dropping = scruple::start(&REGISTRY).rehearsal(Rehearsal::new()).sink(Drops).build();
    let dropping = Dispatch::new(tracing_subscriber::registry().with(dropping.layer()));
    let off = scruple::start(&REGISTRY).build();
    let off = Dispatch::new(tracing_subscriber::registry().with(off.layer()));
    let none = Dispatch::none();
    let floor = Dispatch::new(tracing_subscriber::registry().with(Floor));
    let default = Dispatch::new(
        tracing_subscriber::registry().with(tracing_opentelemetry::layer().with_tracer(drop_spans().tracer("bench"))),
    );
    let lean = Dispatch::new(
        tracing_subscriber::registry().with(
            tracing_opentelemetry::layer()
                .with_location(false)
                .with_threads(false)
                .with_target(false)
                .with_tracked_inactivity(false)
                .with_context_activation(false)
                .with_tracer(drop_spans().tracer("bench")),
        ),
    );
    let logs =
        SdkLoggerProvider::builder().with_resource(Resource::builder_empty().build()).with_log_processor(Drops).build();
    let appender = Dispatch::new(
        tracing_subscriber::registry()
            .with(opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge::new(&logs)),
    );
    let scoped = |dispatch: &Dispatch, title: &'static str, work: fn()| {
        let dispatch = dispatch.clone();
        case(title, move || with_default(&dispatch, || (0..100).for_each(|_| work())))
    };
    side_by_side(
        "disabled callsite (x100)",
        vec![
            scoped(&none, "no subscriber", undeclared),
            scoped(&off, "scruple, off: a declared event", saved),
            scoped(&layer, "scruple, on: an undeclared event", undeclared),
            scoped(&floor, "a no-op layer", undeclared),
        ],
    );
    side_by_side(
        "a span with five fields (x100)",
        vec![
            scoped(&default, "tracing-opentelemetry + SDK, record dropped", plain),
            scoped(&lean, "the same, lean", plain),
            scoped(&dropping, "scruple, record dropped", plain),
            scoped(&layer, "scruple, to an OTLP line in memory", plain),
            scoped(&layer, "scruple, one field hashed", hashed),
            scoped(&floor, "a no-op layer", plain),
        ],
    );
    side_by_side(
        "an event with two fields (x100)",
        vec![
            scoped(&appender, "appender-tracing + SDK, record dropped", saved),
            scoped(&dropping, "scruple, record dropped", saved),
            scoped(&layer, "scruple, to an OTLP line in memory", saved),
        ],
    );
}

struct Floor;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Floor {}

#[derive(Debug)]
struct Drops;

impl SpanProcessor for Drops {
    fn on_start(&self, _: &mut Span, _: &opentelemetry::Context) {}
    fn on_end(&self, span: SpanData) {
        black_box(span);
    }
    fn force_flush(&self) -> opentelemetry_sdk::error::OTelSdkResult {
        Ok(())
    }
    fn shutdown_with_timeout(&self, _: Duration) -> opentelemetry_sdk::error::OTelSdkResult {
        Ok(())
    }
}

impl Sink for Drops {
    fn accept(&self, record: &Clean<Record>) {
        black_box(record);
    }
}

impl LogProcessor for Drops {
    fn emit(&self, record: &mut SdkLogRecord, _: &opentelemetry::InstrumentationScope) {
        black_box(record);
    }
    fn force_flush(&self) -> opentelemetry_sdk::error::OTelSdkResult {
        Ok(())
    }
}

fn drop_spans() -> SdkTracerProvider {
    SdkTracerProvider::builder().with_resource(Resource::builder_empty().build()).with_span_processor(Drops).build()
}

//! What a record costs, beside what a Rust author would use otherwise. `cargo bench --features otel --bench records`.
//!
//! Each peer ends where ours ends: ours with an OTLP line in memory, the peers' with the record handed to a processor that
//! drops it.

mod measure;

use measure::program::{REGISTRY, grown, hashed, ours, plain};
use measure::{Case, Group};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::{LogProcessor, SdkLogRecord, SdkLoggerProvider};
use opentelemetry_sdk::trace::{SdkTracerProvider, Span, SpanData, SpanProcessor};
use scruple::encode::Format;
use scruple::privacy::{Clean, Record, Sink};
use scruple::{Builder, Telemetry};
use std::hint::black_box;
use std::time::Duration;
use tracing::subscriber::Interest;
use tracing::{Dispatch, Metadata};
use tracing_subscriber::layer::Context;
use tracing_subscriber::prelude::*;

fn saved() {
    tracing::event!(name: "b.saved", tracing::Level::INFO, { b.task = black_box("regression"), b.size = black_box(70_000_u64) });
}

fn undeclared() {
    tracing::info!(a = black_box(1), "nothing declares this");
}

fn main() {
    measure::main(&[
        Group {
            title: "disabled callsite",
            threads: 1,
            cases: &[
                Case { name: "no subscriber", setup: || {}, work: undeclared },
                Case { name: "scruple, off: a declared event", setup: scruple_off, work: saved },
                Case { name: "scruple, off: an undeclared event", setup: scruple_off, work: undeclared },
                Case { name: "scruple, on: an undeclared event", setup: scruple_lines, work: undeclared },
                Case { name: "a no-op layer", setup: floor, work: undeclared },
            ],
        },
        Group {
            title: "a span with five fields, entered once",
            threads: 1,
            cases: &[
                Case { name: "tracing-opentelemetry + SDK, record dropped", setup: opentelemetry, work: plain },
                Case { name: "the same, lean", setup: opentelemetry_lean, work: plain },
                Case { name: "scruple, record dropped", setup: scruple_dropping, work: plain },
                Case { name: "scruple, to an OTLP line in memory", setup: scruple_lines, work: plain },
                Case { name: "scruple, one field hashed, to a line", setup: scruple_lines, work: hashed },
                Case { name: "scruple, SDK door, to a line", setup: scruple_sdk_door, work: plain },
                Case { name: "scruple, gate behind the lean peer, to a line", setup: scruple_gate, work: plain },
                Case { name: "a no-op layer", setup: floor, work: plain },
                Case { name: "a no-op layer with a filter of its own", setup: filtered_floor, work: plain },
            ],
        },
        Group {
            title: "an event with two fields",
            threads: 1,
            cases: &[
                Case { name: "appender-tracing + SDK, record dropped", setup: appender, work: saved },
                Case { name: "scruple, record dropped", setup: scruple_dropping, work: saved },
                Case { name: "scruple, to an OTLP line in memory", setup: scruple_lines, work: saved },
                Case { name: "a no-op layer", setup: floor, work: saved },
                Case { name: "a no-op layer with a filter of its own", setup: filtered_floor, work: saved },
            ],
        },
        on_threads("a span, on 1 thread", 1),
        on_threads("a span, on 2 threads", 2),
        on_threads("a span, on 4 threads", 4),
        on_threads("a span, on 8 threads", 8),
        on_threads("a span, on 16 threads", 16),
        Group {
            title: "a span, by the number of declared signals",
            threads: 1,
            cases: &[
                Case { name: "1 signal, to a line", setup: grown_lines::<1>, work: plain },
                Case { name: "101 signals, to a line", setup: grown_lines::<101>, work: plain },
                Case { name: "1,000 signals, to a line", setup: grown_lines::<1_000>, work: plain },
            ],
        },
        Group {
            title: "the same through the SDK door",
            threads: 1,
            cases: &[
                Case { name: "SDK door, 1 signal, to a line", setup: grown_sdk_door::<1>, work: plain },
                Case { name: "SDK door, 101 signals, to a line", setup: grown_sdk_door::<101>, work: plain },
                Case { name: "SDK door, 1,000 signals, to a line", setup: grown_sdk_door::<1_000>, work: plain },
            ],
        },
    ]);
}

/// The same spans on several threads at once.
const fn on_threads(title: &'static str, threads: usize) -> Group {
    Group {
        title,
        threads,
        cases: &[
            Case { name: "tracing-opentelemetry + SDK, record dropped", setup: opentelemetry, work: plain },
            Case { name: "scruple, record dropped", setup: scruple_dropping, work: plain },
            Case { name: "scruple, to an OTLP line in memory", setup: scruple_lines, work: plain },
            Case { name: "scruple, SDK door, to a line", setup: scruple_sdk_door, work: plain },
        ],
    }
}

/// Keeps what has to live as long as the process.
fn install(subscriber: impl Into<Dispatch>, keep: impl Sized) {
    std::mem::forget(keep);
    tracing::dispatcher::set_global_default(subscriber.into()).expect("the first subscriber");
}

fn scruple_off() {
    let telemetry = scruple::start(&REGISTRY).build();
    install(tracing_subscriber::registry().with(telemetry.layer()), telemetry);
}

fn scruple_dropping() {
    let telemetry = ours().export(Drops).build();
    install(tracing_subscriber::registry().with(telemetry.layer()), telemetry);
}

fn scruple_lines() {
    let telemetry = in_lines(ours());
    install(tracing_subscriber::registry().with(telemetry.layer()), telemetry);
}

fn scruple_sdk_door() {
    let telemetry = in_lines(ours());
    install(tracing_subscriber::registry().with(telemetry.otel_layers()), telemetry);
}

fn grown_lines<const SIGNALS: usize>() {
    let telemetry = in_lines(grown(SIGNALS));
    install(tracing_subscriber::registry().with(telemetry.layer()), telemetry);
}

fn grown_sdk_door<const SIGNALS: usize>() {
    let telemetry = in_lines(grown(SIGNALS));
    install(tracing_subscriber::registry().with(telemetry.otel_layers()), telemetry);
}

fn in_lines(builder: Builder) -> Telemetry {
    builder
        .export(scruple::Exporter::requests(Format::Json, |_, line| {
            black_box(line);
        }))
        .build()
}

fn floor() {
    install(tracing_subscriber::registry().with(Floor), ());
}

fn opentelemetry() {
    let layer = tracing_opentelemetry::layer().with_tracer(drop_spans().tracer("bench"));
    install(tracing_subscriber::registry().with(layer), ());
}

fn opentelemetry_lean() {
    install(tracing_subscriber::registry().with(lean(&drop_spans())), ());
}

/// The layer without what it adds to a span.
fn lean<S>(provider: &SdkTracerProvider) -> impl tracing_subscriber::Layer<S>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    tracing_opentelemetry::layer()
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_context_activation(false)
        .with_tracer(provider.tracer("bench"))
}

fn scruple_gate() {
    let telemetry = in_lines(ours());
    let (tracers, loggers) = telemetry.providers();
    install(tracing_subscriber::registry().with(lean(&tracers)), (telemetry, tracers, loggers));
}

fn appender() {
    let resource = Resource::builder_empty().build();
    let logs = SdkLoggerProvider::builder().with_resource(resource).with_log_processor(Drops).build();
    let layer = opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge::new(&logs);
    install(tracing_subscriber::registry().with(layer), logs);
}

/// The least that a layer costs if each of its records is asked for.
fn filtered_floor() {
    install(tracing_subscriber::registry().with(Floor.with_filter(Asked)), ());
}

struct Floor;

struct Asked;

impl<S> tracing_subscriber::layer::Filter<S> for Asked {
    fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        true
    }

    fn callsite_enabled(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }
}

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
    let resource = Resource::builder_empty().build();
    SdkTracerProvider::builder().with_resource(resource).with_span_processor(Drops).build()
}

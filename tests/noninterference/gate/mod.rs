//! What the gates let through of what an OpenTelemetry pipeline can hand over.

mod events;
mod process;
mod spans;

use crate::doors::registry::REGISTRY;
use opentelemetry::logs::{AnyValue, LogRecord as _, Logger as _, LoggerProvider as _, Severity};
use opentelemetry::trace::{
    Link, Span as _, SpanContext, SpanId, Status, TraceContextExt, TraceFlags, TraceId, TraceState, Tracer as _,
    TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::{InMemoryLogExporter, LogProcessor, SdkLoggerProvider};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracer, SdkTracerProvider};
use scruple::encode::{self, Format};
use scruple::privacy::{Clean, DropReason, Record, Sink};
use scruple::testing::Rehearsal;
use scruple::{Builder, Telemetry};
use scruple_fixtures::source::Counting;
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};
use tracing::{Level, event, info_span};
use tracing_subscriber::prelude::*;

/// Runs a program against a telemetry and compares what left, a line a record: the name, the trace, the span and its
/// parent (numbers in the order in which they were drawn), the status, the attributes, and the span's events.
#[track_caller]
fn check(program: impl FnOnce(&Telemetry), expected: &[&str]) -> Counts {
    check_with(|builder| builder, program, expected)
}

#[track_caller]
fn check_with(build: impl FnOnce(Builder) -> Builder, program: impl FnOnce(&Telemetry), expected: &[&str]) -> Counts {
    let keep = Keep::default();
    let telemetry = build(start().export(keep.clone())).build();
    program(&telemetry);
    let lines = std::mem::take(&mut *keep.0.lock().unwrap());
    assert_eq!(lines, expected);
    telemetry.drop_counts().iter().collect()
}

/// What was withheld, and how often.
type Counts = HashMap<DropReason, u64>;

fn start() -> Builder {
    let rehearsal = Rehearsal::new().random(Counting::up()).secret([7; 32]);
    scruple::start(&REGISTRY).rehearsal(rehearsal)
}

#[derive(Clone, Default)]
struct Keep(Arc<Mutex<Vec<String>>>);

impl Sink for Keep {
    fn accept(&self, record: &Clean<Record>) {
        let mut line = String::new();
        write(record, &mut line).unwrap();
        self.0.lock().unwrap().push(line);
    }
}

fn write(record: &Record, line: &mut String) -> std::fmt::Result {
    let ids = record.ids();
    let (trace, span, parent) = (ids.trace[15], ids.span[7], ids.parent[7]);
    write!(line, "{} t{trace} s{span} p{parent} {:?}", record.signal().name, record.status())?;
    for (_, attribute, value) in record.attributes().filter(|(_, attribute, _)| attribute.key != "s.uri") {
        write!(line, " {}={}", attribute.key, encode::text(attribute, value))?;
    }
    for event in record.events() {
        line.push_str(" [");
        write(event, line)?;
        line.push(']');
    }
    Ok(())
}

fn in_layers(telemetry: &Telemetry, act: impl FnOnce()) {
    tracing::subscriber::with_default(tracing_subscriber::registry().with(telemetry.otel_layers()), act);
}

fn tracer(telemetry: &Telemetry) -> SdkTracer {
    telemetry.providers().0.tracer("host")
}

fn count(value: i64) -> KeyValue {
    KeyValue::new("s.count", value)
}

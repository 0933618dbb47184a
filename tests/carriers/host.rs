//! A host's own OpenTelemetry pipeline, with all that such pipelines add, in front of any processors.

use super::carrier::{Carrier, Plant};
use opentelemetry::baggage::BaggageExt;
use opentelemetry::logs::{LogRecord, Logger, LoggerProvider};
use opentelemetry::trace::{Span as _, SpanBuilder, SpanId, TraceId, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogProcessor, SdkLogRecord, SdkLoggerProvider};
use opentelemetry_sdk::trace::{IdGenerator, SdkTracer, SdkTracerProvider, Span, SpanData, SpanProcessor};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tracing_subscriber::prelude::*;

/// The beginnings of the ids that the host's SDK makes.
pub const TRACE: &str = "zqtraces";
pub const SPAN: &str = "zqsp";

pub struct Host {
    pub tracers: SdkTracerProvider,
    pub loggers: SdkLoggerProvider,
}

impl Host {
    pub fn new(
        carriers: &[Carrier],
        spans: impl SpanProcessor + 'static,
        logs: Option<impl LogProcessor + 'static>,
    ) -> Self {
        let mut resource = Resource::builder();
        for carrier in carriers {
            if let Plant::Resource(plant) = carrier.plant {
                resource = plant(resource, carrier.planted());
            }
        }
        let resource = resource.build();
        let tracers = SdkTracerProvider::builder()
            .with_id_generator(Ids::default())
            .with_resource(resource.clone())
            .with_span_processor(CopyBaggage)
            .with_span_processor(spans)
            .build();
        let loggers = SdkLoggerProvider::builder().with_resource(resource);
        let loggers = match logs {
            Some(logs) => loggers.with_log_processor(logs).build(),
            None => loggers.build(),
        };
        Self { tracers, loggers }
    }

    /// Runs a program under the stock layers, with all they can add.
    pub fn traced(&self, program: impl FnOnce()) {
        let spans = tracing_opentelemetry::layer()
            .with_tracer(self.tracer())
            .with_error_events_to_exceptions(true)
            .with_error_events_to_status(true)
            .with_error_fields_to_exceptions(true)
            .with_error_records_to_exceptions(true)
            .with_location(true)
            .with_threads(true)
            .with_target(true)
            .with_level(true)
            .with_tracked_inactivity(true);
        let events = OpenTelemetryTracingBridge::new(&self.loggers);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(spans).with(events), program);
    }

    pub fn tracer(&self) -> SdkTracer {
        self.tracers.tracer("host")
    }

    /// A declared span.
    pub fn span(&self) -> Span {
        self.tracer().start("d.all")
    }

    /// A declared span that starts with more than a name.
    pub fn build(&self, change: impl FnOnce(SpanBuilder) -> SpanBuilder) -> Span {
        self.tracer().build(change(SpanBuilder::from_name("d.all")))
    }

    /// A declared event, unless `change` makes another name of it.
    pub fn log(&self, change: impl FnOnce(&mut SdkLogRecord)) {
        let logger = self.loggers.logger("host");
        let mut record = logger.create_log_record();
        record.set_event_name("d.event");
        change(&mut record);
        logger.emit(record);
    }
}

/// Copies the baggage to the span, as hosts do.
#[derive(Debug)]
struct CopyBaggage;

impl SpanProcessor for CopyBaggage {
    fn on_start(&self, span: &mut Span, context: &Context) {
        for (key, (value, _)) in context.baggage() {
            span.set_attribute(KeyValue::new(key.clone(), value.clone()));
            // Into a declared attribute too.
            span.set_attribute(KeyValue::new("s.mode", value.clone()));
        }
    }

    fn on_end(&self, _: SpanData) {}

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// Makes ids that are markers.
#[derive(Debug, Default)]
struct Ids(AtomicU64);

impl Ids {
    fn next<const N: usize>(&self, begin: &str) -> [u8; N] {
        let mut id = [0; N];
        id[..begin.len()].copy_from_slice(begin.as_bytes());
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let rest = N - begin.len();
        id[begin.len()..].copy_from_slice(&number[8 - rest..]);
        id
    }
}

impl IdGenerator for Ids {
    fn new_trace_id(&self) -> TraceId {
        TraceId::from_bytes(self.next(TRACE))
    }

    fn new_span_id(&self) -> SpanId {
        SpanId::from_bytes(self.next(SPAN))
    }
}

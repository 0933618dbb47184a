//! OpenTelemetry: gates for programs with an OpenTelemetry pipeline, ready-made providers and layers, and `forward`.

use super::exporter::Exporter;
use super::telemetry::Telemetry;
use crate::forward::Forward;
use crate::gate::{self, LogGate, SpanGate};
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tracing::Subscriber;
use tracing_subscriber::registry::LookupSpan;

impl Telemetry {
    /// Two processors for the providers of a program that records its usage with the OpenTelemetry SDK. They belong
    /// together: the log gate finds its span in the span gate's open spans.
    ///
    /// The program's own traces go elsewhere, as before: its own exporters stay in the same providers, beside the gates.
    /// They get every span and log record unchanged. The gates pass only declared content, and only to the exporter of
    /// this telemetry. The limits and samplers of the providers are the program's own.
    ///
    /// ```
    /// use opentelemetry_sdk::logs::{InMemoryLogExporter, SdkLoggerProvider};
    /// use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
    ///
    /// # fn example(registry: &'static scruple::registry::Registry<'static>) {
    /// let telemetry = scruple::start(registry).build();
    /// let (spans, logs) = telemetry.gates();
    /// let (own_spans, own_logs) = (InMemorySpanExporter::default(), InMemoryLogExporter::default()); // to Jaeger, say
    /// let tracer = SdkTracerProvider::builder().with_simple_exporter(own_spans).with_span_processor(spans).build();
    /// let logger = SdkLoggerProvider::builder().with_simple_exporter(own_logs).with_log_processor(logs).build();
    /// # }
    /// ```
    ///
    /// A program that records its usage with `tracing` needs no gates: [`Telemetry::layer`] stands in its subscriber
    /// beside the layers of its own OpenTelemetry pipeline.
    pub fn gates(&self) -> (SpanGate, LogGate) {
        let (spans, logs) = gate::pair(self.pipeline().map(|pipeline| Arc::clone(&pipeline.recorder)));
        self.watch(&spans);
        (spans, logs)
    }

    /// A processor for a pipeline that records events on spans, and has no log records.
    pub fn span_gate(&self) -> SpanGate {
        let gate = gate::single(self.pipeline().map(|pipeline| Arc::clone(&pipeline.recorder)));
        self.watch(&gate);
        gate
    }

    /// Providers that feed a pair of gates and nothing else: every span sampled, all limits at `u32::MAX`, an empty
    /// resource, whatever `OTEL_*` variables are set. When telemetry is off they are shut down.
    pub fn providers(&self) -> (SdkTracerProvider, SdkLoggerProvider) {
        let (spans, logs) = self.gates();
        gate::providers(spans, logs)
    }

    /// The layers of tracing-opentelemetry and opentelemetry-appender-tracing as one, over a pair of gates, with all
    /// options off that add to a span or an event: for comparison with [`Telemetry::layer`], which needs neither.
    /// Events go to the appender alone; `OpenTelemetrySpanExt` does not find its spans.
    ///
    /// Not for a subscriber with a tracing-opentelemetry layer of its own: that crate panics if one subscriber has two.
    /// There, use [`Telemetry::layer`], or [`Telemetry::gates`] in the providers of that layer.
    pub fn otel_layers<S>(&self) -> impl tracing_subscriber::Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        let (spans, logs) = self.gates();
        gate::layers(spans, logs)
    }

    fn watch(&self, spans: &SpanGate) {
        self.shared.is_placed.store(true, Ordering::Relaxed);
        if let (Some(pipeline), Some(open)) = (self.pipeline(), spans.unfinished()) {
            pipeline.watch(open);
        }
    }
}

impl From<Forward> for Exporter {
    fn from(forward: Forward) -> Self {
        Self::open(move |context| forward.open(context.endpoint, context.resource, context.switch, context.rehearsal))
    }
}

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
    /// Two processors for a pipeline with spans and log records. They belong together: the log gate finds its span in
    /// the span gate's open spans. They must be the only processors of their providers that export anything.
    ///
    /// The laws about the environment hold from the gates on: the limits and samplers of the pipeline before them are
    /// its own.
    ///
    /// ```no_run
    /// use opentelemetry_sdk::{logs::SdkLoggerProvider, trace::SdkTracerProvider};
    ///
    /// # fn example(registry: &'static scruple::registry::Registry<'static>) {
    /// let telemetry = scruple::start(registry).build();
    /// let (spans, logs) = telemetry.gates();
    /// let tracer = SdkTracerProvider::builder().with_span_processor(spans).build();
    /// let logger = SdkLoggerProvider::builder().with_log_processor(logs).build();
    /// # }
    /// ```
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
    /// tracing-opentelemetry panics if one subscriber has two of its layers: next to a layer of the program's own, put
    /// [`Telemetry::gates`] into the program's providers, or use [`Telemetry::layer`].
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

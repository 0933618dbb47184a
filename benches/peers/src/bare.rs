//! The bare OTLP pipeline, as its documentation shows it.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::prelude::*;

pub fn telemetry(work: impl FnOnce()) {
    let exporter = SpanExporter::builder().with_http().build().expect("an exporter");
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("size"));
    tracing_subscriber::registry().with(layer).init();
    work();
    let _ = provider.shutdown();
}

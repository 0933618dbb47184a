//! The server's own traces: an ordinary OpenTelemetry pipeline, which knows nothing of the usage telemetry.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

/// To Jaeger, or to any other receiver of OTLP over gRPC. Without a valid address it has no exporter.
pub fn pipeline(receiver: &str) -> SdkTracerProvider {
    let pipeline = SdkTracerProvider::builder().with_resource(Resource::builder().with_service_name("quotes").build());
    match SpanExporter::builder().with_tonic().with_endpoint(receiver).build() {
        Ok(exporter) => pipeline.with_batch_exporter(exporter).build(),
        Err(error) => {
            eprintln!("no traces: {error}");
            pipeline.build()
        }
    }
}

/// Everything of this program but its usage, and nothing of the libraries below it: their spans about sending would be
/// sent too.
pub fn layer<S>(pipeline: &SdkTracerProvider) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let own = |metadata: &Metadata<'_>| {
        metadata.target().starts_with("quotes") && !metadata.target().starts_with("quotes::usage")
    };
    tracing_opentelemetry::layer().with_tracer(pipeline.tracer("quotes")).with_filter(filter_fn(own))
}

/// Sends what is left.
pub fn end(pipeline: &SdkTracerProvider) {
    if let Err(error) = pipeline.shutdown() {
        eprintln!("traces: {error}");
    }
}

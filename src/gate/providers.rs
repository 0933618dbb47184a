//! Providers with nothing between the program and the gates: no limit, no sampling, no resource.
//!
//! The SDK reads `OTEL_SPAN_*_COUNT_LIMIT`, `OTEL_TRACES_SAMPLER*`, `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME`
//! when a builder is made; each is overridden here in code.

use super::{LogGate, SpanGate};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::trace::{RandomIdGenerator, Sampler, SdkTracerProvider, SpanLimits};
use tracing::subscriber::{NoSubscriber, with_default};

/// An attribute beyond the SDK's limits would push out a declared one: the treatments are the limit.
const NO_LIMITS: SpanLimits = SpanLimits {
    max_events_per_span: u32::MAX,
    max_attributes_per_span: u32::MAX,
    max_links_per_span: u32::MAX,
    max_attributes_per_event: u32::MAX,
    max_attributes_per_link: u32::MAX,
};

/// Providers over these gates; over closed gates, providers that are shut down and make no ids.
pub(crate) fn providers(spans: SpanGate, logs: LogGate) -> (SdkTracerProvider, SdkLoggerProvider) {
    let on = spans.0.inside.is_some();
    quietly(|| {
        let tracers = SdkTracerProvider::builder()
            .with_sampler(Sampler::AlwaysOn)
            .with_id_generator(RandomIdGenerator::default())
            .with_span_limits(NO_LIMITS)
            .with_resource(Resource::builder_empty().build())
            .with_span_processor(spans)
            .build();
        let loggers = SdkLoggerProvider::builder()
            .with_resource(Resource::builder_empty().build())
            .with_log_processor(logs)
            .build();
        if !on {
            // They were never used, so the shutdown can't fail.
            let _ = (tracers.shutdown(), loggers.shutdown());
        }
        (tracers, loggers)
    })
}

/// The SDK records its own doings in the program's subscriber, where a feature asks for it.
pub(super) fn quietly<T>(act: impl FnOnce() -> T) -> T {
    with_default(NoSubscriber::default(), act)
}

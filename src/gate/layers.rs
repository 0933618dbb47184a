//! tracing-opentelemetry's layer and opentelemetry-appender-tracing's, with everything off that adds to a record.
//!
//! Two things are put right so that this way in gives what the layer gives:
//!
//! - tracing-opentelemetry starts a span when its first child or its end needs it. Here each is started when it is made,
//!   so that limits are counted and statuses are merged in the program's order.
//! - The appender takes the trace from the current OpenTelemetry context, which is not set while context activation is
//!   off. Here it is set for just as long as the appender works: to the span that the event happened in, or to none
//!   where a host's context would show through.

use super::providers::{providers, quietly};
use super::{Inside, LogGate, SpanGate};
use crate::registry::SignalKind;
use opentelemetry::Context as OtelContext;
use opentelemetry::trace::{SpanContext, TraceContextExt, TracerProvider};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_sdk::logs::{SdkLogger, SdkLoggerProvider};
use std::sync::{Arc, OnceLock};
use tracing::dispatcher::WeakDispatch;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::{Dispatch, Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::FilterFn;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// The two layers over these gates; over closed gates, two that let nothing through.
pub(crate) fn layers<S>(spans: SpanGate, logs: LogGate) -> impl Layer<S> + Send + Sync + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    let inside = spans.0.inside.clone();
    let (tracers, loggers) = providers(spans, logs);
    quietly(|| {
        let spans = tracing_opentelemetry::layer()
            .with_tracer(tracers.tracer(env!("CARGO_PKG_NAME")))
            .with_error_events_to_exceptions(false)
            .with_error_events_to_status(false)
            .with_error_fields_to_exceptions(false)
            .with_error_records_to_exceptions(false)
            .with_context_activation(false)
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_level(false)
            .with_tracked_inactivity(false)
            .with_filter(filter(inside.clone(), |_, metadata| metadata.is_span()));
        let bridge = OpenTelemetryTracingBridge::new(&loggers);
        let events = Placed { bridge, dispatch: OnceLock::new() }
            .with_filter(filter(inside, |inside, metadata| metadata.is_span() || inside.declares(metadata)));
        spans.and_then(events)
    })
}

/// All spans go through, also undeclared ones: what is inside them needs them to find its parent.
fn filter(
    inside: Option<Arc<Inside>>,
    lets: impl Fn(&Inside, &Metadata<'_>) -> bool,
) -> FilterFn<impl Fn(&Metadata<'_>) -> bool> {
    let hint = if inside.is_some() { LevelFilter::TRACE } else { LevelFilter::OFF };
    FilterFn::new(move |metadata| {
        inside.as_deref().is_some_and(|inside| inside.sieve.is_on() && lets(inside, metadata))
    })
    .with_max_level_hint(hint)
}

impl Inside {
    fn declares(&self, metadata: &Metadata<'_>) -> bool {
        self.sieve.find(SignalKind::Event, metadata.name()).is_some()
    }
}

/// The appender, which learns here in which span an event happened.
struct Placed {
    bridge: OpenTelemetryTracingBridge<SdkLoggerProvider, SdkLogger>,
    dispatch: OnceLock<WeakDispatch>,
}

impl Placed {
    /// The place that tracing-opentelemetry gave a span, which is started for that.
    fn place(&self, id: &Id) -> Option<SpanContext> {
        let dispatch = self.dispatch.get()?.upgrade()?;
        let context = tracing_opentelemetry::get_otel_context(id, &dispatch)?;
        Some(context.span().span_context().clone())
    }
}

impl<S> Layer<S> for Placed
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        // A layer has one subscriber; should it ever get a second, the first one stays right.
        let _ = self.dispatch.set(dispatch.downgrade());
    }

    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        let _ = self.place(id);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let place = context.event_span(event).map(|span| span.id()).and_then(|id| self.place(&id));
        let current = OtelContext::current();
        let place = place.or_else(|| current.has_active_span().then_some(SpanContext::NONE));
        let _attached = place.map(|place| current.with_remote_span_context(place).attach());
        self.bridge.on_event(event, context);
    }
}

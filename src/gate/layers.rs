//! tracing-opentelemetry's layer and opentelemetry-appender-tracing's as one, with everything off that adds to a record.
//!
//! Both are driven from here and not put into the subscriber themselves, so that this way in gives what the layer gives:
//!
//! - tracing-opentelemetry starts a span when its first child or its end needs it, and ends it when it was last exited.
//!   Here a span is started when it is made, so that limits are counted and statuses are merged in the program's order,
//!   and ended when it is closed.
//! - Both take what they are in from the current OpenTelemetry context. Here that is set to the span that `tracing` says,
//!   or to none where a host's context would show through, for just as long as each of them works. A program's own use
//!   of OpenTelemetry contexts is not disturbed.
//! - Events reach only the appender: tracing-opentelemetry would set the status of a span to error for any event of
//!   level ERROR in it.
//! - What a span follows from is dropped here: tracing-opentelemetry 0.34 waits for itself when a span follows from
//!   itself, and the gate drops links anyway.

use super::providers::{providers, quietly};
use super::{Inside, LogGate, SpanGate};
use crate::registry::SignalKind;
use opentelemetry::trace::{SpanContext, TraceContextExt, TracerProvider};
use opentelemetry::{Context as OtelContext, ContextGuard};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_sdk::logs::{SdkLogger, SdkLoggerProvider};
use opentelemetry_sdk::trace::SdkTracer;
use std::sync::Arc;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::FilterFn;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

/// Both layers over these gates; over closed gates, one that lets nothing through.
pub(crate) fn layers<S>(spans: SpanGate, logs: LogGate) -> impl Layer<S> + Send + Sync + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    let inside = spans.0.inside.clone();
    let (tracers, loggers) = providers(spans, logs);
    let ready = quietly(|| Ready {
        spans: tracing_opentelemetry::layer()
            .with_tracer(tracers.tracer(env!("CARGO_PKG_NAME")))
            .with_error_events_to_exceptions(false)
            .with_error_events_to_status(false)
            .with_error_fields_to_exceptions(false)
            .with_error_records_to_exceptions(false)
            // To entering and exiting as it is called here, which `tracing` never does.
            .with_context_activation(true)
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_level(false)
            .with_tracked_inactivity(false),
        events: OpenTelemetryTracingBridge::new(&loggers),
    });
    ready.with_filter(filter(inside))
}

/// All spans go through, also undeclared ones: what is inside them needs them to find its parent.
fn filter(inside: Option<Arc<Inside>>) -> FilterFn<impl Fn(&Metadata<'_>) -> bool> {
    let hint = if inside.is_some() { LevelFilter::TRACE } else { LevelFilter::OFF };
    FilterFn::new(move |metadata| {
        inside.as_deref().is_some_and(|inside| {
            let declared = || inside.sieve.find(SignalKind::Event, metadata.name()).is_some();
            inside.sieve.is_on() && (metadata.is_span() || declared())
        })
    })
    .with_max_level_hint(hint)
}

struct Ready<S> {
    spans: OpenTelemetryLayer<S, SdkTracer>,
    events: OpenTelemetryTracingBridge<SdkLoggerProvider, SdkLogger>,
}

/// The SDK's names of a span, kept with the span.
struct Place(SpanContext);

impl<S> Layer<S> for Ready<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let inside = set_current(span.parent().and_then(|parent| place(&parent)));
        self.spans.on_new_span(attributes, id, context.clone());
        drop(inside);
        // Entering a span starts it and makes it current.
        self.spans.on_enter(id, context.clone());
        let started = OtelContext::map_current(|current| current.span().span_context().clone());
        self.spans.on_exit(id, context.clone());
        span.extensions_mut().replace(Place(started));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        self.spans.on_record(id, values, context);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let _inside = set_current(context.event_span(event).and_then(|span| place(&span)));
        self.events.on_event(event, context);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        // A span ends when it was last exited.
        self.spans.on_enter(&id, context.clone());
        self.spans.on_exit(&id, context.clone());
        self.spans.on_close(id, context);
    }
}

fn place<S>(span: &SpanRef<'_, S>) -> Option<SpanContext>
where
    S: for<'a> LookupSpan<'a>,
{
    span.extensions().get::<Place>().map(|place| place.0.clone())
}

/// Makes a span the current one, or none; whether telemetry is suppressed stays as it is.
fn set_current(place: Option<SpanContext>) -> ContextGuard {
    OtelContext::current().with_remote_span_context(place.unwrap_or(SpanContext::NONE)).attach()
}

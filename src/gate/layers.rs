//! The layers of tracing-opentelemetry and opentelemetry-appender-tracing as one, without their additions to a record.
//!
//! This layer calls both, and they are not in the subscriber themselves, so that this entrance makes the same records
//! as ours:
//!
//! - tracing-opentelemetry starts a span when its first child or its end needs it, and ends it when it was last exited.
//!   Here a span is started when it is made, so that limits are counted and statuses are merged in the program's order,
//!   and ended when it is closed.
//! - Both take what they are in from the current OpenTelemetry context. Here that is set to the span that `tracing` says,
//!   or to none where a host's context would show through, for just as long as each of them works. A program's own use
//!   of OpenTelemetry contexts is not disturbed.
//! - Events reach only the appender: tracing-opentelemetry would set the status of a span to error for any event of
//!   level ERROR in it.
//! - Undeclared fields, and those that both take for more than a field, are handed on as `fields` says.
//! - What a span follows from is dropped here: tracing-opentelemetry 0.34 waits for itself when a span follows from
//!   itself, and the gate drops links anyway.

use super::fields::{RecordedFields, has_special};
use super::providers::{providers, quietly};
use super::{GateState, LogGate, SpanGate};
use crate::layer::{DeclaredFilter, Entered, Entrance, kind};
use crate::privacy::{Sanitizer, SignalId};
use opentelemetry::trace::{SpanContext, TraceContextExt, TracerProvider};
use opentelemetry::{Context as OtelContext, ContextGuard};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_sdk::logs::{SdkLogger, SdkLoggerProvider};
use opentelemetry_sdk::trace::SdkTracer;
use std::sync::Arc;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// Both layers over these gates; over closed gates, one that lets nothing through.
pub(crate) fn layers<S>(spans: SpanGate, logs: LogGate) -> impl Layer<S> + Send + Sync + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    let entrance: Arc<dyn Entrance> = Arc::new(spans.0.inside.clone());
    let (tracers, loggers) = providers(spans, logs);
    let ready = quietly(|| Ready {
        entrance: Arc::clone(&entrance),
        entered: Entered::new(),
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
    ready.with_filter(DeclaredFilter::new(entrance))
}

impl Entrance for Option<Arc<GateState>> {
    fn sanitizer(&self) -> Option<&Sanitizer> {
        self.as_deref().map(|inside| &inside.recorder.sanitizer).filter(|sanitizer| sanitizer.is_on())
    }
}

struct Ready<S> {
    entrance: Arc<dyn Entrance>,
    entered: Entered,
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
        let Some((sanitizer, of)) = self.declared(attributes.metadata()) else { return };
        let Some(span) = context.span(id) else { return };
        let inside = self.enter(attributes.parent(), attributes.is_contextual(), &context);
        if has_special(sanitizer, of, |look| attributes.record(look)) {
            let metadata = attributes.metadata();
            RecordedFields::of(sanitizer, of, |kept| attributes.record(kept)).show(metadata.fields(), |values| {
                let kept = match attributes.parent() {
                    Some(parent) => Attributes::child_of(parent.clone(), metadata, values),
                    None if attributes.is_root() => Attributes::new_root(metadata, values),
                    None => Attributes::new(metadata, values),
                };
                self.spans.on_new_span(&kept, id, context.clone());
            });
        } else {
            self.spans.on_new_span(attributes, id, context.clone());
        }
        drop(inside);
        // Entering a span starts it and makes it current.
        self.spans.on_enter(id, context.clone());
        let started = OtelContext::map_current(|current| current.span().span_context().clone());
        self.spans.on_exit(id, context.clone());
        span.extensions_mut().replace(Place(started));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if place(&context, id).is_none() {
            return;
        }
        let Some(metadata) = context.metadata(id) else { return };
        let Some((sanitizer, of)) = self.declared(metadata) else { return };
        if has_special(sanitizer, of, |look| values.record(look)) {
            RecordedFields::of(sanitizer, of, |kept| values.record(kept)).show(metadata.fields(), |values| {
                self.spans.on_record(id, &Record::new(values), context);
            });
        } else {
            self.spans.on_record(id, values, context);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let Some((sanitizer, of)) = self.declared(metadata) else { return };
        let _inside = self.enter(event.parent(), event.is_contextual(), &context);
        if has_special(sanitizer, of, |look| event.record(look)) {
            RecordedFields::of(sanitizer, of, |kept| event.record(kept)).show(metadata.fields(), |values| {
                self.events.on_event(&Event::new(metadata, values), context);
            });
        } else {
            self.events.on_event(event, context);
        }
    }

    fn on_enter(&self, id: &Id, _: Context<'_, S>) {
        self.entered.enter(id.into_u64());
    }

    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        self.entered.exit(id.into_u64());
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        self.entered.close(id.into_u64());
        if place(&context, &id).is_some() {
            // A span ends when it was last exited.
            self.spans.on_enter(&id, context.clone());
            self.spans.on_exit(&id, context.clone());
            self.spans.on_close(id, context);
        }
    }
}

impl<S> Ready<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn declared(&self, metadata: &Metadata<'_>) -> Option<(&Sanitizer, SignalId)> {
        let sanitizer = self.entrance.sanitizer()?;
        Some((sanitizer, sanitizer.find(kind(metadata), metadata.name())?))
    }

    /// Makes current what a record belongs to, found as our layer finds it.
    fn enter(&self, parent: Option<&Id>, is_contextual: bool, context: &Context<'_, S>) -> ContextGuard {
        set_current(match parent {
            Some(parent) => place(context, parent),
            None if is_contextual => self.entered.innermost(|id| place(context, &Id::from_u64(id))),
            None => None,
        })
    }
}

/// The SDK's names of a span, if it is a declared one.
fn place<S>(context: &Context<'_, S>, id: &Id) -> Option<SpanContext>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    context.span(id)?.extensions().get::<Place>().map(|place| place.0.clone())
}

/// Makes a span the current one, or none; whether telemetry is suppressed stays as it is.
fn set_current(place: Option<SpanContext>) -> ContextGuard {
    OtelContext::current().with_remote_span_context(place.unwrap_or(SpanContext::NONE)).attach()
}

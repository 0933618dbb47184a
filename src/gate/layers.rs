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

use super::fields::{RecordedFields, find, has_special};
use super::providers::{providers, quietly};
use super::{GateState, LogGate, SpanGate};
use crate::layer::open::BySpan;
use crate::layer::{CallsiteCache, DeclaredFilter, Entered, Entrance};
use crate::privacy::{DropReason, Field, Sanitizer};
use crate::process::PerProcess;
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
        tables: PerProcess::new(ReadyState::new()),
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
    tables: PerProcess<ReadyState>,
    spans: OpenTelemetryLayer<S, SdkTracer>,
    events: OpenTelemetryTracingBridge<SdkLoggerProvider, SdkLogger>,
}

/// The plans of the callsites, and the SDK's names of the open spans.
struct ReadyState {
    plans: CallsiteCache,
    places: BySpan<SpanContext>,
}

impl ReadyState {
    fn new() -> Self {
        Self { plans: CallsiteCache::new(find), places: BySpan::new() }
    }

    /// The SDK's names of a span, if it is a declared one.
    fn place(&self, id: &Id) -> Option<SpanContext> {
        self.places.look(id.into_u64(), |place| place.clone())
    }
}

impl<S> Layer<S> for Ready<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(Declared { tables, sanitizer, fields }) = self.declared(attributes.metadata()) else { return };
        // Another layer's filter may have left a stale answer; tracing-opentelemetry panics where it sees no span.
        if context.span(id).is_none() {
            return;
        }
        let inside = self.enter(tables, attributes.parent(), attributes.is_contextual());
        if has_special(fields, |look| attributes.record(look)) {
            let metadata = attributes.metadata();
            RecordedFields::of(sanitizer, fields, |kept| attributes.record(kept)).show(metadata.fields(), |values| {
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
        if let Some(mut places) = tables.places.shard(id.into_u64()) {
            places.push((id.into_u64(), started));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(metadata) = context.metadata(id) else { return };
        let Some(Declared { tables, sanitizer, fields }) = self.declared(metadata) else { return };
        if tables.place(id).is_none() {
            return;
        }
        if has_special(fields, |look| values.record(look)) {
            RecordedFields::of(sanitizer, fields, |kept| values.record(kept)).show(metadata.fields(), |values| {
                self.spans.on_record(id, &Record::new(values), context);
            });
        } else {
            self.spans.on_record(id, values, context);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let Some(Declared { tables, sanitizer, fields }) = self.declared(metadata) else { return };
        let _inside = self.enter(tables, event.parent(), event.is_contextual());
        if has_special(fields, |look| event.record(look)) {
            RecordedFields::of(sanitizer, fields, |kept| event.record(kept)).show(metadata.fields(), |values| {
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
        if self.tables().is_some_and(|tables| tables.places.remove(id.into_u64()).is_some()) {
            // A span ends when it was last exited. Entered first: of two subscribers' spans with the same id, the exit is
            // that of the one entered last on this thread.
            self.spans.on_enter(&id, context.clone());
            self.spans.on_exit(&id, context.clone());
            self.spans.on_close(id, context);
        }
    }
}

/// The context of a record of a declared callsite.
struct Declared<'a> {
    tables: &'a ReadyState,
    sanitizer: &'a Sanitizer,
    fields: &'a [Field],
}

impl<S> Ready<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    /// A forked process starts without the parent's spans, as the gate does.
    fn tables(&self) -> Option<&ReadyState> {
        self.tables.get(|_| ReadyState::new())
    }

    fn declared(&self, metadata: &'static Metadata<'static>) -> Option<Declared<'_>> {
        let sanitizer = self.entrance.sanitizer()?;
        let Some(tables) = self.tables() else {
            sanitizer.withhold(DropReason::Forked);
            return None;
        };
        match tables.plans.get(sanitizer, metadata) {
            Ok(plan) => plan.map(|(_, fields)| Declared { tables, sanitizer, fields }),
            Err(why) => {
                sanitizer.withhold(why);
                None
            }
        }
    }

    /// Makes current what a record belongs to, found as our layer finds it.
    fn enter(&self, tables: &ReadyState, parent: Option<&Id>, is_contextual: bool) -> Option<ContextGuard> {
        set_current(match parent {
            Some(parent) => tables.place(parent),
            None if is_contextual => self.entered.innermost(|id| tables.place(&Id::from_u64(id))),
            None => None,
        })
    }
}

/// Makes a span the current one, or none; whether telemetry is suppressed stays as it is.
fn set_current(place: Option<SpanContext>) -> Option<ContextGuard> {
    OtelContext::map_current(|current| match place {
        None if !current.has_active_span() => None,
        place => Some(current.with_remote_span_context(place.unwrap_or(SpanContext::NONE))),
    })
    .map(OtelContext::attach)
}

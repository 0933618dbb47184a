//! The entrance of an existing OpenTelemetry pipeline: SDK processors that own the rest of the pipeline.
//!
//! [`SpanGate`] and [`LogGate`] are the last processors of a pipeline and not filters in it: another processor of the
//! same provider, such as the program's own exporter, gets its own copy of the data, and a gate removes nothing from it.
//! Spans and log records at the gates get the same treatment as those of the layer, and go to the same sink.
//!
//! # Rules
//!
//! The SDK passes less than a callsite knows, and the gates decide on that:
//!
//! - A span is declared if its name was declared when it started and is still the same when it ends; an event if its
//!   event name is declared. Everything else is dropped whole and counted.
//! - Attributes are treated in the order in which they were set; the last one of a key counts. Links, trace state,
//!   flags, the span's kind, a status description, body, severity, target and scope are not looked at.
//! - The status is the SDK's, and with it the rule that ok is final and unset changes nothing. tracing-opentelemetry 0.34
//!   follows that rule only for a span that has started; before, the last status wins, unset too, and it starts a span
//!   when the first child, or the end, needs it. It also sets the status of a span to error for *any* event of level
//!   ERROR in it. The ready-made layer prevents both; other pipelines give what they give. A span that ends while its
//!   thread panics has failed.
//! - `otel.name` renames a span before the gate sees it, `otel.status_description` makes it failed. `u64` and `i128` arrive as decimal text, bytes on a span as the
//!   text of their hexadecimal form, errors as their text and as further attributes; a value whose `Debug` panics has
//!   panicked before. The ready-made layer prevents the fields with a meaning of their own.
//! - Times are the pipeline's, to the grain: the clock here is asked only for a log record that has none.
//!   tracing-opentelemetry ends a span when it was last exited, our layer and the ready-made one when it was closed.
//!
//! # Parents
//!
//! Ids are drawn here when a declared span starts, exactly as the layer draws them, so that equal programs with equal
//! random sources produce equal records through layer and gate; nothing is derived from the SDK's ids, not even by a
//! keyed hash. A map from the SDK's ids to ours holds the open spans. For an undeclared span it holds the nearest
//! declared ancestor, if any: undeclared spans draw nothing and leave no gap. A parent counts only while it is open in
//! this map. Remote parents, parents of another pipeline, and the host's OpenTelemetry context do not count. The
//! ready-made layer passes no undeclared span: its parents are those of our layer, as documented there.
//!
//! At most 65,536 declared spans and as many undeclared ones inside a declared one are stored; a declared span beyond
//! that counts as undeclared ([`DropReason::TooManyOpen`](crate::privacy::DropReason)). The two are counted separately,
//! so that undeclared spans displace nothing; inside an undeclared one beyond the limit, parents are lost.
//!
//! The SDK exposes a starting span's name only in a copy of the whole span, whose cost grows with its attributes. They
//! are treated at once, so that a span that is still open when the program exits through
//! [`Telemetry::exit`](crate::Telemetry::exit) has them.
//!
//! # Events
//!
//! An event is a log record. A pair of gates also attaches it to its span, if the pipeline is set to span events: from
//! the log record; the SDK's own span events are dropped, since most pipelines have each event as both. A single
//! `SpanGate` has only span events: it keeps the declared ones, treated, on their span.
//!
//! # Ready-made
//!
//! [`Telemetry::providers`](crate::Telemetry::providers) and [`Telemetry::otel_layers`](crate::Telemetry::otel_layers)
//! have all limits out of reach and every addition off, whatever the environment says. Through them a program gives the
//! same records as through the layer, ids included, if it declares no field with a meaning of its own (`otel.name`,
//! `otel.kind`, `otel.status_description`, `message`) and has no `Debug` that records.

mod fields;
mod layers;
mod open;
mod providers;
mod raw;

pub(crate) use layers::layers;
pub(crate) use providers::providers;

use crate::layer::spare;
use crate::privacy::{Clean, DropReason, Field, Ids, OpenSpans, Record, Sanitizer, SignalId, SpanStatus};
use crate::recorder::Recorder;
use crate::registry::{SignalKind, is_name};
use open::{OpenGateSpans, OpenSpan, SpanKey};
use opentelemetry::logs::Severity;
use opentelemetry::trace::Status as SdkStatus;
use opentelemetry::{Context, InstrumentationScope, SpanId, trace};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogProcessor, SdkLogRecord};
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};
use raw::ToRaw;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A span processor that passes declared spans, to its telemetry pipeline only.
pub struct SpanGate(Half);

/// A log processor that passes declared events, to its telemetry pipeline only.
pub struct LogGate(Half);

/// Two gates over one map of open spans, or two closed gates.
pub(crate) fn pair(recorder: Option<Arc<Recorder>>) -> (SpanGate, LogGate) {
    let inside =
        recorder.map(|recorder| Arc::new(GateState { recorder, open: Arc::default(), events_of_spans: false }));
    (SpanGate(Half::new(inside.clone())), LogGate(Half::new(inside)))
}

/// A span gate without a log gate.
pub(crate) fn single(recorder: Option<Arc<Recorder>>) -> SpanGate {
    let inside = recorder.map(|recorder| Arc::new(GateState { recorder, open: Arc::default(), events_of_spans: true }));
    SpanGate(Half::new(inside))
}

impl SpanGate {
    /// The open spans, for a program that exits.
    pub(crate) fn unfinished(&self) -> Option<Weak<dyn OpenSpans>> {
        let open: Arc<dyn OpenSpans> = Arc::clone(&self.0.inside.as_ref()?.open) as _;
        Some(Arc::downgrade(&open))
    }
}

impl SpanProcessor for SpanGate {
    fn on_start(&self, span: &mut Span, _: &Context) {
        if let Some(inside) = self.0.on()
            && let Some(span) = span.exported_data()
        {
            if self.0.is_closed() {
                inside.turn_away(SignalKind::Span, &span.name);
            } else {
                inside.start(&span);
            }
        }
    }

    fn on_end(&self, span: SpanData) {
        if let Some(inside) = &self.0.inside {
            inside.end(&span);
        }
    }

    /// Nothing is queued here. The exporter is flushed when the telemetry pipeline is closed.
    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    /// Closes this gate, and drops its open spans, which are counted. The exporter belongs to the telemetry pipeline,
    /// which other entrances may still use: it is flushed when that pipeline is closed.
    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        self.0.close();
        if let Some(inside) = &self.0.inside {
            let open = inside.open.take_all();
            // After a no they are withdrawn, not lost.
            if inside.recorder.is_on_or_over() {
                let sanitizer = &inside.recorder.sanitizer;
                open.iter().for_each(|span| sanitizer.withhold_record(SignalId::of(span), DropReason::GateClosed));
            }
        }
        Ok(())
    }

    /// Ignored: the resource is the registry's.
    fn set_resource(&mut self, _: &Resource) {}
}

impl LogProcessor for LogGate {
    fn emit(&self, log: &mut SdkLogRecord, _: &InstrumentationScope) {
        match self.0.on() {
            Some(inside) if self.0.is_closed() => {
                inside.turn_away(SignalKind::Event, log.event_name().unwrap_or_default());
            }
            Some(inside) => inside.log(log),
            None => {}
        }
    }

    /// Nothing is queued here. The exporter is flushed when the telemetry pipeline is closed.
    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    /// Closes this gate. The exporter is flushed when the telemetry pipeline is closed.
    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        self.0.close();
        Ok(())
    }

    /// Whether an event of this name is declared; a no is counted, since the record is then not even made. Without a
    /// name the answer is open until the record is made.
    fn event_enabled(&self, _: Severity, _: &str, name: Option<&str>) -> bool {
        self.0.on().is_some_and(|inside| name.is_none_or(|name| inside.find(SignalKind::Event, name).is_some()))
    }

    /// Ignored: the resource is the registry's.
    fn set_resource(&mut self, _: &Resource) {}
}

/// Omits the raw content.
impl fmt::Debug for SpanGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SpanGate")
    }
}

/// Omits the raw content.
impl fmt::Debug for LogGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogGate")
    }
}

struct Half {
    inside: Option<Arc<GateState>>,
    closed: AtomicBool,
}

impl Half {
    fn new(inside: Option<Arc<GateState>>) -> Self {
        Self { inside, closed: AtomicBool::new(false) }
    }

    /// Its state, if telemetry is on.
    fn on(&self) -> Option<&GateState> {
        self.inside.as_deref().filter(|inside| inside.recorder.sanitizer.is_on())
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }
}

/// The shared state of two gates.
struct GateState {
    recorder: Arc<Recorder>,
    open: Arc<OpenGateSpans>,
    /// Whether events are read from the spans, because there is no log gate.
    events_of_spans: bool,
}

impl GateState {
    fn find(&self, kind: SignalKind, name: &str) -> Option<SignalId> {
        let found = self.recorder.sanitizer.find(kind, name);
        if found.is_none() {
            self.recorder.sanitizer.withhold(DropReason::UndeclaredSignal);
            // A name in this pipeline may be text of a person. What has the form of a declared name is one.
            if is_name(name) {
                self.recorder.sanitizer.show_undeclared(kind, name);
            }
        }
        found
    }

    /// Counts a declared record that comes after the shutdown.
    fn turn_away(&self, kind: SignalKind, name: &str) {
        if let Some(of) = self.find(kind, name) {
            self.recorder.sanitizer.withhold_record(of, DropReason::GateClosed);
        }
    }

    fn start(&self, span: &SpanData) {
        let key = SpanKey::of(span.span_context.trace_id(), span.span_context.span_id());
        let parent = SpanKey::of(span.span_context.trace_id(), span.parent_span_id);
        let is_root = span.parent_span_id == SpanId::INVALID || span.parent_span_is_remote;
        let around = if is_root { None } else { self.open.nearest(parent) };
        let begun =
            self.find(SignalKind::Span, &span.name).and_then(|of| self.begin(span, of, around.map(|(_, ids)| ids)));
        match (begun, around) {
            (Some(opened), _) => self.open.insert_declared(key, opened),
            (None, Some((nearest, _))) => self.open.insert_undeclared(key, nearest),
            (None, None) => {}
        }
    }

    fn begin(&self, span: &SpanData, of: SignalId, parent: Option<Ids>) -> Option<OpenSpan> {
        let sanitizer = &self.recorder.sanitizer;
        let mut record = spare::record(sanitizer, of)?;
        if !self.open.take_room() {
            sanitizer.withhold_record(of, DropReason::TooManyOpen);
            spare::give_record(record);
            return None;
        }
        if sanitizer.begin_span_at(&mut record, of, nanoseconds(span.start_time), parent).is_none() {
            self.open.give_room();
            spare::give_record(record);
            return None;
        }
        for attribute in &span.attributes {
            self.put(&mut record, of, attribute.key.as_str(), &attribute.value);
        }
        Some(OpenSpan { record, of, read: span.attributes.len() })
    }

    fn end(&self, span: &SpanData) {
        let key = SpanKey::of(span.span_context.trace_id(), span.span_context.span_id());
        let Some(OpenSpan { mut record, of, read }) = self.open.remove(key) else { return };
        if !self.recorder.is_on_or_over() {
            return;
        }
        if record.signal().name != span.name {
            self.recorder.sanitizer.withhold(DropReason::UndeclaredSignal);
            return;
        }
        // The SDK only appends.
        for attribute in span.attributes.iter().skip(read) {
            self.put(&mut record, of, attribute.key.as_str(), &attribute.value);
        }
        record.put_status(match span.status {
            SdkStatus::Unset => SpanStatus::Unset,
            SdkStatus::Ok => SpanStatus::Ok,
            SdkStatus::Error { .. } => SpanStatus::Error,
        });
        if self.events_of_spans && self.recorder.sanitizer.span_events() {
            span.events.iter().for_each(|event| self.keep(&mut record, event));
        }
        Sanitizer::end_at(&mut record, nanoseconds(span.end_time));
        self.recorder.emit(&record);
        spare::give_record(record);
    }

    /// Attaches one of the SDK's span events to its span.
    fn keep(&self, span: &mut Clean<Record>, event: &trace::Event) {
        let Some(of) = self.find(SignalKind::Event, &event.name) else { return };
        let Some(mut record) = self.recorder.sanitizer.blank(of) else { return };
        if self
            .recorder
            .sanitizer
            .begin_event_at(&mut record, of, nanoseconds(event.timestamp), Some(span.ids()))
            .is_some()
        {
            for attribute in &event.attributes {
                self.put(&mut record, of, attribute.key.as_str(), &attribute.value);
            }
            span.put_event(&record).unwrap_or_else(|why| self.recorder.sanitizer.withhold_record(of, why));
        }
    }

    fn log(&self, log: &SdkLogRecord) {
        let Some(of) = self.find(SignalKind::Event, log.event_name().unwrap_or_default()) else { return };
        let Some(mut record) = spare::record(&self.recorder.sanitizer, of) else { return };
        let span = log.trace_context().and_then(|at| self.open.nearest(SpanKey::of(at.trace_id, at.span_id)));
        let time = log
            .timestamp()
            .or_else(|| log.observed_timestamp())
            .map_or_else(|| self.recorder.sanitizer.now(of), nanoseconds);
        if self.recorder.sanitizer.begin_event_at(&mut record, of, time, span.map(|(_, ids)| ids)).is_none() {
            return;
        }
        for (key, value) in log.attributes_iter() {
            self.put(&mut record, of, key.as_str(), value);
        }
        if let (true, Some((key, _))) = (self.recorder.sanitizer.span_events(), span) {
            self.open.change(key, |span| {
                span.put_event(&record).unwrap_or_else(|why| self.recorder.sanitizer.withhold_record(of, why))
            });
        }
        self.recorder.emit(&record);
        spare::give_record(record);
    }

    #[inline]
    fn put(&self, record: &mut Clean<Record>, of: SignalId, key: &str, value: &impl ToRaw) {
        // Only a `Debug` needs it, and the SDK has no such value.
        let mut scratch = String::new();
        match self.recorder.sanitizer.field(of, key) {
            Field::Slot(slot) => {
                value.with_raw(|raw| self.recorder.sanitizer.treat_into(record, slot, raw, &mut scratch));
            }
            Field::Status => record.put_status(value.with_raw(|raw| Sanitizer::status(raw, &mut scratch))),
            Field::Nowhere(of, why) => self.recorder.sanitizer.withhold_value(of, key, why),
        }
    }
}

/// Since the epoch; 0 for a time before it.
fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs().saturating_mul(1_000_000_000).saturating_add(u64::from(since.subsec_nanos()))
}

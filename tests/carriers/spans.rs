//! What a span of the OpenTelemetry API carries, and the scope it is of.

use super::around::span_context;
use super::carrier::{self, Carrier, Plant, host};
use super::host::Host;
use opentelemetry::trace::{
    Event, Link, Span, SpanContext, SpanKind, Status, TraceContextExt, TraceState, Tracer, TracerProvider,
};
use opentelemetry::{Array, Context, InstrumentationScope, KeyValue, StringValue, Value};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Times with a pattern below the second, which is the declared grain. The first is also the layer's clock's.
pub const START: u64 = 1_700_000_000_123_456_789;
const END: u64 = 1_700_000_001_234_567_891;
const EVENT: u64 = 1_700_000_000_345_678_912;

const LINK_TRACE: &str = "qz-link-trace-id";
const LINK_SPAN: &str = "qz-lnkid";

/// The SDK's limits are 128 each.
const LIMIT: usize = 128;

pub fn carriers() -> Vec<Carrier> {
    [scope(), attributes(), links_and_events(), numbers()].into_iter().flatten().collect()
}

fn scope() -> Vec<Carrier> {
    fn of(h: &Host, scope: InstrumentationScope) {
        h.tracers.tracer_with_scope(scope).start("d.all").end();
    }
    carrier::scope!("spans", of)
}

fn attributes() -> Vec<Carrier> {
    fn with(h: &Host, attributes: impl IntoIterator<Item = KeyValue>) {
        h.span().set_attributes(attributes);
    }
    fn list(m: &'static str) -> Value {
        Value::Array(Array::String(vec![StringValue::from("--data"), StringValue::from(m)]))
    }
    vec![
        host("span name", |h, m| h.tracer().start(m).end()),
        host("span name set later", |h, m| h.span().update_name(m)),
        host("span attribute", |h, m| with(h, [KeyValue::new("secret", m)])),
        host("span attribute key", |h, m| with(h, [KeyValue::new(m, 1)])),
        host("key after a declared one", |h, m| with(h, [KeyValue::new(format!("s.mode.{m}"), "fast")])),
        host("span attribute at the start", |h, m| {
            h.build(|span| span.with_attributes([KeyValue::new("s.kind", m), KeyValue::new("secret", m)])).end();
        }),
        host("list in an undeclared attribute", |h, m| with(h, [KeyValue::new("secret", list(m))])),
        host("list for a member", |h, m| with(h, [KeyValue::new("s.mode", list(m))])),
        host("list for names", |h, m| with(h, [KeyValue::new("s.names", list(m))])),
        host("list for a hash", |h, m| with(h, [KeyValue::new("s.hash", list(m))])),
        host("text for a flag", |h, m| with(h, [KeyValue::new("s.flag", m)])),
        host("second of a key", |h, m| with(h, [KeyValue::new("s.kind", "one"), KeyValue::new("s.kind", m)])),
        host("first of a key", |h, m| with(h, [KeyValue::new("s.kind", m), KeyValue::new("s.kind", "one")])),
        host("megabyte in an attribute", |h, m| {
            with(h, [KeyValue::new("s.sha", "x".repeat(1 << 20) + m)]);
        }),
        host("status description", |h, m| h.span().set_status(Status::error(m))),
        host("value of a trace state", |h, m| {
            let state = TraceState::from_key_value([("vendor", m)]).unwrap();
            let parent = Context::new().with_remote_span_context(span_context("0123456789abcdef", "01234567", state));
            h.tracer().start_with_context("d.all", &parent).end();
        }),
        host("key of a trace state", |h, m| {
            let state = TraceState::from_key_value([(m, "value")]).unwrap();
            let parent = Context::new().with_remote_span_context(span_context("0123456789abcdef", "01234567", state));
            h.tracer().start_with_context("d.all", &parent).end();
        }),
    ]
}

fn links_and_events() -> Vec<Carrier> {
    fn linked(state: TraceState) -> SpanContext {
        span_context(LINK_TRACE, LINK_SPAN, state)
    }
    fn link(h: &Host, _: &'static str) {
        h.span().add_link(linked(TraceState::NONE), Vec::new());
    }
    vec![
        host("link attribute", |h, m| {
            h.span().add_link(linked(TraceState::NONE), vec![KeyValue::new("s.mode", m)]);
        }),
        host("link attribute key", |h, m| h.span().add_link(linked(TraceState::NONE), vec![KeyValue::new(m, 1)])),
        host("link at the start", |h, m| {
            let link = Link::new(linked(TraceState::NONE), vec![KeyValue::new("secret", m)], 0);
            h.build(|span| span.with_links(vec![link])).end();
        }),
        host("link trace state", |h, m| {
            h.span().add_link(linked(TraceState::from_key_value([("vendor", m)]).unwrap()), Vec::new());
        }),
        Carrier::text_of("link trace id", LINK_TRACE, Plant::Host(link)),
        Carrier::text_of("link span id", LINK_SPAN, Plant::Host(link)),
        host("name of a span event", |h, m| h.span().add_event(m, Vec::new())),
        host("attribute of an undeclared span event", |h, m| {
            h.span().add_event("u.event", vec![KeyValue::new("s.mode", m)]);
        }),
        host("attribute of a declared span event", |h, m| {
            h.span().add_event("d.event", vec![KeyValue::new("secret", m)]);
        }),
        host("declared attribute of a declared span event", |h, m| {
            h.span().add_event("d.event", vec![KeyValue::new("s.kind", m)]);
        }),
        host("key of a declared span event", |h, m| h.span().add_event("d.event", vec![KeyValue::new(m, 1)])),
        host("span event at the start", |h, m| {
            let event = Event::new("d.event", SystemTime::now(), vec![KeyValue::new("secret", m)], 0);
            h.build(|span| span.with_events(vec![event])).end();
        }),
        host("recorded exception", |h, m| h.span().record_error(&std::io::Error::other(m))),
        host("stack trace of an exception", |h, m| {
            h.span().add_event("exception", vec![KeyValue::new("exception.stacktrace", m)]);
        }),
        host("exception on a declared span event", |h, m| {
            h.span().add_event("d.event", vec![KeyValue::new("exception.message", m)]);
        }),
    ]
}

fn numbers() -> Vec<Carrier> {
    let shown = |name, shown, plant| Carrier::shown(name, shown, Plant::Host(plant));
    let time = |name, time, plant| Carrier::time(name, time, Plant::Host(plant));
    vec![
        time("start time", START, |h, _| h.build(|span| span.with_start_time(at(START))).end()),
        time("end time", END, |h, _| {
            h.build(|span| span.with_start_time(at(START))).end_with_timestamp(at(END));
        }),
        time("time of a span event", EVENT, |h, _| {
            h.span().add_event_with_timestamp("d.event", at(EVENT), Vec::new());
        }),
        shown("span kind", &["kind: Producer", r#""kind":4"#], |h, _| {
            h.build(|span| span.with_kind(SpanKind::Producer)).end();
        }),
        shown("flags beyond the sampled one", &["flags: 257", r#""flags":257"#], |h, _| h.span().end()),
        shown("dropped attributes of a span", &["_count: 16411", r#"Count":16411"#], |h, _| {
            h.span().set_attributes((0..LIMIT + 16_411).map(|_| KeyValue::new("secret", 1)));
        }),
        shown("dropped events of a span", &["_count: 16412", r#"Count":16412"#], |h, _| {
            let mut span = h.span();
            (0..LIMIT + 16_412).for_each(|_| span.add_event("u.event", Vec::new()));
        }),
        shown("dropped links of a span", &["_count: 16413", r#"Count":16413"#], |h, _| {
            let mut span = h.span();
            (0..LIMIT + 16_413).for_each(|_| span.add_link(linked_to_nothing(), Vec::new()));
        }),
        shown("dropped attributes of a span event", &["_count: 16414", r#"Count":16414"#], |h, _| {
            h.span().add_event("d.event", (0..LIMIT + 16_414).map(|_| KeyValue::new("secret", 1)).collect());
        }),
        shown("dropped attributes of a link", &["_count: 16415", r#"Count":16415"#], |h, _| {
            let attributes = (0..LIMIT + 16_415).map(|_| KeyValue::new("secret", 1)).collect();
            h.span().add_link(linked_to_nothing(), attributes);
        }),
    ]
}

fn linked_to_nothing() -> SpanContext {
    span_context("0123456789abcdef", "01234567", TraceState::NONE)
}

pub fn at(nanoseconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(nanoseconds)
}

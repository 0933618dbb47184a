//! Envelopes, spans, span events and log records, one wrong thing at a time.

use scruple::check::Wanted::*;
use scruple::check::What::{self, *};
use scruple::check::{Finding, Format, Noun, check as second_opinion, check_received};
use scruple::registry::{Registry, SignalKind, TimeResolution};
use serde_json::{Value, json};

use super::{both, check, findings, signal};
use crate::otlp::clean::{
    LOG, LOG_GROUP, LOGS, RESOURCE, SCOPE, SPAN, SPAN_EVENT, SPAN_GROUP, SPANS, logs, text, traces,
};
use crate::otlp::tables::{PROGRAM, REGISTRIES};
use crate::otlp::{path, set};

const LIBRARY_SPAN: &str = "/resourceSpans/0/scopeSpans/0/spans/1";

#[test]
fn declared_records_pass() {
    let clean = [
        (SPAN, "parentSpanId", json!("")),
        (SPAN, "flags", json!(0)),
        (SPAN, "flags", json!(1)),
        (SPAN, "flags", json!(256)),
        (SPAN, "traceState", json!("")),
        (SPAN, "droppedAttributesCount", json!(0)),
        (SPAN, "links", json!([])),
        (SPAN, "events", json!([])),
        (SPAN, "status", json!({})),
        (SPAN, "status/code", json!(0)),
        (SPAN, "status/code", json!(1)),
        (SPAN, "status/message", json!("")),
        (SPAN, "attributes", json!([])),
        (SPAN, "endTimeUnixNano", json!("1763900000000000000")),
        (SPAN, "attributes/1/value", json!({"arrayValue": {"values": []}})),
        (SPAN, "attributes/1/value", json!({"arrayValue": {}})),
        (SPAN, "attributes/3", text("mlnet.compiler", "9999")),
        (SPAN, "attributes/3", text("mlnet.compiler", "0.0-rc")),
        (SPAN, "attributes/7", text("mlnet.panic.location", "src/main.rs:1")),
        (SPAN, "attributes/10/value/intValue", json!("0")),
        (SPAN, "attributes/10/value/intValue", json!("255")),
        (SPANS, "schemaUrl", json!("")),
        (SPANS, "resource", json!({})),
        (SCOPE, "version", json!("12.0.3-alpha")),
        (RESOURCE, "attributes/2", text("os.version", "10")),
        (RESOURCE, "attributes/4", text("process.runtime.version", "1.89.0")),
        (RESOURCE, "attributes/4", text("process.runtime.version", "1.94.0-beta")),
        (RESOURCE, "attributes/4", text("process.runtime.version", "1.94.0-beta.12")),
        (RESOURCE, "attributes/7", text("service.version", "1")),
        (RESOURCE, "attributes/7", text("service.version", &"1".repeat(256))),
        (RESOURCE, "attributes/8", text("session.id", "09af09af-09af-409a-909a-09af09af09af")),
        (RESOURCE, "attributes/8", text("session.id", "09af09af-09af-4f9a-bf9a-09af09af09af")),
        (RESOURCE, "entityRefs", json!([])),
        (LOG, "severityText", json!("")),
        (LOG, "flags", json!(0)),
        (LIBRARY_SPAN, "kind", json!(3)),
    ];
    for (base, field, value) in clean {
        check(base, field, value, &[]);
    }
    let mut without_a_span = logs();
    for field in ["traceId", "spanId"] {
        set(&mut without_a_span, &format!("{LOG}/{field}"), json!(""));
    }
    for (format, bytes) in both(&without_a_span) {
        assert_eq!(findings(&without_a_span, format, &bytes), []);
    }
}

#[test]
fn any_other_span_or_log_is_found() {
    let undeclared = |noun, bytes| Undeclared { noun, bytes };
    let rows = [
        (SPAN, "name", json!("mlnet.commands"), "name", undeclared(Noun::Span, 14)),
        (SPAN, "traceId", json!("5b8efff798038103d269b633813fc6"), "traceId", Not(TraceId)),
        (SPAN, "traceId", json!("00000000000000000000000000000000"), "traceId", Not(TraceId)),
        (SPAN, "traceId", json!(""), "traceId", Not(TraceId)),
        (SPAN, "spanId", json!("0000000000000000"), "spanId", Not(SpanId)),
        (SPAN, "spanId", json!(""), "spanId", Not(SpanId)),
        (SPAN, "parentSpanId", json!("0000000000000000"), "parentSpanId", Not(SpanId)),
        (SPAN, "parentSpanId", json!("5b8efff798038103d269b633813fc60c"), "parentSpanId", Not(SpanId)),
        (SPAN, "traceState", json!("a=b"), "traceState", Dropped),
        (SPAN, "flags", json!(0x200), "flags", Not(Flags)),
        (SPAN, "flags", json!(2), "flags", Not(Flags)),
        (SPAN, "flags", json!(0x401), "flags", Not(Flags)),
        (SPAN, "kind", json!(0), "kind", Not(Kind)),
        (SPAN, "kind", json!(2), "kind", Not(Kind)),
        (SPAN, "kind", json!(-1), "kind", Not(Kind)),
        (SPAN, "startTimeUnixNano", json!("0"), "startTimeUnixNano", Not(Time)),
        (
            SPAN,
            "startTimeUnixNano",
            json!("1763900000000000001"),
            "startTimeUnixNano",
            Not(Whole(TimeResolution::Second)),
        ),
        (
            SPAN,
            "endTimeUnixNano",
            json!("1763900004500000000"),
            "endTimeUnixNano",
            Not(WholeAfterStart(TimeResolution::Second)),
        ),
        (SPAN, "endTimeUnixNano", json!("1763899999000000000"), "endTimeUnixNano", Not(Order)),
        (SPAN, "droppedAttributesCount", json!(1), "droppedAttributesCount", Dropped),
        (SPAN, "droppedEventsCount", json!(1), "droppedEventsCount", Dropped),
        (SPAN, "droppedLinksCount", json!(4294967295_u32), "droppedLinksCount", Dropped),
        (SPAN, "links", json!([{}]), "links/0", Dropped),
        (SPAN, "status", json!({"code": 3}), "status/code", Not(StatusCode)),
        (SPAN, "status", json!({"code": -1}), "status/code", Not(StatusCode)),
        (SPAN, "status/message", json!("out of memory"), "status/message", Dropped),
        (SPAN_EVENT, "name", json!("exception"), "name", undeclared(Noun::Event, 9)),
        (SPAN_EVENT, "timeUnixNano", json!("1763899981000000000"), "timeUnixNano", Not(Whole(TimeResolution::Minute))),
        (SPAN_EVENT, "timeUnixNano", json!("0"), "timeUnixNano", Not(Time)),
        (SPAN_EVENT, "droppedAttributesCount", json!(1), "droppedAttributesCount", Dropped),
        (LIBRARY_SPAN, "kind", json!(1), "kind", Not(Kind)),
        (LIBRARY_SPAN, "attributes/0/value/intValue", json!("1001"), "attributes/0/value/intValue", Not(Count)),
        (LIBRARY_SPAN, "attributes/0", text("mlnet.task", "regression"), "attributes/0/key", Elsewhere),
        (LOG, "eventName", json!("mlnet.command"), "eventName", undeclared(Noun::Event, 13)),
        (LOG, "eventName", json!(""), "eventName", undeclared(Noun::Event, 0)),
        (LOG, "body", json!({"stringValue": "text"}), "body", Dropped),
        (LOG, "severityText", json!("INFO"), "severityText", Dropped),
        (LOG, "severityNumber", json!(0), "severityNumber", Not(Severity)),
        (LOG, "severityNumber", json!(10), "severityNumber", Not(Severity)),
        (LOG, "flags", json!(256), "flags", Not(Flags)),
        (LOG, "traceId", json!(""), "traceId", Not(BothIds)),
        (LOG, "spanId", json!(""), "spanId", Not(BothIds)),
        (LOG, "spanId", json!("eee1"), "spanId", Not(SpanId)),
        (LOG, "observedTimeUnixNano", json!("1763900040000000000"), "observedTimeUnixNano", Not(SameTime)),
        (LOG, "droppedAttributesCount", json!(1), "droppedAttributesCount", Dropped),
        (LOG, "attributes/-", text("mlnet.task", "regression"), "attributes/2/key", RepeatedKey),
        (LOG, "attributes/-", text("session.id", ""), "attributes/2/key", Elsewhere),
    ];
    for (base, field, value, at, what) in rows {
        check(base, field, value, &[(at, what)]);
    }
    let time = json!("1763899981000000000");
    check(
        LOG,
        "timeUnixNano",
        time,
        &[("timeUnixNano", Not(Whole(TimeResolution::Minute))), ("observedTimeUnixNano", Not(SameTime))],
    );
}

#[test]
fn any_other_envelope_is_found() {
    let rows = [
        (SPANS, "schemaUrl", json!("https://example.com"), "schemaUrl", Not(SchemaUrl)),
        (SPAN_GROUP, "schemaUrl", json!(LIBRARY_URL), "schemaUrl", Not(SchemaUrl)),
        (LOG_GROUP, "scope", json!({"name": "scruple"}), "scope/version", Not(ScopeVersion)),
        (SCOPE, "name", json!("mlnet"), "name", Not(ScopeName)),
        (SCOPE, "name", json!(""), "name", Not(ScopeName)),
        (SCOPE, "version", json!("1.2"), "version", Not(ScopeVersion)),
        (SCOPE, "version", json!("1.2.3-mine"), "version", Not(ScopeVersion)),
        (SCOPE, "attributes", json!([text("mlnet.task", "regression")]), "attributes/0", Dropped),
        (SCOPE, "droppedAttributesCount", json!(1), "droppedAttributesCount", Dropped),
        (RESOURCE, "droppedAttributesCount", json!(1), "droppedAttributesCount", Dropped),
        (RESOURCE, "entityRefs", json!([{}]), "entityRefs/0", Dropped),
        (RESOURCE, "attributes/-", text("host.name", "h"), "attributes/9/key", attribute(9)),
        (RESOURCE, "attributes/-", text("mlnet.task", "regression"), "attributes/9/key", Elsewhere),
        (RESOURCE, "attributes/-", text("service.name", "mlnet"), "attributes/9/key", RepeatedKey),
        (RESOURCE, "attributes/-", text("lib.rows", "1"), "attributes/9/key", Elsewhere),
        (LOGS, "scopeLogs/0/logRecords", json!([]), "scopeLogs/0", Empty),
        (LOGS, "scopeLogs", json!([]), "", Empty),
    ];
    for (base, field, value, at, what) in rows {
        check(base, field, value, &[(at, what)]);
    }
    let mut nothing = traces();
    set(&mut nothing, "/resourceSpans", json!([]));
    for (format, bytes) in both(&nothing) {
        assert_eq!(findings(&nothing, format, &bytes), [(String::new(), Empty)]);
    }
}

const LIBRARY_URL: &str = "https://telemetry.example.com/schemas/lib/1.0.0";

pub const fn attribute(bytes: usize) -> What {
    Undeclared { noun: Noun::Attribute, bytes }
}

#[test]
fn every_part_of_an_undeclared_span_is_found() {
    let span = json!({
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174",
        "name": "other",
        "startTimeUnixNano": "1",
        "endTimeUnixNano": "1",
        "attributes": [text("user.name", "a"), text("mlnet.task", "b")],
    });
    let expected = [("name", Undeclared { noun: Noun::Span, bytes: 5 }), ("attributes/0/key", attribute(9))];
    let mut request = traces();
    set(&mut request, SPAN, span);
    let expected = expected.map(|(field, what)| (path(&format!("{SPAN}/{field}")), what));
    for (format, bytes) in both(&request) {
        assert_eq!(findings(&request, format, &bytes), expected);
    }
}

#[test]
fn a_span_is_declared_only_with_its_registry() {
    for (format, bytes) in both(&traces()) {
        let alone = second_opinion(&[&PROGRAM], SignalKind::Span, format, &bytes);
        let places: Vec<_> = alone.iter().map(|finding| finding.path.clone()).collect();
        assert_eq!(places, [path(&format!("{LIBRARY_SPAN}/name")), path(&format!("{LIBRARY_SPAN}/attributes/0/key"))]);
        let none = second_opinion(&[], SignalKind::Span, format, &bytes);
        // Two schema URLs, nine attributes of the resource, two spans with eleven and one, an event with one.
        assert_eq!(none.len(), 2 + 9 + 2 + 12 + 2);
    }
}

#[test]
fn a_body_without_a_value_is_no_body() {
    check(LOG, "body", json!({}), &[]);
}

#[test]
fn a_receivers_additions_pass_only_at_their_places() {
    let lets = |client_address| {
        let mut service = REGISTRIES[0].service;
        service.client_address = client_address;
        REGISTRIES[0].service(service)
    };
    let (may, may_not) = (lets(true), lets(false));
    let found = |base: &str, value: Value, registry: &Registry<'_>, judge: Judge| -> Vec<What> {
        let mut request = if base.starts_with(LOGS) { logs() } else { traces() };
        let added = json!({"key": "client.address", "value": value});
        set(&mut request, &format!("{base}/attributes/-"), added);
        let of =
            |(format, bytes): (Format, Vec<u8>)| judge(&[registry, REGISTRIES[1]], signal(&request), format, &bytes);
        both(&request).into_iter().flat_map(of).map(|finding| finding.what).collect()
    };
    let text = |text: &str| json!({"stringValue": text});
    for base in [SPAN, LOG] {
        for address in ["192.0.2.0", "0.0.0.0", "255.255.255.0"] {
            assert_eq!(found(base, text(address), &may, check_received), [], "{base} {address}");
        }
        for other in [
            text("192.0.2.1"),
            text("192.0.2.0:4318"),
            text("192.0.2"),
            text("192.0.2.00"),
            text("2001:db8::"),
            text(""),
            json!({"intValue": "0"}),
            json!({"bytesValue": "MTkyLjAuMi4w"}),
            json!({"arrayValue": {"values": [{"stringValue": "192.0.2.0"}]}}),
            json!({}),
        ] {
            assert_eq!(found(base, other.clone(), &may, check_received), [Not(ThreeOctets); 2], "{base} {other}");
        }
        // Nor does a program send it, or a receiver keep it unasked.
        let undeclared = [attribute(14); 2];
        assert_eq!(found(base, text("192.0.2.0"), &may_not, check_received), undeclared);
        assert_eq!(found(base, text("192.0.2.0"), &may, second_opinion), undeclared);
    }
    for base in [SPAN_EVENT, RESOURCE] {
        assert_eq!(found(base, text("192.0.2.0"), &may, check_received), [attribute(14); 2], "{base}");
    }
}

type Judge = fn(&[&Registry<'_>], SignalKind, Format, &[u8]) -> Vec<Finding>;

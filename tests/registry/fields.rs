//! Every field of every OTLP message is decided, and `check` has an opinion on each.

use std::collections::BTreeSet;

use scruple::check::{Format, What, check as second_opinion};
use scruple::registry::SignalKind;
use serde_json::{Value, json};

use crate::otlp::clean::{
    LOG, LOG_GROUP, LOGS, RESOURCE, SCOPE, SPAN, SPAN_EVENT, SPAN_GROUP, SPANS, logs, text, traces,
};
use crate::otlp::proto::{ProtoField, Protos};
use crate::otlp::tables::REGISTRIES;
use crate::otlp::{path, set};

/// How many fields OTLP 1.10.0 has in the messages for traces and logs.
const FIELDS: usize = 85;

/// What becomes of a field, after the table "After the gate".
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    /// Holds other messages, and must not be empty.
    Envelope,
    /// Holds a message that is judged field by field.
    Kept,
    /// Only what a registry declares.
    Declared,
    /// Only in the form that a treatment gives it.
    Treated,
    /// One value, always.
    Constant,
    /// Whole grains.
    Grain,
    /// Of the right length, made at random.
    Random,
    /// Ok, error or unset.
    Code,
    /// Absent or empty.
    Dropped,
    /// In a message that is dropped whole.
    DroppedWhole,
    /// In an answer: received, never sent, and not what `check` reads.
    Answer,
}

/// Each field, its fate, where it is planted, and what: something that must not pass.
fn fates() -> Vec<(&'static str, Fate, String, Value)> {
    use Fate::*;
    let at = |base: &str, rest: &str| format!("{base}/{rest}");
    let attribute = |rest: &str| format!("{SPAN}/attributes/8/{rest}");
    let entity = || json!({"schemaUrl": "u", "type": "t", "idKeys": ["k"], "descriptionKeys": ["d"]});
    let mut rows = vec![
        ("TracesData.resource_spans", Envelope, "/resourceSpans".to_owned(), json!(7)),
        ("ExportTraceServiceRequest.resource_spans", Envelope, "/resourceSpans".to_owned(), json!("7")),
        ("ResourceSpans.resource", Kept, at(SPANS, "resource"), json!(7)),
        ("ResourceSpans.scope_spans", Envelope, at(SPANS, "scopeSpans"), json!(7)),
        ("ResourceSpans.schema_url", Constant, at(SPANS, "schemaUrl"), json!("https://other.example.com/1.0.0")),
        ("ScopeSpans.scope", Kept, at(SPAN_GROUP, "scope"), json!(7)),
        ("ScopeSpans.spans", Envelope, at(SPAN_GROUP, "spans"), json!(7)),
        ("ScopeSpans.schema_url", Constant, at(SPAN_GROUP, "schemaUrl"), json!("https://other.example.com/1.0.0")),
        ("Span.trace_id", Random, at(SPAN, "traceId"), json!("00000000000000000000000000000000")),
        ("Span.span_id", Random, at(SPAN, "spanId"), json!("eee19b7ec3c1b17400")),
        ("Span.trace_state", Dropped, at(SPAN, "traceState"), json!("vendor=1")),
        ("Span.parent_span_id", Random, at(SPAN, "parentSpanId"), json!("eee1")),
        ("Span.flags", Constant, at(SPAN, "flags"), json!(0x301)),
        ("Span.name", Declared, at(SPAN, "name"), json!("mlnet.other")),
        ("Span.kind", Declared, at(SPAN, "kind"), json!(3)),
        ("Span.start_time_unix_nano", Grain, at(SPAN, "startTimeUnixNano"), json!("1763900000000000001")),
        ("Span.end_time_unix_nano", Grain, at(SPAN, "endTimeUnixNano"), json!("1763900004000000001")),
        ("Span.attributes", Declared, at(SPAN, "attributes"), json!(7)),
        ("Span.dropped_attributes_count", Dropped, at(SPAN, "droppedAttributesCount"), json!(1)),
        ("Span.events", Declared, at(SPAN, "events"), json!(7)),
        ("Span.dropped_events_count", Dropped, at(SPAN, "droppedEventsCount"), json!(1)),
        ("Span.links", Dropped, at(SPAN, "links/0"), json!({})),
        ("Span.dropped_links_count", Dropped, at(SPAN, "droppedLinksCount"), json!(1)),
        ("Span.status", Kept, at(SPAN, "status"), json!(7)),
        ("Span.Event.time_unix_nano", Grain, at(SPAN_EVENT, "timeUnixNano"), json!("1763899981000000000")),
        ("Span.Event.name", Declared, at(SPAN_EVENT, "name"), json!("exception")),
        ("Span.Event.attributes", Declared, at(SPAN_EVENT, "attributes"), json!(7)),
        ("Span.Event.dropped_attributes_count", Dropped, at(SPAN_EVENT, "droppedAttributesCount"), json!(1)),
        ("Status.message", Dropped, at(SPAN, "status/message"), json!("out of memory")),
        ("Status.code", Code, at(SPAN, "status/code"), json!(3)),
        ("LogsData.resource_logs", Envelope, "/resourceLogs".to_owned(), json!(7)),
        ("ExportLogsServiceRequest.resource_logs", Envelope, "/resourceLogs".to_owned(), json!("7")),
        ("ResourceLogs.resource", Kept, at(LOGS, "resource"), json!(7)),
        ("ResourceLogs.scope_logs", Envelope, at(LOGS, "scopeLogs"), json!(7)),
        ("ResourceLogs.schema_url", Constant, at(LOGS, "schemaUrl"), json!("https://other.example.com/1.0.0")),
        ("ScopeLogs.scope", Kept, at(LOG_GROUP, "scope"), json!(7)),
        ("ScopeLogs.log_records", Envelope, at(LOG_GROUP, "logRecords"), json!(7)),
        ("ScopeLogs.schema_url", Constant, at(LOG_GROUP, "schemaUrl"), json!("https://other.example.com/1.0.0")),
        ("LogRecord.time_unix_nano", Grain, at(LOG, "timeUnixNano"), json!("1763899981000000000")),
        ("LogRecord.observed_time_unix_nano", Grain, at(LOG, "observedTimeUnixNano"), json!("1763899981000000000")),
        ("LogRecord.severity_number", Constant, at(LOG, "severityNumber"), json!(17)),
        ("LogRecord.severity_text", Dropped, at(LOG, "severityText"), json!("INFO")),
        ("LogRecord.body", Dropped, at(LOG, "body"), json!({"stringValue": "out of memory"})),
        ("LogRecord.attributes", Declared, at(LOG, "attributes"), json!(7)),
        ("LogRecord.dropped_attributes_count", Dropped, at(LOG, "droppedAttributesCount"), json!(1)),
        ("LogRecord.flags", Constant, at(LOG, "flags"), json!(0x101)),
        ("LogRecord.trace_id", Random, at(LOG, "traceId"), json!("5b8efff7")),
        ("LogRecord.span_id", Random, at(LOG, "spanId"), json!("0000000000000000")),
        ("LogRecord.event_name", Declared, at(LOG, "eventName"), json!("mlnet.other")),
        ("Resource.attributes", Declared, at(RESOURCE, "attributes"), json!(7)),
        ("Resource.dropped_attributes_count", Dropped, at(RESOURCE, "droppedAttributesCount"), json!(1)),
        ("Resource.entity_refs", Dropped, at(RESOURCE, "entityRefs/0"), entity()),
        ("InstrumentationScope.name", Constant, at(SCOPE, "name"), json!("mlnet::train")),
        ("InstrumentationScope.version", Constant, at(SCOPE, "version"), json!("of mine")),
        ("InstrumentationScope.attributes", Dropped, at(SCOPE, "attributes/0"), text("mlnet.task", "regression")),
        ("InstrumentationScope.dropped_attributes_count", Dropped, at(SCOPE, "droppedAttributesCount"), json!(1)),
        ("KeyValue.key", Declared, attribute("key"), json!("user.name")),
        ("KeyValue.value", Treated, attribute("value"), json!({})),
        ("KeyValue.key_strindex", Dropped, attribute("keyStrindex"), json!(1)),
        ("AnyValue.string_value", Treated, attribute("value/stringValue"), json!("poetry")),
        ("AnyValue.bool_value", Treated, attribute("value/boolValue"), json!(true)),
        ("AnyValue.int_value", Treated, attribute("value/intValue"), json!("7")),
        ("AnyValue.double_value", Treated, attribute("value/doubleValue"), json!(0.5)),
        ("AnyValue.array_value", Treated, attribute("value/arrayValue"), json!({"values": []})),
        ("AnyValue.kvlist_value", Treated, attribute("value/kvlistValue"), json!({"values": []})),
        ("AnyValue.bytes_value", Treated, attribute("value/bytesValue"), json!("cG9ldHJ5")),
        ("AnyValue.string_value_strindex", Treated, attribute("value/stringValueStrindex"), json!(1)),
        (
            "ArrayValue.values",
            Treated,
            format!("{SPAN}/attributes/1/value/arrayValue/values/1/stringValue"),
            json!("--private"),
        ),
        (
            "KeyValueList.values",
            Treated,
            attribute("value/kvlistValue"),
            json!({"values": [text("user.name", "a name")]}),
        ),
    ];
    for (field, name, value) in [
        ("Span.Link.trace_id", "traceId", json!("5b8efff798038103d269b633813fc60c")),
        ("Span.Link.span_id", "spanId", json!("eee19b7ec3c1b174")),
        ("Span.Link.trace_state", "traceState", json!("vendor=1")),
        ("Span.Link.attributes", "attributes", json!([text("mlnet.task", "regression")])),
        ("Span.Link.dropped_attributes_count", "droppedAttributesCount", json!(1)),
        ("Span.Link.flags", "flags", json!(1)),
    ] {
        rows.push((field, DroppedWhole, at(SPAN, "links/0"), json!({name: value})));
    }
    for (field, name) in [
        ("EntityRef.schema_url", "schemaUrl"),
        ("EntityRef.type", "type"),
        ("EntityRef.id_keys", "idKeys"),
        ("EntityRef.description_keys", "descriptionKeys"),
    ] {
        rows.push((field, DroppedWhole, at(RESOURCE, "entityRefs/0"), json!({name: entity()[name]})));
    }
    for field in [
        "ExportTraceServiceResponse.partial_success",
        "ExportTracePartialSuccess.rejected_spans",
        "ExportTracePartialSuccess.error_message",
        "ExportLogsServiceResponse.partial_success",
        "ExportLogsPartialSuccess.rejected_log_records",
        "ExportLogsPartialSuccess.error_message",
    ] {
        rows.push((field, Answer, String::new(), Value::Null));
    }
    rows
}

#[test]
fn every_field_of_otlp_and_no_other_has_a_rule() {
    let found: BTreeSet<String> = Protos::read()
        .0
        .iter()
        .flat_map(|(message, fields)| fields.iter().map(move |field| format!("{message}.{}", field.name)))
        .collect();
    let decided: BTreeSet<String> = fates().iter().map(|(field, ..)| (*field).to_owned()).collect();
    assert_eq!(found.len(), FIELDS);
    assert_eq!(fates().len(), FIELDS);
    assert_eq!(found.difference(&decided).collect::<Vec<_>>(), Vec::<&String>::new(), "undecided");
    assert_eq!(decided.difference(&found).collect::<Vec<_>>(), Vec::<&String>::new(), "not in OTLP");
}

#[test]
fn a_foreign_value_in_any_field_is_found_at_that_field() {
    let protos = Protos::read();
    let mut planted = 0;
    for (field, fate, pointer, value) in fates() {
        if fate != Fate::Answer {
            check(&protos, field, fate, &pointer, value);
            planted += 1;
        }
    }
    assert_eq!(planted, FIELDS - 6);
}

/// Plants a value in a clean request, and looks for the finding in both encodings.
fn check(protos: &Protos, field: &str, fate: Fate, pointer: &str, value: Value) {
    let (signal, message, clean) = match pointer.starts_with("/resourceLogs") {
        true => (SignalKind::Event, "ExportLogsServiceRequest", logs()),
        false => (SignalKind::Span, "ExportTraceServiceRequest", traces()),
    };
    let mut request = clean.clone();
    // The branch of a value's oneof is replaced, not joined.
    if let Some((any, branch)) = pointer.rsplit_once("/value/").filter(|(_, branch)| !branch.contains('/')) {
        set(&mut request, &format!("{any}/value"), json!({branch: value}));
    } else if let Some(list) = pointer.strip_suffix("/0") {
        set(&mut request, list, json!([value]));
    } else {
        set(&mut request, pointer, value);
    }
    assert_ne!(request, clean, "{field} was planted");
    let ProtoField { json, repeated, .. } = declared(protos, field);
    let is_list = *repeated && pointer.ends_with(&format!("/{json}"));
    for (format, clean, bytes) in [
        (Format::Json, clean.to_string().into_bytes(), request.to_string().into_bytes()),
        (Format::Protobuf, protos.encode(message, &clean), protos.encode(message, &request)),
    ] {
        assert_eq!(second_opinion(&REGISTRIES, signal, format, &clean), [], "the clean request is clean");
        // Protobuf has no list that could be of a wrong type, only its elements.
        let element = if is_list && format == Format::Protobuf { "[0]" } else { "" };
        let expected = format!("{}{element}", path(pointer));
        let findings = second_opinion(&REGISTRIES, signal, format, &bytes);
        let right = findings.iter().any(|finding| {
            let dropped = matches!(fate, Fate::Dropped | Fate::DroppedWhole);
            finding.path == expected && (finding.what == What::Dropped) == dropped
        });
        assert!(right, "{field} in {format:?} at {expected}: {findings:?}");
    }
}

fn declared<'p>(protos: &'p Protos, field: &str) -> &'p ProtoField {
    let (message, name) = field.rsplit_once('.').expect("a message and a field");
    protos.0[message].iter().find(|field| field.name == name).expect("seen by the other test")
}

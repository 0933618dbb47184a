//! The records of a line, one by one: a finding refuses the records that it is about, and no other.

use scruple::check::{StoredValue, each_stored};
use serde_json::{Value, json};

use super::signal;
use crate::otlp::clean::{logs, traces};
use crate::otlp::set;
use crate::otlp::tables::REGISTRIES;

/// The name of each record that counts, or the path of the finding that refuses it.
fn records(request: &Value) -> Vec<Result<String, String>> {
    let mut all = Vec::new();
    each_stored(&REGISTRIES, signal(request), request.to_string().as_bytes(), &mut |record| {
        all.push(record.map(|record| record.signal.name.to_owned()).map_err(|finding| finding.path.clone()));
    });
    all
}

/// The request with its first record twice; the ids of the second are others.
fn twice(request: &Value, list: &str) -> Value {
    let mut request = request.clone();
    let records = request.pointer_mut(list).unwrap().as_array_mut().unwrap();
    let mut second = records[0].clone();
    second["spanId"] = json!("00000000000000ff");
    records.insert(1, second);
    request
}

const SPANS: &str = "/resourceSpans/0/scopeSpans/0/spans";

#[test]
fn each_declared_record_counts_and_an_event_inside_of_a_span_is_none() {
    let clean = traces();
    let spans = clean.pointer(SPANS).unwrap().as_array().unwrap();
    let events: usize = spans.iter().map(|span| span["events"].as_array().map_or(0, Vec::len)).sum();
    let all = records(&clean);
    assert!(events > 0 && all.iter().all(Result::is_ok));
    assert_eq!(all.len(), spans.len());
    assert!(records(&logs()).iter().all(Result::is_ok));
}

#[test]
fn a_finding_in_a_record_refuses_this_record_alone() {
    let mut request = twice(&traces(), SPANS);
    set(&mut request, &format!("{SPANS}/0/name"), json!("undeclared"));
    let all = records(&request);
    assert_eq!(all[0], Err("resourceSpans[0].scopeSpans[0].spans[0].name".to_owned()));
    assert!(all.len() > 1 && all[1..].iter().all(Result::is_ok));
}

#[test]
fn a_finding_in_what_records_share_refuses_all_of_them() {
    for at in ["/resourceSpans/0/schemaUrl", "/resourceSpans/0/scopeSpans/0/scope/name"] {
        let mut request = twice(&traces(), SPANS);
        set(&mut request, at, json!("undeclared"));
        assert!(records(&request).iter().all(Result::is_err), "{at}");
    }
    let mut request = traces();
    set(&mut request, "/resourceSpans/0/resource/attributes/0/key", json!("undeclared"));
    assert!(records(&request).iter().all(Result::is_err));
}

#[test]
fn a_line_that_is_no_request_is_refused_once() {
    for line in ["", "{", "[]", "{\"resourceSpans\":[]}", "{\"resourceSpans\":[{\"scopeSp"] {
        let mut refused = 0;
        each_stored(&REGISTRIES, scruple::registry::SignalKind::Span, line.as_bytes(), &mut |record| {
            assert!(record.is_err());
            refused += 1;
        });
        assert_eq!(refused, 1, "{line}");
    }
}

#[test]
fn a_record_has_its_ids_times_and_typed_values() {
    let request = traces();
    let span = request.pointer(&format!("{SPANS}/0")).unwrap();
    let mut found = Vec::new();
    each_stored(&REGISTRIES, signal(&request), request.to_string().as_bytes(), &mut |record| {
        let Ok(record) = record else { panic!() };
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        found.push((hex(record.span_id), record.start.to_string(), record.attributes().count()));
        let names = |value: &StoredValue<'_>| matches!(value, StoredValue::Text(text) if text.is_empty());
        assert!(!record.attributes().any(|(key, value)| key.is_empty() || names(&value)));
    });
    let resource = request.pointer("/resourceSpans/0/resource/attributes").unwrap().as_array().unwrap().len();
    let own = span["attributes"].as_array().map_or(0, Vec::len);
    let text = |field: &str| span[field].as_str().unwrap().to_owned();
    assert_eq!(found[0], (text("spanId"), text("startTimeUnixNano"), resource + own));
}

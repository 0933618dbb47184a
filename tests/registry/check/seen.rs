//! What a finding says, and what `read` shows.

use scruple::check::{Format, check as second_opinion, read};
use scruple::registry::SignalKind;

use serde_json::json;

use super::{both, signal};
use crate::otlp::clean::{SPAN, logs, text, traces};
use crate::otlp::set;
use crate::otlp::tables::REGISTRIES;

#[test]
fn a_finding_has_its_place_and_its_subject() {
    let mut request = traces();
    set(&mut request, &format!("{SPAN}/attributes/8"), text("mlnet.task", "poetry"));
    let [(_, json), _] = both(&request);
    let found = second_opinion(&REGISTRIES, SignalKind::Span, Format::Json, &json);
    let lines: Vec<_> = found.iter().map(ToString::to_string).collect();
    let place = "resourceSpans[0].scopeSpans[0].spans[0].attributes[8].value.stringValue";
    assert_eq!(lines, [format!("{place} (mlnet.task): not a string that is a declared member")]);
}

#[test]
fn both_encodings_are_read_alike() {
    for request in [traces(), logs()] {
        let [json, protobuf] = both(&request).map(|(format, bytes)| read(signal(&request), format, &bytes));
        assert!(json.0 == protobuf.0);
        assert_eq!((json.1, protobuf.1), (vec![], vec![]));
    }
    let [(format, bytes), _] = both(&traces());
    let (seen, _) = read(SignalKind::Span, format, &bytes);
    let span = &seen[0];
    assert_eq!((seen.len(), span.name.as_str(), span.kind, span.status), (2, "mlnet.command", 1, 2));
    assert_eq!(span.trace_id, "5b8efff798038103d269b633813fc60c");
    assert_eq!((span.span_id.as_str(), span.parent_span_id.as_str()), ("eee19b7ec3c1b174", "eee19b7ec3c1b173"));
    assert_eq!((span.start, span.end), (1_763_900_000_000_000_000, 1_763_900_004_000_000_000));
    assert_eq!(span.attributes[1], ("mlnet.argument.names".to_owned(), "[--dataset, --label-col]".to_owned()));
    assert_eq!(span.attributes[10], ("process.exit.code".to_owned(), "101".to_owned()));
    assert_eq!(span.resource[6], ("service.name".to_owned(), "mlnet".to_owned()));
    assert_eq!((span.events[0].name.as_str(), span.events[0].time), ("mlnet.crash", 1_763_899_980_000_000_000));
}

#[test]
fn values_that_no_registry_declares_are_shown_alike_in_both_encodings() {
    let list = json!({"values": [{"stringValue": "a"}, {"intValue": "-7"}, {"boolValue": true}]});
    let map = json!({"values": [
        {"key": "one", "value": {"doubleValue": 1.5}},
        {"key": "list", "value": {"arrayValue": list}},
    ]});
    for (branch, value, shown) in [
        ("doubleValue", json!(0.5), "0.5"),
        ("doubleValue", json!(7), "7.0"),
        ("bytesValue", json!("AAAA"), "(bytes)"),
        ("arrayValue", list, "[a, -7, true]"),
        ("kvlistValue", map, "{one: 1.5, list: [a, -7, true]}"),
        ("kvlistValue", json!({}), "{}"),
    ] {
        let mut request = traces();
        set(&mut request, &format!("{SPAN}/attributes/8/value"), json!({branch: value}));
        for (format, bytes) in both(&request) {
            let (seen, unread) = read(SignalKind::Span, format, &bytes);
            assert_eq!(seen[0].attributes[8], ("mlnet.task".to_owned(), shown.to_owned()), "{format:?}");
            assert_eq!(unread, [], "{format:?}");
        }
    }
}

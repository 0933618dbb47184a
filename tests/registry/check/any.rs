//! Properties: any bytes are answered; any one foreign thing, anywhere in a clean request, is found.

use std::collections::BTreeSet;

use opentelemetry_proto::tonic::collector::{logs::v1::ExportLogsServiceRequest, trace::v1::ExportTraceServiceRequest};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use prost::Message as _;
use scruple::check::{Finding, Format, What, check as second_opinion, read};
use scruple::registry::SignalKind;
use serde_json::{Value, json};

use super::{PROTOS, both, signal};
use crate::otlp::clean::{logs, traces};
use crate::otlp::proto::varint;
use crate::otlp::tables::REGISTRIES;
use crate::otlp::{path, set};

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_answered(bytes in vec(any::<u8>(), 0..600)) {
        answer(&bytes);
    }

    #[test]
    fn any_damage_is_answered(request in requests(), protobuf: bool, cuts in vec((any::<Index>(), 0..4_usize, vec(any::<u8>(), 0..4)), 1..8)) {
        let [(_, json), (_, binary)] = both(&request);
        let mut bytes = if protobuf { binary } else { json };
        for (place, removed, added) in cuts {
            let start = place.index(bytes.len() + 1);
            let end = bytes.len().min(start + removed);
            bytes.splice(start..end, added);
        }
        answer(&bytes);
    }

    #[test]
    fn any_tree_of_known_names_is_answered(tree in trees()) {
        for message in ["ExportTraceServiceRequest", "ExportLogsServiceRequest"] {
            answer(&PROTOS.encode(message, &tree));
        }
        answer(tree.to_string().as_bytes());
    }

    #[test]
    fn any_unknown_field_is_found_in_its_message(request in requests(), place: Index, name in names(), number in 1..536_870_912_u32, value in leaves()) {
        let (pointer, message) = place.get(&messages(&request)).clone();
        let known = &PROTOS.0[&message];
        prop_assume!(known.iter().all(|field| field.json != name && field.number != number));

        let mut other = request.clone();
        set(&mut other, &format!("{pointer}/{name}"), value);
        let found = opinions(&request, Format::Json, other.to_string().as_bytes());
        let expected = finding(&pointer, What::UnknownName { bytes: name.len() });
        prop_assert!(found.contains(&expected), "{found:?}");

        let mut other = request;
        set(&mut other, &format!("{pointer}/#"), json!(hex(&[varint(u64::from(number) << 3), vec![1]].concat())));
        let [_, (format, bytes)] = both(&other);
        let expected = finding(&pointer, What::UnknownNumber { number });
        prop_assert_eq!(opinions(&other, format, &bytes), [expected]);
    }

    #[test]
    fn any_second_value_is_found_at_its_field(request in requests(), place: Index, which: Index) {
        let (pointer, message) = place.get(&messages(&request)).clone();
        let fields = request.pointer(&pointer).and_then(Value::as_object).expect("a message").clone();
        let (name, value) = which.get(&fields.iter().collect::<Vec<_>>()).to_owned();
        let repeated = PROTOS.0[&message].iter().any(|field| field.json == *name && field.repeated);
        let expected = finding(&format!("{pointer}/{name}"), What::Duplicate);

        let mut other = request.clone();
        set(&mut other, &format!("{pointer}/#"), value.clone());
        let text = other.to_string().replace("\"#\":", &format!("\"{name}\":"));
        let found = opinions(&other, Format::Json, text.as_bytes());
        prop_assert!(found.contains(&expected), "{name}: {found:?}");

        if !repeated {
            let mut other = request;
            set(&mut other, &format!("{pointer}/#"), json!(hex(&PROTOS.encode(&message, &json!({name: value})))));
            let [_, (format, bytes)] = both(&other);
            let found = opinions(&other, format, &bytes);
            prop_assert!(found.contains(&expected), "{name}: {found:?}");
        }
    }

    #[test]
    fn any_foreign_leaf_is_found_in_both_encodings_alike_and_never_repeated((request, pointer, value) in foreign()) {
        let mut other = request;
        set(&mut other, &pointer, value);
        let [json, protobuf] = both(&other).map(|(format, bytes)| opinions(&other, format, &bytes));
        prop_assert!(json.iter().any(|finding| finding.0 == path(&pointer)), "{pointer}: {json:?}");
        prop_assert_eq!(&json, &protobuf);
        let [(format, bytes), _] = both(&other);
        let findings = second_opinion(&REGISTRIES, signal(&other), format, &bytes);
        let report: String = findings.iter().map(|finding| format!("{finding} {finding:?}")).collect();
        prop_assert!(!report.contains(CANARY));
    }

    #[test]
    fn any_foreign_type_is_found(request in requests(), place: Index, value in leaves()) {
        let pointer = place.get(&leaf_pointers(&request)).clone();
        let old = request.pointer(&pointer).expect("a leaf");
        prop_assume!(std::mem::discriminant(old) != std::mem::discriminant(&value));
        let mut other = request.clone();
        set(&mut other, &pointer, value);
        let found = opinions(&other, Format::Json, other.to_string().as_bytes());
        prop_assert!(found.iter().any(|(path_, _)| *path_ == path(&pointer)), "{pointer}: {found:?}");
    }

    #[test]
    fn any_end_too_soon_is_found(request in requests(), place: Index) {
        for (format, bytes) in both(&request) {
            let end = place.index(bytes.len());
            prop_assert!(!opinions(&request, format, &bytes[..end]).is_empty());
        }
    }
}

#[test]
fn another_decoder_reads_the_clean_requests_and_writes_the_same_bytes() {
    let [_, (_, bytes)] = both(&traces());
    let request = ExportTraceServiceRequest::decode(bytes.as_slice()).expect("a traces request");
    assert_eq!(request.resource_spans[0].scope_spans[0].spans[0].events[0].name, "mlnet.crash");
    assert_eq!(request.encode_to_vec(), bytes);
    let [_, (_, bytes)] = both(&logs());
    let request = ExportLogsServiceRequest::decode(bytes.as_slice()).expect("a logs request");
    assert_eq!(request.resource_logs[0].scope_logs[0].log_records[0].event_name, "mlnet.crash");
    assert_eq!(request.encode_to_vec(), bytes);
}

const CANARY: &str = "Canary";

/// All four readings, and the judgement of each.
fn answer(bytes: &[u8]) {
    for signal in [SignalKind::Span, SignalKind::Event] {
        for format in [Format::Json, Format::Protobuf] {
            let judged = second_opinion(&REGISTRIES, signal, format, bytes);
            let (_, unread) = read(signal, format, bytes);
            assert!(unread.iter().all(|finding: &Finding| judged.contains(finding)));
        }
    }
}

fn opinions(request: &Value, format: Format, bytes: &[u8]) -> Vec<(String, What)> {
    super::findings(request, format, bytes)
}

fn finding(pointer: &str, what: What) -> (String, What) {
    (path(pointer), what)
}

fn requests() -> impl Strategy<Value = Value> {
    select(vec![traces(), logs()])
}

/// Names that a field could have, most of them of other messages or in another spelling.
fn names() -> impl Strategy<Value = String> {
    let fields = || PROTOS.0.values().flatten();
    let known: BTreeSet<String> = fields().flat_map(|field| [field.name.clone(), field.json.clone()]).collect();
    prop_oneof![select(known.into_iter().collect::<Vec<_>>()), "[a-zA-Z_.$ \"\u{e9}]{1,40}"]
}

fn leaves() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<u64>().prop_map(|number| Value::from(number.to_string())),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ]
}

fn trees() -> impl Strategy<Value = Value> {
    let json: BTreeSet<String> = PROTOS.0.values().flatten().map(|field| field.json.clone()).collect();
    let known: Vec<String> = json.into_iter().collect();
    let tree = leaves().prop_recursive(12, 200, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            vec((select(known.clone()), inner), 0..6).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    });
    // Under the names that begin a request.
    vec(tree, 1..4).prop_map(|trees| {
        let group = json!({"scope": trees[0], "spans": trees, "logRecords": trees});
        let carrier = json!({"resource": trees[0], "scopeSpans": [group], "scopeLogs": [group]});
        json!({"resourceSpans": [carrier, trees[0]], "resourceLogs": [carrier]})
    })
}

/// A clean request, one of its leaves, and a value of that leaf's type which must not pass.
fn foreign() -> impl Strategy<Value = (Value, String, Value)> {
    let places: Vec<(Value, String)> = [traces(), logs()]
        .into_iter()
        .flat_map(|request| leaf_pointers(&request).into_iter().map(move |pointer| (request.clone(), pointer)))
        // Of that type both values are declared.
        .filter(|(request, pointer)| !request.pointer(pointer).is_some_and(Value::is_boolean))
        .collect();
    select(places).prop_flat_map(|(request, pointer)| {
        let old = request.pointer(&pointer).expect("a leaf").clone();
        let field = pointer.rsplit('/').next().unwrap_or_default().to_owned();
        let free = pointer == "/resourceSpans/0/resource/attributes/7/value/stringValue"
            || pointer == "/resourceLogs/0/resource/attributes/7/value/stringValue";
        let id = |bytes: usize| {
            let other = vec(any::<u8>(), 1..40).prop_filter("another length", move |id| id.len() != bytes);
            other.prop_map(|id| Value::from(hex(&id))).boxed()
        };
        let value = match (field.as_str(), &old) {
            ("traceId", _) => id(16),
            ("spanId" | "parentSpanId", _) => id(8),
            ("intValue", _) => any::<i64>()
                .prop_filter("beyond", |count| !(0..=1_000).contains(count))
                .prop_map(|count| json!(count.to_string()))
                .boxed(),
            (_, Value::String(time)) if time.parse::<u64>().is_ok() => any::<u64>()
                .prop_filter("off", |time| time % 1_000_000 != 0)
                .prop_map(|time| json!(time.to_string()))
                .boxed(),
            ("flags", _) => any::<u32>().prop_filter("more", |flags| flags & !0x101 != 0).prop_map(Value::from).boxed(),
            (_, Value::Number(_)) => {
                any::<i32>().prop_filter("other", |code| !(0..=9).contains(code)).prop_map(Value::from).boxed()
            }
            // The one text that is the program's own: any printable one passes.
            _ if free => any::<String>().prop_map(|text| json!(format!("{CANARY}\u{7}{text}"))).boxed(),
            _ => any::<String>().prop_map(|text| json!(format!("{CANARY}{text}"))).boxed(),
        };
        (Just(request), Just(pointer), value)
    })
}

/// Each message of a request, with its name in the files.
fn messages(request: &Value) -> Vec<(String, String)> {
    let root = match signal(request) {
        SignalKind::Span => "ExportTraceServiceRequest",
        SignalKind::Event => "ExportLogsServiceRequest",
    };
    let mut all = vec![(String::new(), root.to_owned())];
    let mut next = 0;
    while let Some((pointer, message)) = all.get(next).cloned() {
        next += 1;
        let Some(Value::Object(fields)) = request.pointer(&pointer) else { continue };
        for (name, value) in fields {
            let field = PROTOS.0[&message].iter().find(|field| field.json == *name).expect("a known field");
            let Some(inner) = PROTOS.message_of(&message, field) else { continue };
            match value {
                Value::Array(values) => {
                    all.extend((0..values.len()).map(|index| (format!("{pointer}/{name}/{index}"), inner.clone())));
                }
                _ => all.push((format!("{pointer}/{name}"), inner)),
            }
        }
    }
    all
}

fn leaf_pointers(request: &Value) -> Vec<String> {
    let leaves = messages(request).into_iter().flat_map(|(pointer, _)| {
        let fields = request.pointer(&pointer).and_then(Value::as_object).expect("a message");
        let leaf = |(name, value): (&String, &Value)| {
            (!value.is_object() && !value.is_array()).then(|| format!("{pointer}/{name}"))
        };
        fields.iter().filter_map(leaf).collect::<Vec<_>>()
    });
    leaves.collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

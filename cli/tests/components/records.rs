//! OTLP JSON lines as comparable records, and what the gateway makes of one on purpose.

use std::collections::BTreeSet;

use scruple::check::{Format, check};
use scruple::registry::{Registry, SignalKind};
use scruple_cli::demo::usage::REGISTRY;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::Left;

/// The records of OTLP JSON lines, each with its resource and scope, in an order of their own. Empty fields are left
/// out and attributes sorted, because one writer spells out what another does not.
pub fn records<'l>(lines: impl IntoIterator<Item = &'l str>) -> Vec<String> {
    let mut all: Vec<_> = lines.into_iter().flat_map(|line| flat(&serde_json::from_str(line).unwrap())).collect();
    all.sort();
    all
}

/// The records that the gateway makes of these: ids replaced by their hashes.
pub fn behind_the_gateway<'l>(lines: impl IntoIterator<Item = &'l str>) -> Vec<String> {
    let hashed = lines.into_iter().map(|line| {
        let mut value = serde_json::from_str(line).unwrap();
        hash_ids(&mut value);
        value
    });
    let mut all: Vec<_> = hashed.flat_map(|value| flat(&value)).collect();
    all.sort();
    all
}

/// Holds what is left of records to be what the gateway makes of these and nothing else, and says how many they are.
#[track_caller]
pub fn whole<'l>(left: &Left, sent: impl IntoIterator<Item = &'l str>) -> usize {
    let arrived = records(left.traces.iter().chain(&left.logs).map(String::as_str));
    let expected = behind_the_gateway(sent);
    let [is, wanted] = [&arrived, &expected].map(|it| it.iter().collect::<BTreeSet<_>>());
    let (more, less) = (is.difference(&wanted).next(), wanted.difference(&is).next());
    assert!(arrived == expected, "{} and {}, first: {more:#?} {less:#?}", arrived.len(), expected.len());
    arrived.len()
}

/// What `check` finds in lines of one signal, without the places.
pub fn findings(signal: SignalKind, lines: &[String]) -> BTreeSet<String> {
    findings_of(REGISTRY, signal, lines)
}

/// The same for another registry.
pub fn findings_of(registry: &Registry<'_>, signal: SignalKind, lines: &[String]) -> BTreeSet<String> {
    let of = |line: &String| check(&[registry], signal, Format::Json, line.as_bytes());
    let found = lines.iter().flat_map(of);
    found.map(|finding| format!("{}: {}", finding.path.rsplit('.').next().unwrap_or_default(), finding.what)).collect()
}

fn flat(line: &Value) -> Vec<String> {
    let mut all = Vec::new();
    for [carriers, scopes, records] in
        [["resourceSpans", "scopeSpans", "spans"], ["resourceLogs", "scopeLogs", "logRecords"]]
    {
        for carrier in list(line, carriers) {
            let resource = normal(&carrier["resource"]);
            for group in list(carrier, scopes) {
                let of = json!({"resource": resource, "scope": normal(&group["scope"])}).to_string();
                all.extend(list(group, records).map(|record| format!("{} of {of}", normal(record))));
            }
        }
    }
    all
}

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value[key].as_array().into_iter().flatten()
}

fn normal(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| (key, normal(value)));
            let kept = fields.filter(|(key, value)| key.ends_with("Value") || !is_empty(value));
            kept.map(|(key, value)| {
                // 64-bit integers may come as numbers or as text.
                let text = key == "intValue" && value.is_number();
                (key.clone(), if text { value.to_string().into() } else { value })
            })
            .collect::<Map<_, _>>()
            .into()
        }
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().map(normal).collect();
            if items.iter().all(|item| item.get("key").is_some()) {
                items.sort_by_key(|item| item["key"].to_string());
            }
            items.into()
        }
        other => other.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_u64() == Some(0),
        Value::String(text) => text.is_empty() || text == "0",
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

fn hash_ids(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match (key.as_str(), value.as_str()) {
                    ("traceId" | "spanId" | "parentSpanId", Some(id)) if !id.is_empty() => {
                        let digest = Sha256::digest(id.as_bytes());
                        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
                        *value = hex[..id.len()].into();
                    }
                    _ => hash_ids(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hash_ids),
        _ => {}
    }
}

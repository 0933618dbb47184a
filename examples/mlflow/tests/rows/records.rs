//! What arrived, whoever received it: OTLP as protobuf or as the Collector's lines, read into records.

use super::http::Request;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read as _;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    Unset,
    Ok,
    Error,
}

#[derive(Debug, Clone)]
pub struct Record {
    pub name: String,
    pub status: Status,
    /// In nanoseconds; an event begins and ends at once.
    pub begin: u64,
    pub end: u64,
    pub span: String,
    pub parent: String,
    /// Its attributes, lists with commas between.
    pub attributes: BTreeMap<String, String>,
    pub resource: BTreeMap<String, String>,
}

impl Record {
    pub fn get(&self, key: &str) -> Option<&str> {
        self.attributes.get(key).map(String::as_str)
    }
}

/// The body as it was before it was compressed.
pub fn plain(request: &Request) -> Vec<u8> {
    if !request.head.to_ascii_lowercase().contains("content-encoding: gzip") {
        return request.body.clone();
    }
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(request.body.as_slice()).read_to_end(&mut plain).unwrap();
    plain
}

pub fn of_request(request: &Request) -> Vec<Record> {
    let body = plain(request);
    if request.head.starts_with("POST /v1/traces ") {
        of_json(&serde_json::to_value(ExportTraceServiceRequest::decode(body.as_slice()).unwrap()).unwrap())
    } else {
        assert!(request.head.starts_with("POST /v1/logs "), "{}", request.head);
        of_json(&serde_json::to_value(ExportLogsServiceRequest::decode(body.as_slice()).unwrap()).unwrap())
    }
}

pub fn of_json(request: &Value) -> Vec<Record> {
    let mut found = Vec::new();
    for (resources, scopes, records) in
        [("resourceSpans", "scopeSpans", "spans"), ("resourceLogs", "scopeLogs", "logRecords")]
    {
        for resource in list(&request[resources]) {
            let of_resource = attributes(&resource["resource"]);
            let each = list(&resource[scopes]).iter().flat_map(|scope| list(&scope[records]));
            found.extend(each.map(|record| self::record(record, &of_resource)));
        }
    }
    found
}

fn record(record: &Value, resource: &BTreeMap<String, String>) -> Record {
    let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
    let time = |keys: [&str; 2]| keys.iter().find_map(|key| record[key].as_str()?.parse().ok()).expect("a time");
    Record {
        name: if record["name"].is_string() { text("name") } else { text("eventName") },
        status: match record["status"]["code"].as_u64() {
            Some(1) => Status::Ok,
            Some(2) => Status::Error,
            _ => Status::Unset,
        },
        begin: time(["startTimeUnixNano", "timeUnixNano"]),
        end: time(["endTimeUnixNano", "timeUnixNano"]),
        span: text("spanId"),
        parent: text("parentSpanId"),
        attributes: attributes(record),
        resource: resource.clone(),
    }
}

fn attributes(of: &Value) -> BTreeMap<String, String> {
    let value = |value: &Value| match value.get("arrayValue") {
        Some(array) => list(&array["values"]).iter().map(scalar).collect::<Vec<_>>().join(","),
        None => scalar(value),
    };
    list(&of["attributes"]).iter().map(|one| (one["key"].as_str().unwrap().to_owned(), value(&one["value"]))).collect()
}

fn scalar(value: &Value) -> String {
    let inside = value.as_object().and_then(|object| object.values().next()).unwrap_or(&Value::Null);
    inside.as_str().map_or_else(|| inside.to_string(), str::to_owned)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

//! Requests that hold every treatment and carrier, and nothing that is not declared.

use serde_json::{Value, json};

/// Pointers to the parts of the clean requests.
pub const SPANS: &str = "/resourceSpans/0";
pub const RESOURCE: &str = "/resourceSpans/0/resource";
pub const SPAN_GROUP: &str = "/resourceSpans/0/scopeSpans/0";
pub const SCOPE: &str = "/resourceSpans/0/scopeSpans/0/scope";
pub const SPAN: &str = "/resourceSpans/0/scopeSpans/0/spans/0";
pub const SPAN_EVENT: &str = "/resourceSpans/0/scopeSpans/0/spans/0/events/0";
pub const LOGS: &str = "/resourceLogs/0";
pub const LOG_GROUP: &str = "/resourceLogs/0/scopeLogs/0";
pub const LOG: &str = "/resourceLogs/0/scopeLogs/0/logRecords/0";

/// A traces request.
pub fn traces() -> Value {
    json!({"resourceSpans": [{
        "resource": resource(),
        "schemaUrl": "https://telemetry.example.com/schemas/mlnet/1.0.0",
        "scopeSpans": [{
            "scope": {"name": "scruple", "version": "0.1.0"},
            "schemaUrl": "https://telemetry.example.com/schemas/mlnet/1.0.0",
            "spans": [
                {
                    "traceId": "5b8efff798038103d269b633813fc60c",
                    "spanId": "eee19b7ec3c1b174",
                    "parentSpanId": "eee19b7ec3c1b173",
                    "flags": 257,
                    "name": "mlnet.command",
                    "kind": 1,
                    "startTimeUnixNano": "1763900000000000000",
                    "endTimeUnixNano": "1763900004000000000",
                    "attributes": [
                        text("mlnet.agent", "none"),
                        {"key": "mlnet.argument.names", "value": {"arrayValue": {"values": [
                            {"stringValue": "--dataset"}, {"stringValue": "--label-col"},
                        ]}}},
                        {"key": "mlnet.ci", "value": {"boolValue": false}},
                        text("mlnet.compiler", "1.93.0-nightly"),
                        text("mlnet.dataset.name", "9f86d081884c7d659a2feaa0c55ad015"),
                        text("mlnet.dataset.size", "<1MiB"),
                        text("mlnet.device", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
                        text("mlnet.panic.location", "src/main.rs:42"),
                        text("mlnet.task", "classification"),
                        text("mlnet.tracking.scheme", "custom_scheme"),
                        {"key": "process.exit.code", "value": {"intValue": "101"}},
                    ],
                    "events": [{
                        "timeUnixNano": "1763899980000000000",
                        "name": "mlnet.crash",
                        "attributes": [text("mlnet.panic.location", "src/main.rs:120")],
                    }],
                    "status": {"code": 2},
                },
                {
                    "traceId": "5b8efff798038103d269b633813fc60c",
                    "spanId": "eee19b7ec3c1b175",
                    "name": "lib.query",
                    "kind": 3,
                    "startTimeUnixNano": "1763900000001000000",
                    "endTimeUnixNano": "1763900000001000000",
                    "attributes": [{"key": "lib.rows", "value": {"intValue": "1000"}}],
                },
            ],
        }],
    }]})
}

/// A logs request.
pub fn logs() -> Value {
    let scope = json!({"name": "scruple", "version": "0.1.0"});
    let schema_url = "https://telemetry.example.com/schemas/mlnet/1.0.0";
    json!({"resourceLogs": [{"resource": resource(), "schemaUrl": schema_url, "scopeLogs": [{
            "scope": scope,
            "logRecords": [{
                "timeUnixNano": "1763899980000000000",
                "observedTimeUnixNano": "1763899980000000000",
                "severityNumber": 9,
                "eventName": "mlnet.crash",
                "attributes": [text("mlnet.panic.location", "src/main.rs:1"), text("mlnet.task", "regression")],
                "traceId": "5b8efff798038103d269b633813fc60c",
                "spanId": "eee19b7ec3c1b174",
                "flags": 1,
            }],
        }],
    }]})
}

/// An attribute whose value is text.
pub fn text(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

fn resource() -> Value {
    json!({"attributes": [
        text("host.arch", "amd64"),
        text("os.type", "linux"),
        text("os.version", "6.12"),
        text("process.runtime.name", "rustc"),
        text("process.runtime.version", "1.93.0-nightly"),
        text("service.instance.id", "45e27512-43e8-8c7e-87ac-a6ac25d75a0d"),
        text("service.name", "mlnet"),
        text("service.version", "16.18.2.1 (beta)"),
        text("session.id", "45e27512-43e8-4c7e-87ac-a6ac25d75a0d"),
    ]})
}

//! A real Jaeger: it lists the program's spans with every declared value, through a Collector and directly.

use std::collections::BTreeSet;

use crate::components::demo;
use crate::components::forms::found;
use crate::components::program::{self, Door, PRIVATE, Sent};
use crate::components::records::{findings, records};
use crate::components::{Collector, Jaeger, validate, wait_for};
use scruple::registry::SignalKind;
use scruple::{Forward, LossReason};
use serde_json::{Map, Value, json};

const SPAN_EVENTS: bool = true;

/// Runs the program against an endpoint, once for each protocol, door and place of its events, and compares what it
/// sent with what Jaeger shows.
fn check(jaeger: &Jaeger, [http, grpc]: [&str; 2], compare: impl Fn(&Sent)) -> Vec<Sent> {
    let mut all = Vec::new();
    for door in [Door::Layer, Door::Sdk] {
        for span_events in [!SPAN_EVENTS, SPAN_EVENTS] {
            all.push(program::run(http, Forward::http(), door, span_events));
            all.push(program::run(grpc, Forward::grpc(), door, span_events));
        }
    }
    for sent in &all {
        let spans = sent_spans(&sent.lines);
        let id = spans[0]["trace"].as_str().unwrap();
        let path = format!("/api/traces/{id}");
        // A Collector passes them on when it has time.
        let shown = wait_for(|| Some(jaeger.ask(&path)).filter(|it| shown_spans(it).len() == spans.len()));
        let shown = shown.unwrap_or_else(|| panic!("Jaeger shows {}", jaeger.ask(&path)));
        assert_eq!(shown_spans(&shown), spans);
        let otlp = jaeger.ask(&format!("/api/v3/traces/{id}"));
        assert!(otlp.contains("demo.argument.names"), "{otlp}");
        assert_eq!(found(PRIVATE, &(shown + &otlp)), [""; 0]);
        compare(sent);
    }
    assert_eq!(jaeger.ask("/api/v3/services"), r#"{"services":["scruple-demo"]}"#);
    all
}

#[test]
#[ignore = "needs Jaeger: collector-config/build jaeger"]
fn the_configuration_is_valid() {
    validate("jaeger", &["jaeger-server.yaml"]);
}

#[test]
#[ignore = "needs Jaeger and the Collector: collector-config/build"]
fn jaeger_behind_a_collector_shows_every_span_and_the_file_has_every_event() {
    let jaeger = Jaeger::start();
    let collector = Collector::start(&["jaeger.yaml"], &[("SCRUPLE_JAEGER_PORT", jaeger.port())]);
    let all = check(&jaeger, [&collector.http, &collector.grpc], |sent| {
        let counts = (sent.deliveries.sent(), sent.deliveries.waiting());
        assert_eq!(counts, (program::SPANS + program::EVENTS, 0), "{:?}", sent.deliveries);
    });
    let left = collector.stop();
    let events = all.iter().flat_map(|sent| &sent.lines).filter(|line| line.starts_with(r#"{"resourceLogs""#));
    assert_eq!(records(left.logs.iter().map(String::as_str)), records(events.map(String::as_str)));
    assert_eq!(findings(SignalKind::Event, &left.logs), BTreeSet::new());
    let text = [left.logs.join("\n"), left.log, jaeger.stop().log].join("\n");
    assert_eq!(found(PRIVATE, &text), [""; 0]);
}

#[test]
#[ignore = "needs Jaeger: collector-config/build jaeger"]
fn jaeger_accepts_spans_directly_and_refused_events_are_counted() {
    let jaeger = Jaeger::start();
    check(&jaeger, [&jaeger.http, &jaeger.grpc], |Sent { deliveries, .. }| {
        assert_eq!((deliveries.sent(), deliveries.waiting()), (program::SPANS, 0), "{deliveries:?}");
        assert_eq!(deliveries.iter().collect::<Vec<_>>(), [(LossReason::Rejected, program::EVENTS)]);
    });
    assert_eq!(found(PRIVATE, &jaeger.kill().log), [""; 0]);
}

#[test]
#[ignore = "needs Jaeger: collector-config/build jaeger"]
fn jaeger_shows_the_records_that_the_demo_shows() {
    let jaeger = Jaeger::start();
    let mut left = Vec::new();
    for door in ["layer", "sdk"] {
        left.extend(demo::run(&jaeger.http, "http", door));
        left.extend(demo::run(&jaeger.grpc, "grpc", door));
    }
    let answer = jaeger.ask("/api/traces?service=scruple-demo");
    let traces: Value = serde_json::from_str(&answer).unwrap();
    let mut shown = Vec::new();
    for trace in traces["data"].as_array().unwrap() {
        for span in shown_spans(&json!({"data": [trace]}).to_string()) {
            shown.push(named(&span["name"], span["tags"].as_object().unwrap().clone()));
            for event in span["events"].as_array().unwrap() {
                let mut fields = event["fields"].as_object().unwrap().clone();
                let name = fields.remove("event").unwrap();
                shown.push(named(&name, fields));
            }
        }
    }
    left.sort();
    shown.sort();
    assert_eq!(shown, left);
    assert_eq!(jaeger.ask("/api/v3/services"), r#"{"services":["scruple-demo"]}"#);
    assert_eq!(found(demo::PRIVATE, &[answer, jaeger.kill().log].join("\n")), [""; 0]);
}

/// A span or event as the demo writes it: a list of names without their quotes.
fn named(name: &Value, tags: Map<String, Value>) -> demo::Named {
    let text = |value: Value| match value {
        Value::String(text) if text.starts_with('[') => text.replace('"', "").replace(',', ", "),
        Value::String(text) => text,
        other => other.to_string(),
    };
    let tags = tags.into_iter().map(|(key, value)| (key, text(value)));
    demo::named(name.as_str().unwrap().to_owned(), tags.collect())
}

/// The spans of OTLP JSON lines, as far as Jaeger shows them.
fn sent_spans(lines: &[String]) -> Vec<Value> {
    let parsed = lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let spans = parsed.flat_map(|line| {
        let carriers = line["resourceSpans"].as_array().cloned().unwrap_or_default();
        carriers.into_iter().map(|carrier| (carrier["resource"].clone(), carrier["scopeSpans"][0]["spans"][0].clone()))
    });
    let shown = spans.map(|(resource, span)| {
        let events = span["events"].as_array().into_iter().flatten().map(|event| {
            let mut fields = values(&event["attributes"]);
            fields.insert("event".to_owned(), event["name"].clone());
            json!({"time": microseconds(&event["timeUnixNano"]), "fields": fields})
        });
        let [start, end] = ["startTimeUnixNano", "endTimeUnixNano"].map(|key| microseconds(&span[key]));
        let mut resource = values(&resource["attributes"]);
        resource.remove("service.name");
        json!({
            "trace": span["traceId"],
            "span": span["spanId"],
            "parent": span["parentSpanId"],
            "name": span["name"],
            "status": match span["status"]["code"].as_u64() { Some(1) => "OK", Some(2) => "ERROR", _ => "" },
            "start": start,
            "duration": end - start,
            "tags": values(&span["attributes"]),
            "events": events.collect::<Vec<_>>(),
            "resource": resource,
        })
    });
    sorted(shown.collect())
}

/// The spans of Jaeger's answer for one trace.
fn shown_spans(answer: &str) -> Vec<Value> {
    let answer: Value = serde_json::from_str(answer).unwrap();
    let trace = &answer["data"][0];
    let spans = trace["spans"].as_array().into_iter().flatten().map(|span| {
        let mut tags = fields(&span["tags"]);
        let status = tags.remove("otel.status_code").unwrap_or_else(|| "".into());
        // What Jaeger makes of scope, kind and status.
        assert_eq!(tags.remove("otel.scope.name"), Some("scruple".into()));
        assert_eq!(tags.remove("span.kind"), Some("internal".into()));
        for key in ["otel.scope.version", "error"] {
            tags.remove(key);
        }
        let events = span["logs"].as_array().into_iter().flatten();
        let process = &trace["processes"][span["processID"].as_str().unwrap()];
        assert_eq!(process["serviceName"], "scruple-demo");
        json!({
            "trace": span["traceID"],
            "span": span["spanID"],
            "parent": span["references"][0]["spanID"],
            "name": span["operationName"],
            "status": status,
            "start": span["startTime"],
            "duration": span["duration"],
            "tags": tags,
            "events": events.map(|it| json!({"time": it["timestamp"], "fields": fields(&it["fields"])})).collect::<Vec<_>>(),
            "resource": fields(&process["tags"]),
        })
    });
    sorted(spans.collect())
}

fn sorted(mut spans: Vec<Value>) -> Vec<Value> {
    spans.sort_by_key(|span| span["span"].to_string());
    spans
}

/// OTLP's attributes with the values that Jaeger shows for them: a list as its JSON.
fn values(attributes: &Value) -> Map<String, Value> {
    let value = |value: &Value| {
        let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
        match kind.as_str() {
            "intValue" => value.as_str().unwrap().parse::<i64>().unwrap().into(),
            "arrayValue" => {
                let items: Vec<_> = value["values"].as_array().unwrap().iter().map(|it| &it["stringValue"]).collect();
                json!(items).to_string().into()
            }
            _ => value.clone(),
        }
    };
    let pairs = attributes.as_array().into_iter().flatten();
    pairs.map(|pair| (pair["key"].as_str().unwrap().to_owned(), value(&pair["value"]))).collect()
}

fn fields(tags: &Value) -> Map<String, Value> {
    let pairs = tags.as_array().into_iter().flatten();
    pairs.map(|pair| (pair["key"].as_str().unwrap().to_owned(), pair["value"].clone())).collect()
}

fn microseconds(nanoseconds: &Value) -> u64 {
    nanoseconds.as_str().unwrap().parse::<u64>().unwrap() / 1_000
}

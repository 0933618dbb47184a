//! The receiver's output for each kind of arrival.

use scruple::check::Format;
use scruple::registry::{Attribute, Registry, Signal, SignalKind, Treatment};
use scruple_cli::receive::show::{RequestPrinter, Totals};
use scruple_cli::receive::{Arrival, Head, Protocol, Refusal, RefusalReason, Request};
use scruple_fixtures::tables::{service, used};

static REGISTRY: Registry<'static> =
    Registry::new("https://example.com/schemas/test/1.0.0", service("com.example.test", "test"))
        .attributes(&[Attribute::new("test.rows", "How many rows.", Treatment::Count { max: 100 })])
        .spans(&[Signal::span("test.load", "A file is read.").attributes(&[used(0)]).at_most(10_000)]);

/// Shows arrivals, and compares the output without colours and whether the run is clean.
fn check(arrivals: &[Arrival], clean: bool, expected: &str) {
    let mut text = Vec::new();
    let registries = [&REGISTRY];
    let mut show = RequestPrinter::new(anstream::StripStream::new(&mut text), false, &registries);
    arrivals.iter().for_each(|arrival| show.arrival(arrival).unwrap());
    show.end().unwrap();
    let totals = show.totals;
    assert_eq!(String::from_utf8(text).unwrap().trim_start(), expected);
    assert_eq!(totals.is_clean(), clean, "{totals:?}");
}

fn traces(body: &'static str) -> Arrival {
    Arrival::Request(Request {
        signal: SignalKind::Span,
        protocol: Protocol::Http,
        format: Format::Json,
        head: head(),
        bytes: body.as_bytes().into(),
    })
}

fn head() -> Head {
    Head { method: "POST".into(), path: "/v1/traces".into(), headers: vec![("x-key".into(), "one".into())] }
}

const CLEAN: &str = r#"{"resourceSpans":[{"scopeSpans":[{"scope":{"name":"scruple","version":"0.1.0"},"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708","name":"test.load","kind":1,"startTimeUnixNano":"1790000000000000000","endTimeUnixNano":"1790000003000000000","attributes":[{"key":"test.rows","value":{"intValue":"7"}}],"status":{"code":1}}]}]}]}"#;

const HOSTILE: &str = r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"jane\u001b[2J\u202e"}}]},"scopeSpans":[{"scope":{"name":"scruple","version":"0.1.0"},"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708","name":"x\nspan y","kind":1,"startTimeUnixNano":"1790000000000000000","endTimeUnixNano":"1790000003000000000"}]}]}]}"#;

#[test]
fn a_declared_request_is_shown_and_clean() {
    check(
        &[traces(CLEAN)],
        true,
        "traces over HTTP, 358 bytes of JSON
  span test.load  internal, ok
      2026-09-21T14:13:20Z, lasted 3s
      trace 01020304…  span 01020304…
      test.rows                   7
1 request, 1 record; 0 findings, 0 refusals.
",
    );
}

#[test]
fn an_undeclared_request_is_shown_escaped_with_its_findings() {
    check(
        &[traces(HOSTILE)],
        false,
        r"traces over HTTP, 372 bytes of JSON
  resource
      host.name                   jane\u{1b}[2J\u{202e}
  span x\u{a}span y  internal, unset
      2026-09-21T14:13:20Z, lasted 3s
      trace 01020304…  span 01020304…
  finding resourceSpans[0].resource.attributes[0].key: an undeclared attribute, its name of 9 bytes
  finding resourceSpans[0].scopeSpans[0].spans[0].name: an undeclared span, its name of 8 bytes
1 request, 1 record; 2 findings, 0 refusals.
",
    );
}

#[test]
fn a_refusal_is_shown_and_not_clean() {
    let refusal = Refusal { protocol: Protocol::Grpc, head: head(), why: RefusalReason::TooLarge };
    check(
        &[Arrival::Refusal(refusal)],
        false,
        "refused POST /v1/traces over gRPC: over 1048576 bytes
0 requests, 0 records; 0 findings, 1 refusal.
",
    );
}

#[test]
fn each_json_line_is_an_object_with_a_type() {
    let mut text = Vec::new();
    let registries = [&REGISTRY];
    let mut show = RequestPrinter::new(&mut text, true, &registries);
    show.listening(([127, 0, 0, 1], 4317).into(), ([127, 0, 0, 1], 4318).into()).unwrap();
    show.arrival(&traces(HOSTILE)).unwrap();
    show.arrival(&Arrival::Refusal(Refusal { protocol: Protocol::Grpc, head: head(), why: RefusalReason::Path }))
        .unwrap();
    show.end().unwrap();
    let text = String::from_utf8(text).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let types: Vec<&str> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["listening", "request", "span", "finding", "finding", "refusal", "end"]);
    assert_eq!(lines[0]["grpc"], "127.0.0.1:4317");
    assert_eq!(lines[1]["headers"], serde_json::json!([{"key": "x-key", "value": "one"}]));
    assert_eq!((&lines[2]["name"], &lines[2]["start"]), (&"x\nspan y".into(), &"1790000000000000000".into()));
    assert_eq!(lines[2]["resource"], serde_json::json!([{"key": "host.name", "value": "jane\u{1b}[2J\u{202e}"}]));
    assert_eq!(lines[5]["path"], "/v1/traces");
    let end = serde_json::json!({"type": "end", "requests": 1, "records": 1, "findings": 2, "refusals": 1});
    assert_eq!(lines[6], end);
}

#[test]
fn no_requests_are_clean() {
    assert!(Totals::default().is_clean());
    check(&[], true, "0 requests, 0 records; 0 findings, 0 refusals.\n");
}

#[test]
fn long_text_is_cut() {
    let mut text = Vec::new();
    let registries = [&REGISTRY];
    let mut show = RequestPrinter::new(&mut text, false, &registries);
    let path = format!("/{}", "a".repeat(100_000));
    let refusal = Refusal { protocol: Protocol::Http, head: Head { path, ..head() }, why: RefusalReason::Path };
    show.arrival(&Arrival::Refusal(refusal)).unwrap();
    assert!(text.len() < 500, "{}", text.len());
}

//! What a receiver sees of `forward`: constant headers, and the very bytes of our own encoder.

mod support;

use scruple::forward::Forward;
use scruple::registry::SignalKind;
use support::{Arrived, RECORDS, encoded, grpc, http, send};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The requests that arrived, by path, each with its head; the order in which the two signals arrive is chance.
fn sorted(mut arrived: Vec<Arrived>) -> Vec<Arrived> {
    arrived.sort_by(|a, b| b.head.cmp(&a.head));
    arrived
}

/// The batch of the program's events in one message. The envelope is the same for each, so the second record is
/// compared as a part of the message.
fn check(arrived: Vec<Arrived>, heads: [Vec<String>; 2]) {
    let arrived = sorted(arrived);
    let encoded = encoded(scruple::Builder::span_events);
    let of = |kind| encoded.iter().filter(move |(k, _)| *k == kind).map(|(_, bytes)| bytes.clone());
    let [spans, events] = arrived.as_slice() else { panic!("{arrived:?}") };
    assert_eq!([strip(&spans.head), strip(&events.head)], heads);
    assert_eq!(vec![spans.message.clone()], of(SignalKind::Span).collect::<Vec<_>>());
    assert_eq!(join(of(SignalKind::Event)), events.message);
}

/// A head without what depends on the port and the body's length.
fn strip(head: &[String]) -> Vec<String> {
    let constant = |line: &&String| !line.starts_with("host: 127.0.0.1:") && !line.starts_with("content-length: ");
    let mut lines: Vec<_> = head.iter().filter(constant).cloned().collect();
    lines[1..].sort();
    lines
}

/// Several requests with the same resource and scope as one.
fn join(requests: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
    use prost::Message;
    let join = |mut all: ExportLogsServiceRequest, bytes: Vec<u8>| {
        let mut next = ExportLogsServiceRequest::decode(bytes.as_slice()).unwrap();
        let records = std::mem::take(&mut next.resource_logs[0].scope_logs[0].log_records);
        if all.resource_logs.is_empty() {
            all.resource_logs = next.resource_logs;
        }
        all.resource_logs[0].scope_logs[0].log_records.extend(records);
        all
    };
    requests.fold(ExportLogsServiceRequest::default(), join).encode_to_vec()
}

#[test]
fn http_carries_what_encode_writes_under_constant_headers() {
    let server = http::Server::start(http::Answer::Bytes(http::answer("200 OK", "", b"")));
    let deliveries = send(&server.url, Forward::http(), |builder| builder.span_events().budget(support::LONG));
    let head = |path: &str| {
        vec![
            format!("POST {path} HTTP/1.1"),
            "content-type: application/x-protobuf".to_owned(),
            format!("user-agent: scruple/{VERSION}"),
        ]
    };
    check(server.take(), [head("/v1/traces"), head("/v1/logs")]);
    assert_eq!((deliveries.sent(), deliveries.waiting()), (RECORDS, 0));
}

#[test]
fn grpc_carries_what_encode_writes_under_constant_headers() {
    let server = grpc::Server::start(grpc::ok(b""));
    let deliveries = send(&server.url, Forward::grpc(), |builder| builder.span_events().budget(support::LONG));
    let head = |service: &str| {
        vec![
            format!("POST /opentelemetry.proto.collector.{service}/Export"),
            "content-type: application/grpc".to_owned(),
            "te: trailers".to_owned(),
            format!("user-agent: scruple/{VERSION} tonic/0.14.9"),
        ]
    };
    check(server.take(), [head("trace.v1.TraceService"), head("logs.v1.LogsService")]);
    assert_eq!((deliveries.sent(), deliveries.waiting()), (RECORDS, 0));
}

#[test]
fn an_endpoints_path_stands_before_the_signals() {
    let server = http::Server::start(http::Answer::Bytes(http::answer("200 OK", "", b"")));
    send(&format!("{}/otlp/", server.url), Forward::http(), |builder| builder.budget(support::LONG));
    let first: Vec<_> = sorted(server.take()).iter().map(|arrived| arrived.head[0].clone()).collect();
    assert_eq!(first, ["POST /otlp/v1/traces HTTP/1.1", "POST /otlp/v1/logs HTTP/1.1"]);
}

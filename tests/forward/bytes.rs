//! What a receiver sees of `forward`: constant headers, and the very bytes of our own encoder.

use crate::support::{RECORDS, REGISTRY, encoded, rehearsal, send};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use scruple::forward::{Forward, ForwardCounts};
use scruple::registry::SignalKind;
use scruple_fixtures::{Arrived, LONG, grpc, http, trials};
use std::thread;
use std::time::Duration;
use tracing_subscriber::prelude::*;

trials! {
    http_sends_the_encoders_bytes_under_constant_headers,
    grpc_sends_the_encoders_bytes_under_constant_headers,
    an_endpoints_path_stands_before_the_signals,
    every_record_arrives_once_or_is_counted_as_lost,
}

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

/// A head without what depends on the port, the body's length and the version of tonic.
fn strip(head: &[String]) -> Vec<String> {
    let constant = |line: &&String| !line.starts_with("host: 127.0.0.1:") && !line.starts_with("content-length: ");
    let without_version = |line: &String| match line.split_once(" tonic/") {
        Some((ours, _)) => format!("{ours} tonic/"),
        None => line.clone(),
    };
    let mut lines: Vec<_> = head.iter().filter(constant).map(without_version).collect();
    lines[1..].sort();
    lines
}

/// Several requests with the same resource and scope as one.
fn join(requests: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
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

fn send_with_events(url: &str, forward: Forward) -> ForwardCounts {
    send(url, forward, |builder| builder.span_events().shutdown_timeout(LONG))
}

fn http_sends_the_encoders_bytes_under_constant_headers() {
    let server = http::Server::start(http::Answer::Bytes(http::answer("200 OK", "", b"")));
    let deliveries = send_with_events(&server.url, Forward::http());
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

fn grpc_sends_the_encoders_bytes_under_constant_headers() {
    let server = grpc::GrpcServer::start(grpc::ok(b""));
    let deliveries = send_with_events(&server.url, Forward::grpc());
    let head = |service: &str| {
        vec![
            format!("POST /opentelemetry.proto.collector.{service}/Export"),
            "content-type: application/grpc".to_owned(),
            "te: trailers".to_owned(),
            format!("user-agent: scruple/{VERSION} tonic/"),
        ]
    };
    check(server.take(), [head("trace.v1.TraceService"), head("logs.v1.LogsService")]);
    assert_eq!((deliveries.sent(), deliveries.waiting()), (RECORDS, 0));
}

fn an_endpoints_path_stands_before_the_signals() {
    let server = http::Server::start(http::Answer::Bytes(http::answer("200 OK", "", b"")));
    send(&format!("{}/otlp/", server.url), Forward::http(), |builder| builder.shutdown_timeout(LONG));
    let first: Vec<_> = sorted(server.take()).iter().map(|arrived| arrived.head[0].clone()).collect();
    assert_eq!(first, ["POST /otlp/v1/traces HTTP/1.1", "POST /otlp/v1/logs HTTP/1.1"]);
}

fn every_record_arrives_once_or_is_counted_as_lost() {
    let server = http::Server::start(http::Answer::Bytes(http::answer("200 OK", "", b"")));
    let forward = Forward::http().queue(600).delay(Duration::from_millis(1));
    let deliveries = forward.deliveries();
    let builder = scruple::start(&REGISTRY).rehearsal(rehearsal()).endpoint(&server.url).export(forward);
    let telemetry = builder.shutdown_timeout(LONG).build();
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    let dispatch = tracing::Dispatch::new(subscriber);
    thread::scope(|threads| {
        for _ in 0..4 {
            let dispatch = dispatch.clone();
            threads.spawn(move || {
                tracing::dispatcher::with_default(&dispatch, || (0..500).for_each(|_| crate::support::program()));
            });
        }
        // The end comes while records arrive, however slow the machine is.
        while deliveries.sent() == 0 {
            thread::sleep(Duration::from_millis(1));
        }
        drop(telemetry);
    });
    let arrived: usize = server.take().iter().map(|arrived| records(&arrived.message)).sum();
    assert_eq!((arrived as u64, deliveries.waiting()), (deliveries.sent(), 0));
    assert!(arrived > 0);
}

/// How many records a message has; the two signals' messages have the same shape down to them.
fn records(message: &[u8]) -> usize {
    let request = ExportLogsServiceRequest::decode(message).map_or(0, |request| {
        request.resource_logs.iter().flat_map(|part| &part.scope_logs).map(|scope| scope.log_records.len()).sum()
    });
    let spans = ExportTraceServiceRequest::decode(message).map_or(0, |request| {
        request.resource_spans.iter().flat_map(|part| &part.scope_spans).map(|scope| scope.spans.len()).sum()
    });
    request.max(spans)
}

//! Each record arrives or is counted as lost, whatever the receiver does to a busy server.

use crate::process::{Ended, end, started};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use scruple_fixtures::grpc::{self, GrpcAnswer, GrpcServer};
use scruple_fixtures::{
    Arrived,
    http::{Answer, Server, answer},
    trials,
};
use std::time::Duration;

trials! {
    with_a_receiver_that_is_up,
    with_a_slow_receiver,
    with_a_receiver_that_stops,
    with_a_receiver_that_fails_for_a_moment,
    with_a_receiver_that_is_down,
    a_receiver_that_never_answers_holds_up_no_record_and_fills_no_memory,
}

/// The number of records in a request.
fn records(request: &Arrived) -> u64 {
    let body = request.message.as_slice();
    let records = if request.head[0].contains("/v1/logs") || request.head[0].contains("LogsService") {
        let request = ExportLogsServiceRequest::decode(body).unwrap();
        request.resource_logs.iter().flat_map(|part| &part.scope_logs).map(|scope| scope.log_records.len()).sum()
    } else {
        let request = ExportTraceServiceRequest::decode(body).unwrap();
        request.resource_spans.iter().flat_map(|part| &part.scope_spans).map(|scope| scope.spans.len()).sum::<usize>()
    };
    records as u64
}

/// The numbers that a server prints.
fn numbers<const N: usize>(role: &str, way: &str, url: &str) -> [u64; N] {
    let Ended { code, stdout, stderr } = end(started(role, way, url));
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{way}");
    let numbers: Vec<u64> = stdout.split_whitespace().map(|number| number.parse().unwrap()).collect();
    numbers.try_into().unwrap()
}

/// Those of a server that ends: made, sent, lost.
fn serve(role: &str, way: &str, url: &str) -> [u64; 3] {
    let [made, sent, lost] = numbers(role, way, url);
    assert_eq!(sent + lost, made, "{way}");
    [made, sent, lost]
}

fn a_receiver_that_never_answers_holds_up_no_record_and_fills_no_memory() {
    let (http, grpc) = (Server::start(Answer::Silence), GrpcServer::start(GrpcAnswer::default()));
    for (way, url) in [("http", &http.url), ("grpc", &grpc.url)] {
        let [made, waiting, full, told, grown] = numbers("unanswered", way, url);
        // No request has ended, so nothing else can have become of a record: none waited for that.
        assert_eq!((waiting + full, told), (made, full), "{way}");
        assert!(waiting <= 2 * (2048 + 512), "{way}: {waiting}");
        assert!(grown < 4096, "{way}: {grown} KiB");
    }
}

/// How many records a server has sent to a receiver of calls, and how many it accepted.
fn calls(role: &str, answers: Vec<GrpcAnswer>) -> (u64, u64) {
    let receiver = GrpcServer::start_each(answers.clone());
    let [_, sent, _] = serve(role, "grpc", &receiver.url);
    let answer = |call: usize| answers.get(call).or(answers.last()).unwrap();
    let is_ok = |call: usize| answer(call).trailers.iter().any(|(_, status)| status == "0");
    let arrived =
        receiver.take().iter().enumerate().filter(|(call, _)| is_ok(*call)).map(|(_, one)| records(one)).sum();
    (sent, arrived)
}

fn with_a_receiver_that_is_up() {
    let (sent, arrived) = calls("patient", vec![grpc::ok(b"")]);
    assert_eq!(sent, arrived);
    let receiver = Server::start(Answer::Bytes(answer("200 OK", "", b"")));
    let [_, sent, _] = serve("patient", "http", &receiver.url);
    assert_eq!(sent, receiver.take().iter().map(records).sum::<u64>());
}

fn with_a_slow_receiver() {
    let slow = GrpcAnswer { after: Duration::from_millis(70), ..grpc::ok(b"") };
    let (sent, arrived) = calls("busy_server", vec![slow]);
    check_broken_off(sent, arrived);
}

/// Only a request that the end breaks off may be accepted and counted as lost: one for each signal.
fn check_broken_off(sent: u64, arrived: u64) {
    assert!((sent..=sent + 2 * 512).contains(&arrived), "{sent} sent, {arrived} arrived");
}

fn with_a_receiver_that_stops() {
    let (sent, arrived) =
        calls("busy_server", vec![grpc::ok(b""), grpc::ok(b""), grpc::ok(b""), GrpcAnswer::default()]);
    check_broken_off(sent, arrived);
}

fn with_a_receiver_that_fails_for_a_moment() {
    let (sent, arrived) = calls("patient", vec![grpc::ok(b""), grpc::code(14), grpc::code(14), grpc::ok(b"")]);
    assert_eq!(sent, arrived);
}

fn with_a_receiver_that_is_down() {
    for way in ["http", "grpc"] {
        let [made, sent, lost] = serve("busy_server", way, "http://127.0.0.1:1");
        assert_eq!((sent, lost), (0, made), "{way}");
    }
}

//! Whatever an endpoint does, the program ends, and the counts say what became of its records.

use crate::support::{RECORDS, send};
use opentelemetry_proto::tonic::collector::logs::v1::{ExportLogsPartialSuccess, ExportLogsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTracePartialSuccess, ExportTraceServiceResponse};
use prost::Message;
use scruple::{Builder, Forward, ForwardCounts, LossReason};
use scruple_fixtures::{
    LONG, grpc,
    http::{Answer, Server, answer},
    trials,
};
use std::net::TcpListener;
use std::time::Duration;

trials! {
    an_empty_success_is_a_success,
    an_error_status_loses_the_records_at_the_first_attempt,
    at_the_end_nothing_is_sent_twice,
    a_redirect_is_not_followed,
    a_partial_rejection_is_counted,
    more_rejected_than_sent_is_all_rejected,
    a_success_that_says_garbage_or_too_much_is_a_success,
    an_answer_that_is_not_http_is_counted,
    a_connection_that_breaks_off_is_no_connection,
    a_refused_connection_is_no_connection,
    the_budget_ends_the_wait_for_an_answer,
    the_timeout_ends_the_wait_for_an_answer,
}

/// The counts, in the order sent, lost by reason, on their way when the budget ended.
fn check(deliveries: &ForwardCounts, sent: u64, lost: &[(LossReason, u64)], waiting: u64) {
    let counts: Vec<_> = deliveries.iter().collect();
    assert_eq!((deliveries.sent(), counts.as_slice(), deliveries.waiting()), (sent, lost, waiting));
}

/// What comes of a program that has all the time it needs, and how many requests arrived.
fn http(behaviour: Answer, sent: u64, lost: &[(LossReason, u64)]) -> usize {
    let server = Server::start(behaviour);
    let deliveries = send(&server.url, Forward::http(), |builder| builder.shutdown_timeout(LONG));
    check(&deliveries, sent, lost, 0);
    server.take().len()
}

fn grpc(behaviour: grpc::GrpcAnswer, sent: u64, lost: &[(LossReason, u64)]) -> usize {
    let server = grpc::GrpcServer::start(behaviour);
    let deliveries = send(&server.url, Forward::grpc(), |builder| builder.shutdown_timeout(LONG));
    check(&deliveries, sent, lost, 0);
    server.take().len()
}

/// What comes of a program that has little time.
fn in_a_hurry(behaviour: Answer, forward: Forward) -> ForwardCounts {
    let server = Server::start(behaviour);
    send(&server.url, forward, |builder: Builder| builder.shutdown_timeout(Duration::from_millis(50)))
}

const ALL_REJECTED: &[(LossReason, u64)] = &[(LossReason::Rejected, RECORDS)];

fn an_empty_success_is_a_success() {
    http(Answer::Bytes(answer("200 OK", "", b"")), RECORDS, &[]);
    grpc(grpc::ok(b""), RECORDS, &[]);
}

fn an_error_status_loses_the_records_at_the_first_attempt() {
    for status in ["400 Bad Request", "401 Unauthorized", "404 Not Found", "413 Content Too Large", "500 Oops"] {
        assert_eq!(http(Answer::Bytes(answer(status, "", b"no")), 0, ALL_REJECTED), 2, "{status}");
    }
    for code in [2, 3, 7, 8, 12, 13, 16] {
        assert_eq!(grpc(grpc::code(code), 0, ALL_REJECTED), 2, "{code}");
    }
}

fn at_the_end_nothing_is_sent_twice() {
    for status in ["429 Too Many Requests", "502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout"] {
        let behaviour = Answer::Bytes(answer(status, "retry-after: 1\r\n", b""));
        assert_eq!(http(behaviour, 0, ALL_REJECTED), 2, "{status}");
    }
    for code in [1, 4, 10, 11, 14, 15] {
        assert_eq!(grpc(grpc::code(code), 0, ALL_REJECTED), 2, "{code}");
    }
}

fn a_redirect_is_not_followed() {
    let other = Server::start(Answer::Bytes(answer("200 OK", "", b"")));
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let location = format!("location: {}/v1/traces\r\n", other.url);
        assert_eq!(http(Answer::Bytes(answer(status, &location, b"")), 0, ALL_REJECTED), 2, "{status}");
    }
    assert_eq!(other.take(), []);
}

fn a_partial_rejection_is_counted() {
    // The two responses have the same fields: one answer does for both signals. A span is one record, so 1 of 1; the
    // events are 1 of 2.
    let partial_success =
        Some(ExportTracePartialSuccess { rejected_spans: 1, error_message: "one too many".to_owned() });
    let spans = ExportTraceServiceResponse { partial_success }.encode_to_vec();
    let partial_success =
        Some(ExportLogsPartialSuccess { rejected_log_records: 1, error_message: "one too many".to_owned() });
    assert_eq!(spans, ExportLogsServiceResponse { partial_success }.encode_to_vec());
    http(Answer::Bytes(answer("200 OK", "", &spans)), 1, &[(LossReason::Partial, 2)]);
    grpc(grpc::ok(&spans), 1, &[(LossReason::Partial, 2)]);
}

fn more_rejected_than_sent_is_all_rejected() {
    let partial_success = Some(ExportTracePartialSuccess { rejected_spans: i64::MAX, error_message: String::new() });
    let answered = ExportTraceServiceResponse { partial_success }.encode_to_vec();
    http(Answer::Bytes(answer("200 OK", "", &answered)), 0, &[(LossReason::Partial, RECORDS)]);
    let partial_success = Some(ExportTracePartialSuccess { rejected_spans: i64::MIN, error_message: String::new() });
    let answered = ExportTraceServiceResponse { partial_success }.encode_to_vec();
    http(Answer::Bytes(answer("200 OK", "", &answered)), RECORDS, &[]);
}

fn a_success_that_says_garbage_or_too_much_is_a_success() {
    http(Answer::Bytes(answer("200 OK", "", &[0xff; 100])), RECORDS, &[]);
    http(Answer::Bytes(answer("200 OK", "content-encoding: gzip\r\n", b"not gzip")), RECORDS, &[]);
    http(Answer::Endless, RECORDS, &[]);
    grpc(grpc::ok(&[0xff; 100]), RECORDS, &[]);
}

fn an_answer_that_is_not_http_is_counted() {
    http(Answer::Bytes(b"\x00\x01\x02 SSH-2.0 what?\r\n\r\n\r\n".to_vec()), 0, &[(LossReason::Unreadable, RECORDS)]);
}

fn a_connection_that_breaks_off_is_no_connection() {
    http(Answer::Close, 0, &[(LossReason::Unreachable, RECORDS)]);
    let server = Server::start(Answer::Close);
    let deliveries = send(&server.url, Forward::grpc(), |builder| builder.shutdown_timeout(LONG));
    check(&deliveries, 0, &[(LossReason::Unreachable, RECORDS)], 0);
}

fn a_refused_connection_is_no_connection() {
    let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap();
    for forward in [Forward::http(), Forward::grpc()] {
        let deliveries = send(&format!("http://{address}"), forward, |builder| builder.shutdown_timeout(LONG));
        check(&deliveries, 0, &[(LossReason::Unreachable, RECORDS)], 0);
    }
}

fn the_budget_ends_the_wait_for_an_answer() {
    for forward in [Forward::http(), Forward::grpc()] {
        let deliveries = in_a_hurry(Answer::Silence, forward.timeout(LONG));
        check(&deliveries, 0, &[(LossReason::TimedOut, RECORDS)], 0);
    }
    let deliveries = in_a_hurry(Answer::Trickle, Forward::http().timeout(LONG));
    check(&deliveries, 0, &[(LossReason::TimedOut, RECORDS)], 0);
}

fn the_timeout_ends_the_wait_for_an_answer() {
    for forward in [Forward::http(), Forward::grpc()] {
        let server = Server::start(Answer::Silence);
        let forward = forward.timeout(Duration::from_millis(50));
        let deliveries = send(&server.url, forward, |builder| builder.shutdown_timeout(LONG));
        check(&deliveries, 0, &[(LossReason::TimedOut, RECORDS)], 0);
    }
}

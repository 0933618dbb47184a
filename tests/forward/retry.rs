//! What OTLP allows to be sent again is; nothing leaves after a no.

use crate::support::{RECORDS, REGISTRY, program, rehearsal, run};
use scruple::{Forward, ForwardCounts, LossReason};
use scruple_fixtures::{
    LONG, grpc,
    http::{Answer, Server, answer},
    tls, trials, until,
};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use tracing_subscriber::prelude::*;

trials! {
    a_passing_failure_is_followed_by_the_same_request,
    a_passing_failure_of_a_call_is_followed_by_another,
    a_pause_longer_than_the_timeout_is_not_waited_for,
    exhausted_without_a_pause_is_final,
    nothing_is_sent_again_after_a_no,
    queued_records_never_leave_after_a_no,
    nothing_leaves_after_a_no_that_comes_before_the_handshake,
    a_connection_is_kept_and_one_that_was_closed_is_made_anew,
    records_over_a_full_queue_are_counted,
    a_rehearsal_opens_nothing_beyond_loopback,
}

/// Records the program, and lets it go on until its records have met their fate. `then` may look at it first.
fn check(
    endpoint: &str,
    forward: Forward,
    then: impl FnOnce(&scruple::Telemetry),
    sent: u64,
    lost: &[(LossReason, u64)],
) {
    let deliveries = forward.deliveries();
    let forward = forward.delay(Duration::from_millis(1));
    let telemetry = scruple::start(&REGISTRY).rehearsal(rehearsal()).endpoint(endpoint).export(forward).build();
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    tracing::subscriber::with_default(subscriber, program);
    then(&telemetry);
    until("all records sent or lost", || deliveries.waiting() == 0);
    assert_eq!((deliveries.sent(), deliveries.iter().collect::<Vec<_>>().as_slice()), (sent, lost));
}

fn a_passing_failure_is_followed_by_the_same_request() {
    let ok = || answer("200 OK", "", b"");
    for status in ["429 Too Many Requests", "502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout"] {
        let server = Server::start(Answer::Each(vec![answer(status, "", b""), ok()]));
        check(&server.url, Forward::http(), |_| {}, RECORDS, &[]);
        let arrived = server.take();
        let again = arrived.iter().skip(1).filter(|request| **request == arrived[0]).count();
        assert_eq!(again, 1, "{status}: {arrived:?}");
    }
}

fn a_passing_failure_of_a_call_is_followed_by_another() {
    let server = grpc::GrpcServer::start_each(vec![grpc::code(14), grpc::ok(b"")]);
    check(&server.url, Forward::grpc(), |_| {}, RECORDS, &[]);
}

fn a_pause_longer_than_the_timeout_is_not_waited_for() {
    let behaviour = Answer::Bytes(answer("429 Too Many Requests", "retry-after: 100000\r\n", b""));
    let server = Server::start(behaviour);
    check(&server.url, Forward::http(), |_| {}, 0, &[(LossReason::Rejected, RECORDS)]);
}

fn exhausted_without_a_pause_is_final() {
    let server = grpc::GrpcServer::start(grpc::code(8));
    check(&server.url, Forward::grpc(), |_| {}, 0, &[(LossReason::Rejected, RECORDS)]);
}

fn nothing_is_sent_again_after_a_no() {
    let behaviour = Answer::Bytes(answer("503 Service Unavailable", "retry-after: 1\r\n", b""));
    let server = Server::start(behaviour);
    let requests = || server.arrivals.lock().unwrap().len();
    let no = |telemetry: &scruple::Telemetry| {
        until("a request", || requests() > 0);
        telemetry.disable();
    };
    check(&server.url, Forward::http(), no, 0, &[(LossReason::Off, RECORDS)]);
    assert!(requests() <= 2, "one for each signal");
}

fn queued_records_never_leave_after_a_no() {
    for forward in [Forward::http(), Forward::grpc()] {
        let server = Server::start(Answer::Bytes(answer("200 OK", "", b"")));
        let deliveries = forward.deliveries();
        let forward = forward.delay(LONG);
        let builder = scruple::start(&REGISTRY).rehearsal(rehearsal()).endpoint(&server.url).export(forward);
        let telemetry = builder.shutdown_timeout(LONG).build();
        let subscriber = tracing_subscriber::registry().with(telemetry.layer());
        tracing::subscriber::with_default(subscriber, program);
        telemetry.disable();
        drop(telemetry);
        assert_eq!(deliveries.iter().collect::<Vec<_>>(), [(LossReason::Off, RECORDS)]);
        assert_eq!(server.take(), []);
    }
}

fn nothing_leaves_after_a_no_that_comes_before_the_handshake() {
    for (forward, protocol) in
        [(Forward::http as fn() -> Forward, b"http/1.1".as_slice()), (Forward::grpc as fn() -> Forward, b"h2")]
    {
        for says_no in [true, false] {
            let (pem, config) = tls::authority(protocol);
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
            let forward = forward().delay(Duration::from_millis(1)).timeout(LONG).certificate(pem);
            let deliveries = forward.deliveries();
            let builder = scruple::start(&REGISTRY).rehearsal(rehearsal()).endpoint(&url).export(forward);
            let telemetry = builder.shutdown_timeout(Duration::ZERO).build();
            let subscriber = tracing_subscriber::registry().with(telemetry.layer());
            tracing::subscriber::with_default(subscriber, || drop(tracing::info_span!("shop.order")));
            let (stream, _) = listener.accept().unwrap();
            if says_no {
                telemetry.disable();
                until("it is counted", || deliveries.lost(LossReason::Off) == 1);
            }
            assert_eq!(tls::receives(stream, config, b"shop.order"), !says_no);
        }
    }
}

/// Answers so many requests on each connection and closes it; gives how many connections there were.
fn after_which_it_closes(requests: usize) -> usize {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&connections);
    thread::spawn(move || {
        for stream in listener.incoming() {
            counted.fetch_add(1, Ordering::Relaxed);
            thread::spawn(move || {
                let mut stream = BufReader::new(stream.unwrap());
                for _ in 0..requests {
                    let (mut length, mut line) = (0, String::new());
                    while line != "\r\n" {
                        line.clear();
                        stream.read_line(&mut line).ok().filter(|read| *read > 0)?;
                        length =
                            line.strip_prefix("content-length: ").map_or(length, |text| text.trim().parse().unwrap());
                    }
                    stream.read_exact(&mut vec![0; length]).ok()?;
                    stream.get_mut().write_all(&answer("200 OK", "", b"")).ok()?;
                }
                Some(())
            });
        }
    });
    let forward = Forward::http().delay(Duration::from_millis(1));
    let deliveries = forward.deliveries();
    let telemetry = scruple::start(&REGISTRY).rehearsal(rehearsal()).endpoint(&url).export(forward).build();
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    tracing::subscriber::with_default(subscriber, || {
        for nth in 1..=10 {
            drop(tracing::info_span!("shop.order"));
            until("it is sent", || deliveries.sent() == nth);
        }
    });
    connections.load(Ordering::Relaxed)
}

fn a_connection_is_kept_and_one_that_was_closed_is_made_anew() {
    assert_eq!(after_which_it_closes(usize::MAX), 1);
    assert_eq!(after_which_it_closes(1), 10);
    assert_eq!(after_which_it_closes(3), 4);
}

fn records_over_a_full_queue_are_counted() {
    let server = Server::start(Answer::Silence);
    let forward = Forward::http().queue(1).timeout(LONG);
    let deliveries: ForwardCounts = forward.deliveries();
    let telemetry = scruple::start(&REGISTRY).rehearsal(rehearsal()).endpoint(&server.url).export(forward).build();
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    tracing::subscriber::with_default(subscriber, || (0..10).for_each(|_| program()));
    // One of each signal may be on its way and one may wait.
    assert!(deliveries.lost(LossReason::Full) >= 10 * RECORDS - 4, "{:?}", deliveries.iter().collect::<Vec<_>>());
    assert_eq!(deliveries.sent(), 0);
    drop(telemetry);
}

fn a_rehearsal_opens_nothing_beyond_loopback() {
    for forward in [Forward::http(), Forward::grpc()] {
        let builder = scruple::start(&REGISTRY).rehearsal(rehearsal()).endpoint("https://telemetry.shop.example");
        let telemetry = builder.export(forward).build();
        assert_eq!(telemetry.decision().reason, scruple::consent::Reason::BeyondLoopback);
        run(telemetry);
    }
}

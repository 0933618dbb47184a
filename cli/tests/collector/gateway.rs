//! A real Collector with gateway.yaml: what the program sends passes whole, and nothing else passes.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::components::declared;
use crate::components::demo;
use crate::components::forms::found;
use crate::components::planted::{self, Planted};
use crate::components::program::{self, Door, PRIVATE, Sent};
use crate::components::records::{behind_the_gateway, findings, findings_of, records};
use crate::components::{Collector, Left, validate, wait_for};
use scruple::check::{self, Format};
use scruple::forward::Forward;
use scruple::registry::SignalKind;
use scruple_cli::collector_config::{Backend, CollectorKind, Options, generate};
use scruple_cli::demo::usage::REGISTRY;

/// Everything that a Collector left, as one text.
fn all(left: &Left) -> String {
    [left.traces.join("\n"), left.logs.join("\n"), left.log.clone()].join("\n")
}

/// Runs the program against a gateway, and compares what it sent with the gateway's files.
fn check(forward: Forward, endpoint: fn(&Collector) -> &str, door: Door, span_events: bool) {
    let collector = Collector::gateway();
    let Sent { lines, deliveries } = program::run(endpoint(&collector), forward, door, span_events);
    assert_eq!((deliveries.sent(), deliveries.waiting()), (program::SPANS + program::EVENTS, 0), "{deliveries:?}");
    let left = collector.stop();
    let arrived = records(left.traces.iter().chain(&left.logs).map(String::as_str));
    assert_eq!(arrived, behind_the_gateway(lines.iter().map(String::as_str)));
    assert_eq!(findings(SignalKind::Span, &left.traces), BTreeSet::new());
    assert_eq!(findings(SignalKind::Event, &left.logs), BTreeSet::new());
    assert_eq!(found(PRIVATE, &all(&left)), [""; 0]);
}

/// Posts requests in both encodings, and says what is left and which markers are in it.
fn left_of(collector: Collector, requests: &[Planted]) -> (Left, BTreeSet<String>) {
    for request in requests {
        let path = if request.signal == SignalKind::Span { "/v1/traces" } else { "/v1/logs" };
        assert_eq!(collector.post(path, "application/json", &request.json), 200);
        assert_eq!(collector.post(path, "application/x-protobuf", &request.protobuf), 200);
    }
    let left = collector.stop();
    let markers = requests.iter().flat_map(|request| &request.markers).map(String::as_str);
    let seen = found(markers, &all(&left)).into_iter().map(str::to_owned).collect();
    (left, seen)
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn the_generated_configurations_are_valid() {
    for kind in CollectorKind::ALL {
        validate("collector", &[&format!("{}.yaml", kind.name())]);
    }
    validate("collector", &["jaeger.yaml"]);
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn a_programs_records_arrive_whole_by_each_protocol_from_each_door() {
    for door in [Door::Layer, Door::Sdk] {
        for span_events in [false, true] {
            check(Forward::http(), |collector| &collector.http, door, span_events);
            check(Forward::grpc(), |collector| &collector.grpc, door, span_events);
        }
    }
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn the_demos_shown_records_arrive_by_each_protocol_from_each_door() {
    for door in ["layer", "sdk"] {
        for protocol in ["http", "grpc"] {
            let collector = Collector::gateway();
            let to = if protocol == "http" { &collector.http } else { &collector.grpc };
            let left = demo::run(to, protocol, door);
            let kept = collector.stop();
            let seen = |signal, lines: &[String]| {
                let of = |line: &String| check::read(signal, Format::Json, line.as_bytes()).0;
                lines.iter().flat_map(of).collect::<Vec<_>>()
            };
            let [spans, events] = [seen(SignalKind::Span, &kept.traces), seen(SignalKind::Event, &kept.logs)];
            let on_spans = spans.iter().flat_map(|span| &span.events).count();
            assert_eq!((on_spans, demo::arrived(spans.into_iter().chain(events))), (4, left), "{protocol}, {door}");
            assert_eq!(findings(SignalKind::Span, &kept.traces), BTreeSet::new());
            assert_eq!(findings(SignalKind::Event, &kept.logs), BTreeSet::new());
            assert_eq!(found(demo::PRIVATE, &all(&kept)), [""; 0]);
        }
    }
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn no_marker_passes_and_without_the_cleaning_parts_all_do() {
    let now = now();
    let requests = [planted::traces(0, now), planted::traces(1, now), planted::traces(2, now), planted::logs(now)];
    let markers: BTreeSet<_> = requests.iter().flat_map(|request| request.markers.clone()).collect();
    let (left, passed) = left_of(Collector::gateway(), &requests);
    assert_eq!(passed, BTreeSet::new());
    // What is left is as declared, but for a scope version that was no version, and is now empty.
    let no_version = "version: not a version of scruple".to_owned();
    assert_eq!(findings(SignalKind::Span, &left.traces), BTreeSet::from([no_version.clone()]));
    assert_eq!(findings(SignalKind::Event, &left.logs), BTreeSet::from([no_version]));
    let (_, seen) = left_of(Collector::control(), &requests);
    assert_eq!(markers.difference(&seen).collect::<Vec<_>>(), [""; 0]);
    println!("{} markers: 0 passed, {} without the cleaning parts", markers.len(), seen.len());
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn every_declared_value_passes_whole_and_none_beyond() {
    let cases = declared::cases(REGISTRY, now());
    let collector = Collector::gateway();
    for case in &cases {
        assert_eq!(collector.post(case.path, "application/json", case.sent.to_string().as_bytes()), 200);
    }
    let left = collector.stop();
    let arrived = records(left.traces.iter().chain(&left.logs).map(String::as_str));
    let arrives: Vec<_> = cases.iter().map(|case| case.arrives.to_string()).collect();
    let expected = behind_the_gateway(arrives.iter().map(String::as_str));
    let differs = arrived.iter().zip(&expected).find(|(is, expected)| is != expected);
    assert!(arrived == expected, "{} and {}, first: {differs:#?}", arrived.len(), expected.len());
    let registry = declared::with_files(REGISTRY, arrives.iter().map(String::as_str));
    assert_eq!(findings_of(registry, SignalKind::Span, &left.traces), BTreeSet::new());
    assert_eq!(findings_of(registry, SignalKind::Event, &left.logs), BTreeSet::new());
    println!("{} records with one value each", arrived.len());
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn records_outside_the_registry_are_dropped() {
    const SECOND: u64 = 1_000_000_000;
    const DAY: u64 = 86_400 * SECOND;
    let now = now() * SECOND;
    let collector = Collector::gateway();
    let post = |trace: u8, span: u8, start: u64, end: u64, event: u64| {
        let request = planted::timed(trace, span, start, end, event);
        assert_eq!(collector.post("/v1/traces", "application/x-protobuf", &request[0]), 200);
        assert_eq!(collector.post("/v1/logs", "application/x-protobuf", &request[1]), 200);
    };
    // (start, end, event): inside the window, then each time beyond it.
    post(1, 1, now - 29 * DAY, now + SECOND, now - 29 * DAY);
    for beyond in [0, now - 31 * DAY, now + 2 * 3_600 * SECOND, i64::MAX as u64, 1 << 63, u64::MAX] {
        post(2, 2, beyond, beyond, beyond);
        post(2, 2, beyond, now, beyond);
        post(2, 2, now, beyond, beyond);
        // The span stays, its event does not.
        post(4, 4, now, now, beyond);
    }
    post(2, 2, now, now - SECOND, u64::MAX);
    // Inside the window, but without ids: a log does not need them.
    post(0, 3, now, now, 0);
    post(3, 0, now, now, 0);
    let left = collector.stop();
    let seen = |lines: &[String]| records(lines.iter().map(String::as_str)).len();
    assert_eq!((seen(&left.traces), seen(&left.logs)), (1 + 6, 1), "{:#?}", left.traces);
    let events = left.traces.iter().map(|line| line.matches("demo.profile.saved").count());
    assert_eq!(events.sum::<usize>(), 1, "{:#?}", left.traces);
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn an_invalid_request_is_refused_and_the_gateway_continues() {
    let collector = Collector::gateway();
    let post = |path: &str, body: &[u8]| collector.post(path, "application/x-protobuf", body);
    for path in ["/v1/traces", "/v1/logs"] {
        assert_eq!(post(path, b"planted_garbage_"), 400);
        assert_eq!(collector.post(path, "application/json", br#"{"planted_garbage_": "#), 400);
        assert_eq!(collector.post(path, "text/planted_garbage_", b"planted_garbage_"), 415);
        assert_eq!(post(path, &vec![b'x'; 2 << 20]), 400, "more than 1 MiB");
        assert_eq!(collector.post_gzip(path, &vec![0; 64 << 20]), 400, "more than 1 MiB when decompressed");
    }
    // The receiver's own answer where its words about a body are no UTF-8; clients do not come again for either.
    for body in [&b"\xef\xbb\xbf{}"[..], b"{\"planted_garbage_\": \xff}"] {
        assert_eq!(collector.post("/v1/traces", "application/json", body), 500);
    }
    for path in ["/v1/metrics", "/v1development/profiles", "/planted_garbage_"] {
        assert_eq!(post(path, b""), 404);
    }
    // An answer at all, and no 5xx, however deep.
    for depth in [10, 100, 10_000, 50_000] {
        let status = post("/v1/traces", &planted::deep(depth));
        assert!(matches!(status, 200 | 400), "{depth}: {status}");
    }
    let Sent { deliveries, .. } = program::run(&collector.grpc, Forward::grpc(), Door::Layer, false);
    assert_eq!(deliveries.sent(), program::SPANS + program::EVENTS, "it still runs");
    let left = collector.stop();
    assert_eq!(found(["planted_garbage_", "planted_deep_"], &all(&left)), [""; 0]);
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn a_backend_gets_what_the_gateway_keeps() {
    let backend = Collector::control();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gateway.yaml");
    let options = Options { backend: Some(Backend::Otlp), ..Options::of(CollectorKind::Gateway) };
    std::fs::write(&file, generate(REGISTRY, &[], &options)).unwrap();
    let collector = Collector::start(&[file.to_str().unwrap()], &[("SCRUPLE_BACKEND", backend.http.clone())]);
    let Sent { deliveries, .. } = program::run(&collector.http, Forward::http(), Door::Layer, true);
    assert_eq!(deliveries.waiting(), 0);
    let of = |left: &Left| records(left.traces.iter().chain(&left.logs).map(String::as_str));
    // The queue outlives the Collector on disk: who is asked to end does not empty it first.
    let whole = wait_for(|| Some(of(&backend.left())).filter(|it| it.len() as u64 == program::SPANS + program::EVENTS));
    assert!(whole.is_some(), "{:?}", of(&backend.left()));
    let kept = collector.stop();
    let passed_on = backend.stop();
    assert_eq!(of(&kept).len() as u64, program::SPANS + program::EVENTS);
    assert_eq!(of(&kept), of(&passed_on));
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// Says something in a header over gRPC, by hand: no client lets anybody say it.
fn grpc(collector: &Collector, headers: &[(&str, &str)]) {
    let frame = |kind: u8, flags: u8, stream: u8, payload: &[u8]| {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&length[1..], &[kind, flags, 0, 0, 0, stream], payload].concat()
    };
    // Header fields without a table and without a code (RFC 7541, section 6.2.2).
    let literal = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    let field = |(name, value): &(&str, &str)| [vec![0], literal(name), literal(value)].concat();
    let always = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/opentelemetry.proto.collector.trace.v1.TraceService/Export"),
        (":authority", "localhost"),
        ("te", "trailers"),
    ];
    let block: Vec<u8> = always.iter().chain(headers).flat_map(field).collect();
    let request = [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        frame(4, 0, 0, b""),
        frame(1, 4, 1, &block),
        // An empty message.
        frame(0, 1, 1, &[0; 5]),
    ];
    let mut stream = TcpStream::connect(collector.grpc.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(crate::components::DEADLINE)).unwrap();
    stream.write_all(&request.concat()).unwrap();
    let mut answer = Vec::new();
    let mut piece = [0; 1024];
    while !answer.windows(b"grpc-status".len()).any(|part| part == b"grpc-status") {
        let length = stream.read(&mut piece).unwrap();
        assert!(length > 0, "it answers: {answer:?}");
        answer.extend_from_slice(&piece[..length]);
        // The names of most answers are coded: who has ended the stream has answered.
        if answer.windows(9).any(|part| matches!(part, [_, _, _, 1, flags, 0, 0, 0, 1] if flags & 1 == 1)) {
            break;
        }
    }
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn no_header_of_grpc_is_in_the_log() {
    let collector = Collector::gateway();
    let plain = ("content-type", "application/grpc");
    grpc(&collector, &[plain, ("x-bin", "!!!planted_header_")]);
    grpc(&collector, &[plain, ("authorization-bin", "planted_header_ ")]);
    grpc(&collector, &[("content-type", "application/grpc+planted_header_")]);
    grpc(&collector, &[("content-type", "application/grpc;planted_header_")]);
    grpc(&collector, &[plain, ("planted_header_", "planted_header_"), ("user-agent", "planted_header_")]);
    let left = collector.stop();
    assert_eq!(found(["planted_header_"], &all(&left)), [""; 0], "{}", left.log);
}

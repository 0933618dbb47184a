//! The receiver's answers over HTTP, and the requests that it passes on.

use std::io::{Read, Write};
use std::net::TcpStream;

use flate2::Compression;
use flate2::write::GzEncoder;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use scruple::check::Format;
use scruple::registry::SignalKind;
use scruple_cli::receive::{Arrival, MAX_BYTES, Ports, Protocol, Receiver, RefusalReason, StartError, WAITING};

const SPAN: &str = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708","name":"demo.profile","kind":1,"startTimeUnixNano":"1000000000","endTimeUnixNano":"2000000000"}]}]}]}"#;
const LOG: &str =
    r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1000000000","eventName":"demo.crash"}]}]}]}"#;
const JSON: &str = "application/json";
const PROTOBUF: &str = "application/x-protobuf";

struct Sent<'s> {
    method: &'s str,
    path: &'s str,
    headers: &'s [(&'s str, &'s str)],
    body: &'s [u8],
}

const POST: Sent<'static> =
    Sent { method: "POST", path: "/v1/traces", headers: &[("content-type", JSON)], body: b"{}" };

/// Sends a request; returns the answer's status, content type and body.
fn send(receiver: &Receiver, sent: &Sent<'_>) -> (u16, String, Vec<u8>) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
    let url = format!("http://{}{}", receiver.http_addr, sent.path);
    let request = sent
        .headers
        .iter()
        .fold(ureq::http::Request::builder().method(sent.method).uri(url), |request, (name, value)| {
            request.header(*name, *value)
        });
    let mut response = agent.run(request.body(sent.body).unwrap()).unwrap();
    let kind = response.headers().get("content-type").map_or("", |value| value.to_str().unwrap()).to_owned();
    let bytes = response.body_mut().read_to_vec().unwrap();
    (response.status().as_u16(), kind, bytes)
}

/// Sends one request to a new receiver, and compares the answer and the arrival: its bytes, or the reason of its refusal.
fn check(
    sent: &Sent<'_>,
    (status, kind, body): (u16, &str, &[u8]),
    handed: Result<(SignalKind, Format, &[u8]), RefusalReason>,
) {
    let receiver = Receiver::start(Ports::ANY).unwrap();
    let answer = send(&receiver, sent);
    assert_eq!(answer.0, status, "{}", String::from_utf8_lossy(&answer.2));
    assert_eq!((answer.1.as_str(), answer.2.as_slice()), (kind, body), "{}", String::from_utf8_lossy(&answer.2));
    match (receiver.arrivals.recv().unwrap(), handed) {
        (Arrival::Request(request), Ok((signal, format, bytes))) => {
            assert_eq!((request.signal, request.format, &request.bytes[..]), (signal, format, bytes));
            assert_eq!(request.protocol, Protocol::Http);
        }
        (Arrival::Refusal(refusal), Err(why)) => assert_eq!((refusal.protocol, refusal.why), (Protocol::Http, why)),
        (Arrival::Request(_), Err(why)) => panic!("accepted, not refused: {why}"),
        (Arrival::Refusal(refusal), Ok(_)) => panic!("refused: {}", refusal.why),
    }
}

/// As [`check`], for a refusal with the message of `why`, in JSON.
fn check_refused(sent: &Sent<'_>, status: u16, code: i32, why: RefusalReason) {
    let body = serde_json::json!({"code": code, "message": why.to_string()}).to_string();
    check(sent, (status, JSON, body.as_bytes()), Err(why));
}

fn protobuf() -> Vec<u8> {
    serde_json::from_str::<ExportTraceServiceRequest>(SPAN).unwrap().encode_to_vec()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn requests_are_passed_on_with_their_original_bytes() {
    let span = SPAN.as_bytes();
    check(&Sent { body: span, ..POST }, (200, JSON, b"{}"), Ok((SignalKind::Span, Format::Json, span)));
    let log = Sent { path: "/v1/logs", body: LOG.as_bytes(), ..POST };
    check(&log, (200, JSON, b"{}"), Ok((SignalKind::Event, Format::Json, LOG.as_bytes())));
    let body = protobuf();
    let sent = Sent { headers: &[("content-type", PROTOBUF)], body: &body, ..POST };
    check(&sent, (200, PROTOBUF, b""), Ok((SignalKind::Span, Format::Protobuf, &body)));
    let loose = Sent { headers: &[("content-type", "Application/JSON; charset=utf-8")], body: b" {} ", ..POST };
    check(&loose, (200, JSON, b"{}"), Ok((SignalKind::Span, Format::Json, b" {} ")));
    // An unknown protobuf field can be decoded: `check` reports it.
    let unknown = [body.as_slice(), &[0x7a, 0x01, 0x41]].concat();
    let sent = Sent { headers: &[("content-type", PROTOBUF)], body: &unknown, ..POST };
    check(&sent, (200, PROTOBUF, b""), Ok((SignalKind::Span, Format::Protobuf, &unknown)));
}

#[test]
fn gzip_is_decompressed() {
    let body = gzip(SPAN.as_bytes());
    let sent = Sent { headers: &[("content-type", JSON), ("content-encoding", "gzip")], body: &body, ..POST };
    check(&sent, (200, JSON, b"{}"), Ok((SignalKind::Span, Format::Json, SPAN.as_bytes())));
    let twice = [gzip(b"{"), gzip(b"}")].concat();
    check(&Sent { body: &twice, ..sent }, (200, JSON, b"{}"), Ok((SignalKind::Span, Format::Json, b"{}")));
}

#[test]
fn invalid_requests_are_refused() {
    let gzipped: &[(&str, &str)] = &[("content-type", JSON), ("content-encoding", "gzip")];
    let words = "EOF while parsing an object at line 1 column 1".to_owned();
    check_refused(&Sent { body: b"{", ..POST }, 400, 3, RefusalReason::Undecodable(words));
    let words = "expected value at line 1 column 1".to_owned();
    check_refused(&Sent { body: b"x", ..POST }, 400, 3, RefusalReason::Undecodable(words));
    let words = "invalid type: integer `5`, expected a sequence at line 1 column 18".to_owned();
    check_refused(&Sent { body: br#"{"resourceSpans":5}"#, ..POST }, 400, 3, RefusalReason::Undecodable(words));
    check_refused(&Sent { headers: gzipped, body: b"{}", ..POST }, 400, 3, RefusalReason::Unreadable);
    let cut = gzip(SPAN.as_bytes());
    check_refused(&Sent { headers: gzipped, body: &cut[..cut.len() - 9], ..POST }, 400, 3, RefusalReason::Unreadable);
    check_refused(&Sent { headers: &[], ..POST }, 415, 3, RefusalReason::ContentType);
    check_refused(&Sent { headers: &[("content-type", "text/plain")], ..POST }, 415, 3, RefusalReason::ContentType);
    let encoded: &[(&str, &str)] = &[("content-type", JSON), ("content-encoding", "br")];
    check_refused(&Sent { headers: encoded, ..POST }, 415, 3, RefusalReason::ContentEncoding);
    for path in ["/", "/v1/metrics", "/v1/traces/", "/v1/traces/1", "/V1/traces", "/v1/../v1/traces"] {
        check_refused(&Sent { path, ..POST }, 404, 5, RefusalReason::Path);
    }
    for method in ["PUT", "DELETE", "OPTIONS"] {
        check_refused(&Sent { method, ..POST }, 405, 12, RefusalReason::Method);
    }
}

/// RFC 9110, section 15.5.6.
#[test]
fn a_refused_method_is_answered_with_the_allowed_one() {
    let receiver = Receiver::start(Ports::ANY).unwrap();
    let mut connection = TcpStream::connect(receiver.http_addr).unwrap();
    let request = b"PUT /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    connection.write_all(request).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 405 ") && answer.contains("\r\nallow: POST\r\n"), "{answer}");
}

#[test]
fn a_refusal_has_the_format_of_its_request() {
    let why = RefusalReason::Undecodable("failed to decode Protobuf message: invalid wire type value: 6".into());
    let words = why.to_string();
    let status = [&[0x08, 3, 0x12, u8::try_from(words.len()).unwrap()], words.as_bytes()].concat();
    let sent = Sent { headers: &[("content-type", PROTOBUF)], body: &[0x0e], ..POST };
    check(&sent, (400, PROTOBUF, &status), Err(why));
}

#[test]
fn the_limit_of_a_body_holds_before_and_after_decompression() {
    let padded = |length: usize| format!("{}{}", SPAN, " ".repeat(length - SPAN.len())).into_bytes();
    let most = padded(MAX_BYTES);
    check(&Sent { body: &most, ..POST }, (200, JSON, b"{}"), Ok((SignalKind::Span, Format::Json, &most)));
    check_refused(&Sent { body: &padded(MAX_BYTES + 1), ..POST }, 413, 8, RefusalReason::TooLarge);
    check_refused(&Sent { body: &padded(8 * MAX_BYTES), ..POST }, 413, 8, RefusalReason::TooLarge);
    check_refused(&Sent { path: "/v1/metrics", body: &padded(8 * MAX_BYTES), ..POST }, 404, 5, RefusalReason::Path);
    let gzipped = Sent { headers: &[("content-type", JSON), ("content-encoding", "gzip")], ..POST };
    let small = gzip(&most);
    check(&Sent { body: &small, ..gzipped }, (200, JSON, b"{}"), Ok((SignalKind::Span, Format::Json, &most)));
    check_refused(&Sent { body: &gzip(&padded(MAX_BYTES + 1)), ..gzipped }, 413, 8, RefusalReason::TooLarge);
    let bomb = gzip(&vec![b' '; 64 * MAX_BYTES]);
    assert!(bomb.len() < MAX_BYTES, "{}", bomb.len());
    check_refused(&Sent { body: &bomb, ..gzipped }, 413, 8, RefusalReason::TooLarge);
}

#[test]
fn a_truncated_body_is_refused_and_the_receiver_continues() {
    let receiver = Receiver::start(Ports::ANY).unwrap();
    let mut stream = TcpStream::connect(receiver.http_addr).unwrap();
    stream
        .write_all(
            b"POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
        )
        .unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    stream.read_to_end(&mut Vec::new()).unwrap();
    assert_eq!(send(&receiver, &POST).0, 200);
}

#[test]
fn headers_are_kept_in_their_order() {
    let receiver = Receiver::start(Ports::ANY).unwrap();
    send(
        &receiver,
        &Sent {
            headers: &[("content-type", JSON), ("x-key", "one"), ("user-agent", "test/1")],
            path: "/v1/traces?a=b",
            ..POST
        },
    );
    let Arrival::Request(request) = receiver.arrivals.recv().unwrap() else { panic!("refused") };
    assert_eq!((request.head.method.as_str(), request.head.path.as_str()), ("POST", "/v1/traces?a=b"));
    for (name, value) in [("content-type", JSON), ("x-key", "one"), ("user-agent", "test/1"), ("content-length", "2")] {
        assert!(request.head.headers.contains(&(name.into(), value.into())), "{:?}", request.head.headers);
    }
}

#[test]
fn a_full_queue_answers_with_retry_after() {
    let receiver = Receiver::start(Ports::ANY).unwrap();
    assert!((0..WAITING).all(|_| send(&receiver, &POST).0 == 200));
    let (status, _, body) = send(&receiver, &POST);
    assert_eq!((status, body), (503, br#"{"code":14,"message":"the queue is full: try again"}"#.to_vec()));
    assert!(receiver.arrivals.recv().is_ok());
    assert_eq!(send(&receiver, &POST).0, 200);
}

#[test]
fn requests_in_the_queue_can_be_received_after_the_stop() {
    let receiver = Receiver::start(Ports::ANY).unwrap();
    assert_eq!(send(&receiver, &POST).0, 200);
    receiver.stopper().stop();
    assert_eq!(receiver.arrivals.iter().count(), 1);
    assert!(TcpStream::connect(receiver.http_addr).is_err());
    assert!(TcpStream::connect(receiver.grpc_addr).is_err());
}

#[test]
fn a_dropped_receiver_closes_its_ports_also_inside_a_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let address = runtime.block_on(async { Receiver::start(Ports::ANY).unwrap().http_addr });
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_port_in_use_is_an_error_with_a_remedy() {
    let taken = Receiver::start(Ports::ANY).unwrap();
    let refused = |ports: Ports| Receiver::start(ports).map(|_| ()).unwrap_err();
    let (grpc, http) = (taken.grpc_addr.port(), taken.http_addr.port());
    let error = refused(Ports { grpc, http: 0 });
    assert_eq!(error, StartError::Port(Protocol::Grpc, grpc, std::io::ErrorKind::AddrInUse));
    let words = format!(
        "port {grpc} for gRPC is in use by another program; choose another port with --grpc-port N, or any free port with --grpc-port 0"
    );
    assert_eq!(error.to_string(), words);
    let words = format!(
        "port {http} for HTTP is in use by another program; choose another port with --http-port N, or any free port with --http-port 0"
    );
    assert_eq!(refused(Ports { grpc: 0, http }).to_string(), words);
}

//! The receiver's answers over gRPC, and the requests that it passes on.

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_client::LogsServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message;
use scruple::check::Format;
use scruple::forward::RawBytes;
use scruple::registry::SignalKind;
use scruple_cli::receive::{Arrival, MAX_BYTES, Ports, Protocol, Receiver, RefusalReason, Request};
use tonic::codec::CompressionEncoding;
use tonic::transport::Channel;
use tonic::{Code, Status};

const TRACES: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const LOGS: &str = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

/// Sends bytes to a new receiver; returns the answer's bytes or status, and the arrival.
async fn send(path: &'static str, bytes: Vec<u8>, gzip: bool) -> (Result<Vec<u8>, Status>, Arrival) {
    let receiver = Receiver::start(Ports::ANY).unwrap();
    let mut client = tonic::client::Grpc::new(connect(&receiver).await);
    if gzip {
        client = client.send_compressed(CompressionEncoding::Gzip);
    }
    client.ready().await.unwrap();
    let path = tonic::codegen::http::uri::PathAndQuery::from_static(path);
    let answer = client.unary(tonic::Request::new(Bytes::from(bytes)), path, RawBytes).await;
    (answer.map(|answer| answer.into_inner().to_vec()), receiver.arrivals.recv().unwrap())
}

async fn connect(receiver: &Receiver) -> Channel {
    Channel::from_shared(format!("http://{}", receiver.grpc_addr)).unwrap().connect().await.unwrap()
}

/// Sends bytes, and compares the signal that was passed on, or the status and its message.
async fn check(path: &'static str, bytes: Vec<u8>, gzip: bool, expected: Result<SignalKind, (Code, &str)>) {
    match (send(path, bytes.clone(), gzip).await, expected) {
        ((Ok(answer), Arrival::Request(request)), Ok(signal)) => {
            assert!(answer.is_empty());
            assert_eq!((request.signal, request.format, &request.bytes[..]), (signal, Format::Protobuf, &bytes[..]));
            assert_eq!((request.protocol, request.head.path.as_str()), (Protocol::Grpc, path));
        }
        ((Err(status), Arrival::Refusal(refusal)), Err((code, words))) => {
            assert_eq!((status.code(), status.message()), (code, words));
            assert_eq!((refusal.protocol, refusal.head.path.as_str()), (Protocol::Grpc, path));
            match refusal.why {
                RefusalReason::Grpc(code_of, message) => assert_eq!((code_of, message.as_str()), (code, words)),
                why => assert!(matches!(why, RefusalReason::TooLarge | RefusalReason::Path), "{why}"),
            }
        }
        ((Ok(_), _), expected) => panic!("accepted, expected {expected:?}"),
        ((Err(status), _), expected) => panic!("{status}, expected {expected:?}"),
    }
}

fn span() -> ExportTraceServiceRequest {
    let span = Span { name: "demo.profile".into(), ..Span::default() };
    let scope_spans = vec![ScopeSpans { spans: vec![span], ..ScopeSpans::default() }];
    ExportTraceServiceRequest { resource_spans: vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }] }
}

#[tokio::test]
async fn requests_are_passed_on_with_their_original_bytes() {
    check(TRACES, span().encode_to_vec(), false, Ok(SignalKind::Span)).await;
    check(TRACES, span().encode_to_vec(), true, Ok(SignalKind::Span)).await;
    check(TRACES, Vec::new(), false, Ok(SignalKind::Span)).await;
    check(LOGS, Vec::new(), false, Ok(SignalKind::Event)).await;
    check(TRACES, [&span().encode_to_vec()[..], &[0x7a, 0x01, 0x41]].concat(), false, Ok(SignalKind::Span)).await;
}

#[tokio::test]
async fn invalid_requests_are_refused() {
    let words = "the body can't be decoded: failed to decode Protobuf message: invalid wire type value: 6";
    check(TRACES, vec![0x0e], false, Err((Code::InvalidArgument, words))).await;
    let words = "unknown method: use TraceService/Export or LogsService/Export";
    let metrics = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
    check(metrics, Vec::new(), false, Err((Code::Unimplemented, words))).await;
    check("/v1/traces", Vec::new(), false, Err((Code::Unimplemented, words))).await;
}

#[tokio::test]
async fn the_limit_of_a_message_holds_before_and_after_decompression() {
    // An unknown field can have any length.
    let padded = |length: usize| {
        let mut bytes = vec![0x7a];
        prost::encoding::encode_varint((length - 4) as u64, &mut bytes);
        bytes.resize(length, b' ');
        bytes
    };
    check(TRACES, padded(MAX_BYTES), false, Ok(SignalKind::Span)).await;
    check(TRACES, padded(MAX_BYTES), true, Ok(SignalKind::Span)).await;
    let words = "over 1048576 bytes";
    check(TRACES, vec![b' '; MAX_BYTES + 1], false, Err((Code::ResourceExhausted, words))).await;
    check(TRACES, vec![b' '; MAX_BYTES + 1], true, Err((Code::ResourceExhausted, words))).await;
    check(TRACES, vec![b' '; 64 * MAX_BYTES], true, Err((Code::ResourceExhausted, words))).await;
}

#[tokio::test]
async fn stock_clients_are_served_and_their_headers_are_kept() {
    let receiver = Receiver::start(Ports::ANY).unwrap();
    let channel = connect(&receiver).await;
    let mut request = tonic::Request::new(span());
    request.metadata_mut().insert("x-key", "one".parse().unwrap());
    TraceServiceClient::new(channel.clone()).export(request).await.unwrap();
    LogsServiceClient::new(channel).export(ExportLogsServiceRequest::default()).await.unwrap();
    let taken: Vec<Request> = (0..2)
        .map(|_| match receiver.arrivals.recv().unwrap() {
            Arrival::Request(request) => request,
            Arrival::Refusal(refusal) => panic!("{}", refusal.why),
        })
        .collect();
    assert_eq!(taken[0].bytes, span().encode_to_vec());
    assert_eq!((taken[0].signal, taken[1].signal), (SignalKind::Span, SignalKind::Event));
    for header in [("x-key", "one"), ("content-type", "application/grpc")] {
        assert!(taken[0].head.headers.contains(&(header.0.into(), header.1.into())), "{:?}", taken[0].head.headers);
    }
}

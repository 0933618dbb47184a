//! OTLP/gRPC: two services, each with the method `Export`, whose messages are kept as raw bytes.

use std::pin::Pin;

use bytes::Bytes;
use http::{Request, Response};
use scruple::check::Format;
use scruple::forward::RawBytes;
use scruple::registry::SignalKind;
use tonic::body::Body;
use tonic::codec::CompressionEncoding;
use tonic::server::{Grpc, UnaryService};
use tonic::{Code, Status};

use super::arrival::{self, Head, Inbox, MAX_BYTES, Protocol, RefusalReason};
use super::body;

/// Answers the methods of OTLP/gRPC; all other requests are refused.
pub(super) async fn answer(inbox: Inbox, request: Request<Body>) -> Response<Body> {
    match request.uri().path() {
        "/opentelemetry.proto.collector.trace.v1.TraceService/Export" => export(inbox, request, SignalKind::Span).await,
        "/opentelemetry.proto.collector.logs.v1.LogsService/Export" => export(inbox, request, SignalKind::Event).await,
        _ => {
            inbox.refuse(Protocol::Grpc, Head::of(&request), RefusalReason::Path);
            Status::unimplemented("unknown method: use TraceService/Export or LogsService/Export").into_http()
        }
    }
}

async fn export(inbox: Inbox, request: Request<Body>, signal: SignalKind) -> Response<Body> {
    let head = Head::of(&request);
    let mut grpc =
        Grpc::new(RawBytes).accept_compressed(CompressionEncoding::Gzip).max_decoding_message_size(MAX_BYTES);
    let answer = grpc.unary(Export { inbox: inbox.clone(), signal, head: head.clone() }, request).await;
    let Some(status) = Status::from_header_map(answer.headers()).filter(|status| status.code() != Code::Ok) else {
        return answer;
    };
    // The library answers OUT_OF_RANGE, after which OTLP's senders retry the same request.
    if matches!(status.code(), Code::OutOfRange | Code::ResourceExhausted) {
        let answer = Status::resource_exhausted(RefusalReason::TooLarge.to_string()).into_http();
        inbox.refuse(Protocol::Grpc, head, RefusalReason::TooLarge);
        return answer;
    }
    inbox.refuse(Protocol::Grpc, head, RefusalReason::Grpc(status.code(), status.message().to_owned()));
    answer
}

/// One call of `Export`.
struct Export {
    inbox: Inbox,
    signal: SignalKind,
    head: Head,
}

impl UnaryService<Bytes> for Export {
    type Response = Bytes;
    type Future = Pin<Box<dyn Future<Output = Result<tonic::Response<Bytes>, Status>> + Send>>;

    fn call(&mut self, request: tonic::Request<Bytes>) -> Self::Future {
        let Self { inbox, signal, head } = self;
        let (format, bytes) = (Format::Protobuf, request.into_inner());
        let taken = body::decode(*signal, format, &bytes).and_then(|()| {
            let head = head.clone();
            inbox.accept(arrival::Request { signal: *signal, protocol: Protocol::Grpc, format, head, bytes })
        });
        let answer = taken.map(|()| tonic::Response::new(Bytes::new())).map_err(|why| match why {
            RefusalReason::Busy => Status::unavailable(why.to_string()),
            why => Status::invalid_argument(why.to_string()),
        });
        Box::pin(std::future::ready(answer))
    }
}

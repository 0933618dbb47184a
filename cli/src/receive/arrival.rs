//! One request, or its refusal, on its way from the servers to the receiver's queue.

use std::fmt;
use std::sync::mpsc::SyncSender;

use bytes::Bytes;
use scruple::check::Format;
use scruple::registry::SignalKind;

/// The maximum size of a request in bytes, compressed or not.
pub const MAX_BYTES: usize = 1 << 20;

/// One request with the receiver's answer.
pub enum Arrival {
    /// It was accepted.
    Request(Request),
    /// It was refused.
    Refusal(Refusal),
}

/// An accepted request.
///
/// It has no `Debug`, since it holds raw data.
pub struct Request {
    /// Traces or logs.
    pub signal: SignalKind,
    /// The transport.
    pub protocol: Protocol,
    /// The encoding of its bytes.
    pub format: Format,
    /// Its method, address and headers.
    pub head: Head,
    /// Its body, decompressed.
    pub bytes: Bytes,
}

/// The part of a request before its body.
#[derive(Clone, PartialEq, Eq)]
pub struct Head {
    /// The method.
    pub method: String,
    /// The path, and the query if there is one.
    pub path: String,
    /// Names in lower case with their values, in the order of their arrival.
    pub headers: Vec<(String, String)>,
}

/// A refused request.
pub struct Refusal {
    /// The transport.
    pub protocol: Protocol,
    /// Its method, address and headers.
    pub head: Head,
    /// The reason.
    pub why: RefusalReason,
}

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefusalReason {
    /// The path is unknown.
    Path,
    /// The method is not POST.
    Method,
    /// The content type is neither protobuf nor JSON.
    ContentType,
    /// The content encoding is not gzip.
    ContentEncoding,
    /// It has more than [`MAX_BYTES`].
    TooLarge,
    /// The connection broke, or the body can't be decompressed.
    Unreadable,
    /// The body can't be decoded: the decoder's message.
    Undecodable(String),
    /// The queue is full.
    Busy,
    /// The gRPC library refused it: its status and message.
    Grpc(tonic::Code, String),
}

/// The two transports of OTLP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// gRPC over HTTP/2.
    Grpc,
    /// HTTP/1.1 or HTTP/2.
    Http,
}

/// The servers' end of the queue.
#[derive(Clone)]
pub(super) struct Inbox(pub(super) SyncSender<Arrival>);

impl Inbox {
    pub(super) fn accept(&self, request: Request) -> Result<(), RefusalReason> {
        self.0.try_send(Arrival::Request(request)).map_err(|_| RefusalReason::Busy)
    }

    pub(super) fn refuse(&self, protocol: Protocol, head: Head, why: RefusalReason) {
        // A full queue may lose a refusal; the sender still gets its answer.
        let _ = self.0.try_send(Arrival::Refusal(Refusal { protocol, head, why }));
    }
}

impl Head {
    pub(super) fn of<B>(request: &http::Request<B>) -> Self {
        let headers = request.headers().iter();
        Self {
            method: request.method().to_string(),
            path: request.uri().path_and_query().map_or_else(String::new, ToString::to_string),
            headers: headers
                .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
                .collect(),
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Grpc => "gRPC",
            Self::Http => "HTTP",
        })
    }
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path => f.write_str("unknown path: POST to /v1/traces or /v1/logs"),
            Self::Method => f.write_str("the method must be POST"),
            Self::ContentType => f.write_str("the content type must be application/x-protobuf or application/json"),
            Self::ContentEncoding => f.write_str("the content encoding must be gzip or identity"),
            Self::TooLarge => write!(f, "over {MAX_BYTES} bytes"),
            Self::Unreadable => f.write_str("the body ended early or can't be decompressed"),
            Self::Undecodable(words) => write!(f, "the body can't be decoded: {words}"),
            Self::Busy => f.write_str("the queue is full: try again"),
            Self::Grpc(code, words) => write!(f, "{code:?}: {words}"),
        }
    }
}

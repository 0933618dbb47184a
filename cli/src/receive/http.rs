//! OTLP/HTTP: the paths for traces and logs, in protobuf and JSON.

use http::header::{ALLOW, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use prost::Message;
use scruple::check::Format;
use scruple::registry::SignalKind;
use tonic::Code;
use tonic::body::Body;

use super::arrival::{self, Head, Inbox, Protocol, RefusalReason};
use super::body;

/// Answers the paths of OTLP/HTTP; all other requests are refused.
pub(super) async fn answer(inbox: Inbox, request: Request<Body>) -> Response<Body> {
    let signal = match request.uri().path() {
        "/v1/traces" => SignalKind::Span,
        "/v1/logs" => SignalKind::Event,
        _ => return refuse(inbox, request, RefusalReason::Path).await,
    };
    match *request.method() {
        Method::POST => export(inbox, request, signal).await,
        _ => refuse(inbox, request, RefusalReason::Method).await,
    }
}

async fn export(inbox: Inbox, request: Request<Body>, signal: SignalKind) -> Response<Body> {
    let head = Head::of(&request);
    let (parts, body) = request.into_parts();
    // The body is read first: a sender that is still writing would miss an early answer.
    let taken = match body::read(body).await {
        Ok(bytes) => take(&parts.headers, signal, &bytes),
        Err(why) => Err(why),
    };
    let accepted = taken.and_then(|(format, bytes)| {
        inbox.accept(arrival::Request { signal, protocol: Protocol::Http, format, head: head.clone(), bytes })?;
        Ok(response(StatusCode::OK, format, Success {}))
    });
    accepted.unwrap_or_else(|why| {
        let answer = refusal(&parts.headers, &why);
        inbox.refuse(Protocol::Http, head, why);
        answer
    })
}

fn take(headers: &HeaderMap, signal: SignalKind, sent: &bytes::Bytes) -> Result<(Format, bytes::Bytes), RefusalReason> {
    let format = format(headers).ok_or(RefusalReason::ContentType)?;
    let bytes = match word(headers, &CONTENT_ENCODING).as_deref() {
        None | Some("identity") => sent.clone(),
        Some("gzip") => body::gunzip(sent)?,
        Some(_) => return Err(RefusalReason::ContentEncoding),
    };
    body::decode(signal, format, &bytes)?;
    Ok((format, bytes))
}

async fn refuse(inbox: Inbox, request: Request<Body>, why: RefusalReason) -> Response<Body> {
    let head = Head::of(&request);
    let (parts, body) = request.into_parts();
    // The answer is the same if the body can't be read.
    let _ = body::read(body).await;
    let answer = refusal(&parts.headers, &why);
    inbox.refuse(Protocol::Http, head, why);
    answer
}

/// The format of a request by its content type (OTLP 1.10, "OTLP/HTTP Request").
fn format(headers: &HeaderMap) -> Option<Format> {
    match word(headers, &CONTENT_TYPE)?.as_str() {
        "application/x-protobuf" => Some(Format::Protobuf),
        "application/json" => Some(Format::Json),
        _ => None,
    }
}

/// A header's value in lower case, up to its parameters.
fn word(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?.to_str().unwrap_or_default();
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

/// The empty `ExportTraceServiceResponse` and `ExportLogsServiceResponse`.
#[derive(Clone, PartialEq, Message)]
struct Success {}

/// `google.rpc.Status` without details.
#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

/// A protobuf message with a JSON form.
trait Json {
    fn json(&self) -> serde_json::Value;
}

impl Json for Success {
    fn json(&self) -> serde_json::Value {
        serde_json::json!({})
    }
}

impl Json for Status {
    fn json(&self) -> serde_json::Value {
        serde_json::json!({ "code": self.code, "message": self.message })
    }
}

fn refusal(headers: &HeaderMap, why: &RefusalReason) -> Response<Body> {
    let (status, code) = match why {
        RefusalReason::Undecodable(_) | RefusalReason::Unreadable | RefusalReason::Grpc(..) => {
            (StatusCode::BAD_REQUEST, Code::InvalidArgument)
        }
        RefusalReason::Path => (StatusCode::NOT_FOUND, Code::NotFound),
        RefusalReason::Method => (StatusCode::METHOD_NOT_ALLOWED, Code::Unimplemented),
        RefusalReason::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, Code::ResourceExhausted),
        RefusalReason::ContentType | RefusalReason::ContentEncoding => {
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::InvalidArgument)
        }
        RefusalReason::Busy => (StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable),
    };
    let format = format(headers).unwrap_or(Format::Json);
    let mut answer = response(status, format, Status { code: code.into(), message: why.to_string() });
    match why {
        RefusalReason::Busy => answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1")),
        // RFC 9110, section 15.5.6.
        RefusalReason::Method => answer.headers_mut().insert(ALLOW, HeaderValue::from_static("POST")),
        _ => None,
    };
    answer
}

fn response<M: Message + Json>(status: StatusCode, format: Format, message: M) -> Response<Body> {
    let (kind, bytes) = match format {
        Format::Protobuf => ("application/x-protobuf", message.encode_to_vec()),
        Format::Json => ("application/json", message.json().to_string().into_bytes()),
    };
    let mut answer = Response::new(Body::new(Full::new(bytes::Bytes::from(bytes))));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

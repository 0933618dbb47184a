//! The uploader's HTTP client: OTLP/HTTP with constant headers, over the proxy and trust settings of the environment.
//!
//! OTLP specification 1.10, "OTLP/HTTP": 200 means accepted, also with a partial success, which is never retried; 429,
//! 502, 503 and 504 may be retried, no earlier than `Retry-After` (RFC 9110, section 10.2.3, both forms); every other
//! answer must not. Of those, 3xx, 401, 403, 404, 405 and 407 mean that this is not the receiver, or that an
//! intermediary answers: the records are kept until the receiver answers, or until they are too old.
//!
//! No cookies, no redirects, no credentials. The environment decides the network only. An invalid certificate counts as
//! an unreachable receiver.

use super::end::RunEnd;
use super::network::NetworkConfig;
use crate::encode::{Format, rejected};
use crate::http::{self, HttpError, MaySend, Request, Response, ResponseClass};
use crate::limits::{MAX_ANSWER, MAX_POLICY, MAX_REQUEST, MAX_RETRY_AFTER};
use crate::registry::{Endpoint, SignalKind};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;
use std::time::{Duration, Instant, SystemTime};

/// An open connection to a receiver.
pub trait UploadTransport {
    /// Sends one OTLP request and returns the outcome of its answer, within the timeout.
    fn post(&self, kind: SignalKind, body: &[u8], within: Duration) -> SendOutcome;
}

/// Opens a transport other than HTTP, with protobuf messages.
pub type OpenTransport = fn(TransportContext<'_>) -> Result<Box<dyn UploadTransport>, RunEnd>;

/// The inputs of opening a transport.
pub struct TransportContext<'a> {
    /// The receiver.
    pub endpoint: &'a Endpoint,
    /// The network settings of the environment.
    pub network: &'a NetworkConfig<'a>,
    /// Whether messages are compressed.
    pub gzip: bool,
    /// Whether telemetry is still on.
    pub ask: &'a MaySend,
    /// The time by which it must be open.
    pub deadline: Instant,
}

/// The outcome of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendOutcome {
    /// Accepted, except for the rejected records.
    Accepted {
        /// The number of rejected records.
        rejected: u64,
    },
    /// May be retried, after this time at the earliest. With the status of the HTTP answer, if there was one.
    RetryAfter(Duration, Option<u16>),
    /// Must not be retried.
    Rejected(Option<u16>),
    /// The endpoint is not the receiver.
    Unavailable(Option<u16>),
    /// A no or a deletion came first: the part that had left by then was not answered.
    Off,
}

/// Fetches a file; `None` without a usable answer. It is cut off above the size of any policy.
pub(super) fn get(opening: &TransportContext<'_>) -> Result<Option<Vec<u8>>, RunEnd> {
    let TransportContext { endpoint, network, ask, deadline, .. } = opening;
    let client = http::HttpClient::new(endpoint, network.over_http(endpoint, ask, *deadline)?, ask);
    let request = Request { method: "GET", below: "", media: None, is_gzip: false, body: &[] };
    match client.call(&request, MAX_POLICY + 1, deadline.saturating_duration_since(Instant::now())) {
        Ok(Response { status: 200, end: http::BodyEnd::Whole | http::BodyEnd::Cut, body, .. }) => Ok(Some(body)),
        Err(HttpError::Off) => Err(RunEnd::Off),
        _ => Ok(None),
    }
}

pub(super) struct RunClient {
    http: http::HttpClient,
    format: Format,
    gzip: bool,
}

impl RunClient {
    pub(super) fn new(opening: &TransportContext<'_>, format: Format) -> Result<Self, RunEnd> {
        let TransportContext { endpoint, network, gzip, ask, deadline } = opening;
        let http = http::HttpClient::new(endpoint, network.over_http(endpoint, ask, *deadline)?, ask);
        Ok(Self { http, format, gzip: *gzip })
    }
}

impl UploadTransport for RunClient {
    fn post(&self, kind: SignalKind, body: &[u8], within: Duration) -> SendOutcome {
        let Self { format, gzip, .. } = *self;
        let below = match kind {
            SignalKind::Span => "/v1/traces",
            SignalKind::Event => "/v1/logs",
        };
        let media = Some(match format {
            Format::Json => "application/json",
            Format::Protobuf => "application/x-protobuf",
        });
        let compressed = gzip.then(|| compressed(body)).flatten();
        let (is_gzip, body) = (compressed.is_some(), compressed.as_deref().unwrap_or(body));
        let request = Request { method: "POST", below, media, is_gzip, body };
        let response = match self.http.call(&request, MAX_ANSWER, within.min(MAX_REQUEST)) {
            Ok(response) => response,
            Err(HttpError::Off) => return SendOutcome::Off,
            Err(_) => return SendOutcome::RetryAfter(Duration::ZERO, None),
        };
        let status = Some(response.status);
        match ResponseClass::of(response.status) {
            // The records are accepted; an unreadable answer only lacks details.
            ResponseClass::Taken if response.end == http::BodyEnd::Whole => {
                SendOutcome::Accepted { rejected: rejected(format, &response.body) }
            }
            ResponseClass::Taken => SendOutcome::Accepted { rejected: 0 },
            ResponseClass::NotNow => SendOutcome::RetryAfter(retry_after(response.retry_after.as_deref()), status),
            ResponseClass::Elsewhere => SendOutcome::Unavailable(status),
            ResponseClass::Never => SendOutcome::Rejected(status),
        }
    }
}

fn compressed(body: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
}

fn retry_after(value: Option<&str>) -> Duration {
    // A number that overflows means the longest time too.
    let is_number = |value: &&str| !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = value.filter(is_number).map(|value| Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    let date = || httpdate::parse_http_date(value?).ok()?.duration_since(SystemTime::now()).ok();
    seconds.or_else(date).unwrap_or_default().min(MAX_RETRY_AFTER)
}

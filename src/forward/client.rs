//! The exporters' HTTP client: sends the body of the stock exporter's request, and nothing else of it, as OTLP
//! requires.
//!
//! The stock exporter adds headers from the host's `OTEL_EXPORTER_OTLP_HEADERS` to its request, and compresses the
//! body when a variable says so and the host's build can. So only the body is taken, uncompressed, and from it:
//!
//! - the resource's attributes are sorted: the SDK keeps them in a hash map, in another order in each process;
//! - a span's flags are cut to the W3C trace flags: opentelemetry-proto also sets bit 8, "is remote is known";
//! - a status without information is left out.
//!
//! That makes the body byte for byte equal to the output of [`Encoder`](crate::encode::Encoder) for the same records.
//!
//! OTLP specification, "Failures" (HTTP) and "Failures" (gRPC): a retryable request is repeated, after a pause that
//! doubles from half a second, with a jitter of up to a half either way, and is at least the pause that the endpoint
//! asks for; all attempts and pauses together stay within the export timeout. The off switch is asked before each
//! attempt, and by the transport at each piece. Nothing is retried while the pipeline is being closed.

use crate::consent::Switch;
use crate::privacy::LossReason;
use crate::registry::SignalKind;
use crate::sync::lock;
use bytes::Bytes;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_proto::tonic::collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message;
use std::fmt;
use std::io::Read;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The pause before the first retry, which doubles for each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// The most attempts at one request.
const ATTEMPTS: u32 = 5;

/// A connection to an endpoint.
pub(crate) trait Transport: Send + Sync {
    /// Sends one OTLP request in protobuf and returns the message of the answer, within the timeout.
    fn send(&self, kind: SignalKind, body: &Bytes, within: Duration) -> Result<Bytes, Failure>;
}

/// Why an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) lost: LossReason,
    pub(crate) again: Retry,
}

/// Whether OTLP allows another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    Never,
    /// No retry: this endpoint is not the receiver, or refuses us.
    Elsewhere,
    /// After a pause, at least as long as the endpoint says.
    After(Duration),
}

impl Failure {
    pub(super) fn last(lost: LossReason) -> Self {
        Self { lost, again: Retry::Never }
    }

    pub(super) fn passing(lost: LossReason, after: Duration) -> Self {
        Self { lost, again: Retry::After(after) }
    }
}

/// The result of the last request: how many of its records the endpoint rejected, or why all are lost.
#[derive(Default)]
pub(super) struct LastResult(Mutex<Option<Result<u64, LossReason>>>);

impl LastResult {
    pub(super) fn take(&self) -> Option<Result<u64, LossReason>> {
        lock(&self.0).take()
    }

    fn put(&self, fate: Result<u64, LossReason>) {
        *lock(&self.0) = Some(fate);
    }
}

/// The end of the pipeline: once it begins, no wait is longer than the deadline.
#[derive(Default)]
pub(super) struct Shutdown {
    deadline: Mutex<Option<Instant>>,
    begun: Condvar,
}

impl Shutdown {
    pub(super) fn begin(&self, deadline: Instant) {
        *lock(&self.deadline) = Some(deadline);
        self.begun.notify_all();
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        *lock(&self.deadline)
    }

    /// Waits; false as soon as the shutdown has begun.
    fn pause(&self, pause: Duration) -> bool {
        let deadline = lock(&self.deadline);
        let wait = self.begun.wait_timeout_while(deadline, pause, |deadline| deadline.is_none());
        wait.unwrap_or_else(PoisonError::into_inner).0.is_none()
    }
}

/// The HTTP client of one signal's stock exporter.
pub(super) struct OtlpClient {
    pub(super) kind: SignalKind,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) switch: Switch,
    pub(super) closing: Arc<Shutdown>,
    pub(super) timeout: Duration,
    pub(super) fate: Arc<LastResult>,
}

#[async_trait::async_trait]
impl HttpClient for OtlpClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let answer = match body(self.kind, &request) {
            Some(body) => self.carry(&body),
            None => Err(LossReason::Exporter),
        };
        self.fate.put(answer.map(|answer| rejected(self.kind, &answer)));
        // The exporter learns only that the request is over: its own retries are off, and it must not log the answer.
        Ok(Response::new(Bytes::new()))
    }
}

impl OtlpClient {
    fn carry(&self, body: &Bytes) -> Result<Bytes, LossReason> {
        let start = Instant::now();
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            let left = self.left(start);
            if left.is_zero() {
                return Err(LossReason::TimedOut);
            }
            let sending = self.switch.sending();
            if !self.switch.ask() {
                return Err(self.off());
            }
            let sent = self.transport.send(self.kind, body, left);
            drop(sending);
            let failure = match sent {
                Ok(answer) => return Ok(answer),
                Err(Failure { lost: LossReason::Off, .. }) => return Err(self.off()),
                Err(failure) => failure,
            };
            let Retry::After(asked) = failure.again else { return Err(failure.lost) };
            let wait = jitter(pause).max(asked);
            if attempt >= ATTEMPTS || wait >= self.left(start) || !self.closing.pause(wait) {
                return Err(failure.lost);
            }
            pause *= 2;
            attempt += 1;
        }
    }

    /// Why nothing may be sent: the switch, or the end of the pipeline, once its budget is used up.
    fn off(&self) -> LossReason {
        let is_over = self.closing.deadline().is_some_and(|deadline| deadline <= Instant::now());
        if is_over { LossReason::TimedOut } else { LossReason::Off }
    }

    /// The time left for the request that began at `start`.
    fn left(&self, start: Instant) -> Duration {
        let left = self.timeout.saturating_sub(start.elapsed());
        match self.closing.deadline() {
            Some(deadline) => left.min(deadline.saturating_duration_since(Instant::now())),
            None => left,
        }
    }
}

impl fmt::Debug for OtlpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

/// The canonical body, or `None` for a request that is not the exporter's.
fn body(kind: SignalKind, request: &Request<Bytes>) -> Option<Bytes> {
    let plain = match request.headers().get(http::header::CONTENT_ENCODING).map(http::HeaderValue::as_bytes) {
        None => request.body().clone(),
        Some(b"gzip") => {
            let mut plain = Vec::new();
            flate2::read::GzDecoder::new(request.body().as_ref()).read_to_end(&mut plain).ok()?;
            plain.into()
        }
        Some(_) => return None,
    };
    let bytes = match kind {
        SignalKind::Span => {
            let mut request = ExportTraceServiceRequest::decode(plain).ok()?;
            for part in &mut request.resource_spans {
                sort(part.resource.as_mut());
                for span in part.scope_spans.iter_mut().flat_map(|scope| &mut scope.spans) {
                    span.flags &= 0xff;
                    span.status.take_if(|status| *status == Default::default());
                }
            }
            request.encode_to_vec()
        }
        SignalKind::Event => {
            let mut request = ExportLogsServiceRequest::decode(plain).ok()?;
            for part in &mut request.resource_logs {
                sort(part.resource.as_mut());
            }
            request.encode_to_vec()
        }
    };
    Some(bytes.into())
}

fn sort(resource: Option<&mut Resource>) {
    if let Some(resource) = resource {
        resource.attributes.sort_by(|a, b| a.key.cmp(&b.key));
    }
}

/// The number of rejected records in the answer to an accepted request; 0 for an unreadable answer.
fn rejected(kind: SignalKind, answer: &Bytes) -> u64 {
    let rejected = match kind {
        SignalKind::Span => ExportTraceServiceResponse::decode(answer.clone())
            .ok()
            .and_then(|answer| Some(answer.partial_success?.rejected_spans)),
        SignalKind::Event => ExportLogsServiceResponse::decode(answer.clone())
            .ok()
            .and_then(|answer| Some(answer.partial_success?.rejected_log_records)),
    };
    rejected.and_then(|rejected| u64::try_from(rejected).ok()).unwrap_or(0)
}

/// Between half and one and a half of the pause, so that programs do not all retry at the same time.
fn jitter(pause: Duration) -> Duration {
    let share = getrandom::u32().unwrap_or(u32::MAX / 2);
    pause / 2 + pause.mul_f64(f64::from(share) / f64::from(u32::MAX))
}

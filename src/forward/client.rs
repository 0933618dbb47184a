//! The client of one signal: sends a request, and repeats it as OTLP allows.
//!
//! OTLP specification, "Failures" (HTTP) and "Failures" (gRPC): a retryable request is repeated, after a pause that
//! doubles from half a second, with a jitter of up to a half either way, and is at least the pause that the endpoint
//! asks for; all attempts and pauses together stay within the export timeout. The off switch is asked before each
//! attempt, and by the transport at each piece. Nothing is retried while the pipeline is being closed.

use crate::consent::Switch;
use crate::encode::{Format, rejected};
use crate::privacy::LossReason;
use crate::registry::SignalKind;
use crate::sync::lock;
use bytes::Bytes;
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

/// Sends the requests of one signal.
pub(super) struct OtlpClient {
    pub(super) kind: SignalKind,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) switch: Switch,
    pub(super) closing: Arc<Shutdown>,
    pub(super) timeout: Duration,
}

impl OtlpClient {
    /// Sends one request: how many of its records the endpoint rejected, or why all are lost.
    pub(super) fn carry(&self, body: &Bytes) -> Result<u64, LossReason> {
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
                Ok(answer) => return Ok(rejected(Format::Protobuf, &answer)),
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

/// Between half and one and a half of the pause, so that programs do not all retry at the same time.
fn jitter(pause: Duration) -> Duration {
    let share = getrandom::u32().unwrap_or(u32::MAX / 2);
    pause / 2 + pause.mul_f64(f64::from(share) / f64::from(u32::MAX))
}

//! OTLP/HTTP with protobuf, over a client of our own settings.
//!
//! The host's environment is not read: no proxy, no certificates but the compiled-in ones of Mozilla's programme or the
//! author's own, no cookies, no redirects. Each request has the same headers: `host`, `content-type`, `content-length`
//! and `user-agent`.

use super::client::{Failure, Retry, Transport};
use crate::http::{Authorities, BodyEnd, HttpClient, HttpError, MaySend, Request, ResponseClass, Route, tls};
use crate::limits::MAX_ANSWER;
use crate::privacy::LossReason;
use crate::registry::{Endpoint, SignalKind};
use bytes::Bytes;
use std::time::Duration;

pub(super) struct Http(HttpClient);

impl Http {
    /// `None` if no certificate is valid.
    pub(super) fn new(endpoint: &Endpoint, authorities: &Authorities, may_send: &MaySend) -> Option<Self> {
        let route = Route { tls: tls(authorities, None)?, proxy: None };
        Some(Self(HttpClient::new(endpoint, route, may_send)))
    }
}

impl Transport for Http {
    fn send(&self, kind: SignalKind, body: &Bytes, within: Duration) -> Result<Bytes, Failure> {
        let below = match kind {
            SignalKind::Span => "/v1/traces",
            SignalKind::Event => "/v1/logs",
        };
        let media = Some("application/x-protobuf");
        let request = Request { method: "POST", below, media, is_gzip: false, body };
        let response = self.0.call(&request, MAX_ANSWER, within).map_err(failure)?;
        match ResponseClass::of(response.status) {
            ResponseClass::Taken if response.end == BodyEnd::Whole => Ok(response.body.into()),
            // The records are accepted; an answer that is too long or incomplete only lacks details.
            ResponseClass::Taken => Ok(Bytes::new()),
            ResponseClass::NotNow => {
                Err(Failure::passing(LossReason::Rejected, retry_after(response.retry_after.as_deref())))
            }
            ResponseClass::Elsewhere => Err(Failure { lost: LossReason::Rejected, again: Retry::Elsewhere }),
            ResponseClass::Never => Err(Failure::last(LossReason::Rejected)),
        }
    }
}

fn failure(why: HttpError) -> Failure {
    match why {
        HttpError::Off => Failure::last(LossReason::Off),
        HttpError::TimedOut => Failure::last(LossReason::TimedOut),
        HttpError::Unreadable => Failure::last(LossReason::Unreadable),
        HttpError::Unreachable => Failure::passing(LossReason::Unreachable, Duration::ZERO),
    }
}

/// RFC 9110, section 10.2.3, as a number of seconds; a date is ignored, so that our own pause applies.
fn retry_after(value: Option<&str>) -> Duration {
    Duration::from_secs(value.and_then(|value| value.parse().ok()).unwrap_or(0))
}

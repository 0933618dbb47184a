//! OTLP/HTTP with protobuf, over a client of our own settings.
//!
//! The host's environment is not asked: no proxy, no certificates but the compiled-in ones of Mozilla's programme or
//! the author's own, no cookies, no redirects. Each request has the same headers: `host`, `content-type`,
//! `content-length` and `user-agent`.

use super::client::{Failure, Retry, Transport};
use super::deliveries::LossReason;
use crate::http::{Authorities, Client, End, Failed, MaySend, Meaning, Request, Road, tls};
use crate::limits::MAX_ANSWER;
use crate::registry::{Endpoint, SignalKind};
use bytes::Bytes;
use std::time::Duration;

pub(super) struct Http(Client);

impl Http {
    /// `None` where none of the certificates can be trusted.
    pub(super) fn new(endpoint: &Endpoint, authorities: &Authorities, may_send: &MaySend) -> Option<Self> {
        let road = Road { tls: tls(authorities, None)?, proxy: None };
        Some(Self(Client::new(endpoint, road, may_send)))
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
        match Meaning::of(response.status) {
            Meaning::Taken if response.end == End::Whole => Ok(response.body.into()),
            // The records are taken; an answer that is too long or broken off only says no more about them.
            Meaning::Taken => Ok(Bytes::new()),
            Meaning::NotNow => {
                Err(Failure::passing(LossReason::Rejected, retry_after(response.retry_after.as_deref())))
            }
            Meaning::Elsewhere => Err(Failure { lost: LossReason::Rejected, again: Retry::Elsewhere }),
            Meaning::Never => Err(Failure::last(LossReason::Rejected)),
        }
    }
}

fn failure(why: Failed) -> Failure {
    match why {
        Failed::Off => Failure::last(LossReason::Off),
        Failed::TimedOut => Failure::last(LossReason::TimedOut),
        Failed::Unreadable => Failure::last(LossReason::Unreadable),
        Failed::Unreachable => Failure::passing(LossReason::Unreachable, Duration::ZERO),
    }
}

/// RFC 9110, section 10.2.3, as a number of seconds; a date is no reason to wait longer than we would.
fn retry_after(value: Option<&str>) -> Duration {
    Duration::from_secs(value.and_then(|value| value.parse().ok()).unwrap_or(0))
}

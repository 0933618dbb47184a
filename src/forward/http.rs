//! OTLP/HTTP with protobuf, over a client of our own settings.
//!
//! The host's environment is not asked: no proxy, no certificates but the compiled-in ones of Mozilla's programme or
//! the author's own, no cookies, no redirects. Each request has the same headers: `host`, `content-type`,
//! `content-length` and `user-agent`.

use super::client::{Again, Failure, Transport};
use super::deliveries::Lost;
use crate::post::{self, LONGEST_ANSWER, Meaning};
use crate::registry::{Endpoint, SignalKind};
use bytes::Bytes;
use std::time::Duration;
use ureq::tls::Certificate;
use ureq::{Agent, http};

pub(super) struct Http {
    agent: Agent,
    traces: String,
    logs: String,
}

impl Http {
    /// With the certificates of the only authorities that are trusted; none means the compiled-in ones.
    pub(super) fn new(endpoint: &Endpoint, certificates: &[Certificate<'static>]) -> Self {
        let (traces, logs) = (endpoint.join("/v1/traces"), endpoint.join("/v1/logs"));
        Self { agent: post::agent(certificates, None, None), traces, logs }
    }
}

impl Transport for Http {
    fn send(&self, kind: SignalKind, body: &Bytes, within: Duration) -> Result<Bytes, Failure> {
        let url = match kind {
            SignalKind::Span => &self.traces,
            SignalKind::Event => &self.logs,
        };
        let request = self.agent.post(url).content_type("application/x-protobuf");
        let request = request.config().timeout_global(Some(within)).build();
        let mut response = request.send(body.as_ref()).map_err(|error| failure(&error))?;
        match Meaning::of(response.status().as_u16()) {
            // The records are taken; an answer that is too long or broken off only says no more about them.
            Meaning::Taken => Ok(response
                .body_mut()
                .with_config()
                .limit(LONGEST_ANSWER as u64)
                .read_to_vec()
                .map(Bytes::from)
                .unwrap_or_default()),
            Meaning::NotNow => Err(Failure::passing(Lost::Rejected, retry_after(response.headers()))),
            Meaning::Elsewhere => Err(Failure { lost: Lost::Rejected, again: Again::Elsewhere }),
            Meaning::Never => Err(Failure::last(Lost::Rejected)),
        }
    }
}

fn failure(error: &ureq::Error) -> Failure {
    match error {
        ureq::Error::Timeout(_) => Failure::last(Lost::TimedOut),
        ureq::Error::Protocol(_) => Failure::last(Lost::Unreadable),
        _ => Failure::passing(Lost::Unreachable, Duration::ZERO),
    }
}

/// RFC 9110, section 10.2.3, as a number of seconds; a date is no reason to wait longer than we would.
fn retry_after(headers: &http::HeaderMap) -> Duration {
    let seconds = headers.get(http::header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    Duration::from_secs(seconds.unwrap_or(0))
}

//! A small HTTP/1.1 client: blocking, silent, and stopped by an opt-out at each piece that it writes or reads.
//!
//! `forward` and `upload` send with it. Each of them brings its own proxy and TLS settings, its own time limit, and its
//! own handling of rejected records. No existing client has these five properties together:
//!
//! - **Consent.** The client checks consent before each piece of a request (16 KiB at most), the first included, and
//!   every 50 ms while it waits for a name, a connection, a handshake, a proxy, room in a buffer, or an answer. On an
//!   opt-out it closes the connection with a reset, which also discards the bytes that the system has not sent yet
//!   (`SO_LINGER` 0, RFC 9293 section 3.10.4). While a request is under way, any close of the socket is a reset, also
//!   when the process is killed. A socket that is still connecting is closed too, and no other address of the name is
//!   tried.
//! - **Loopback.** If the endpoint is `localhost`, only loopback addresses of that name are connected to.
//! - **The deadline** covers all of these steps.
//! - **Silence.** The client writes nothing to `tracing` or `log`. httparse does not log. rustls logs only with its
//!   feature `logging`, which this build does not enable.
//! - **Nothing else is sent**: constant headers, no cookies, no redirects, no resumption of TLS sessions, TLS by ring.
//!
//! Before each use and before the close, the client verifies that the descriptor still is the socket that it connected:
//! a host that closes every descriptor may have opened one of its own under the same number.
//!
//! RFC 9112: a body has a `content-length`, is chunked, or lasts until the connection ends. A connection is kept for
//! the next request if its answer was read to the end. If the receiver has closed it by then, the client repeats the
//! request once on a new connection. The receiver may then have got the request twice; the ids of the records show
//! that.

mod aside;
mod connection;
mod dial;
mod failed;
#[cfg_attr(not(feature = "upload"), expect(dead_code, reason = "only an uploader goes where the environment says"))]
mod proxy;
mod response;
#[cfg(feature = "grpc")]
pub(crate) mod socket;
mod tls;
mod wire;

pub(crate) use aside::aside;
pub(crate) use connection::Route;
pub(crate) use failed::{HttpError, MaySend};
pub(crate) use proxy::Proxy;
pub(crate) use response::{BodyEnd, Response};
pub(crate) use tls::{Authorities, tls};

use crate::encode::{SCOPE_NAME, SCOPE_VERSION};
use crate::limits::MAX_IDLE;
use crate::registry::Endpoint;
use crate::sync::lock;
use connection::{Connection, open};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The consequence of an answer's status for the records (OTLP specification 1.10, "OTLP/HTTP").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResponseClass {
    /// They are taken.
    Taken,
    /// Retryable after a wait.
    NotNow,
    /// The answer is not the receiver's: a wrong address, a proxy, or a login page.
    Elsewhere,
    /// Rejected: the records must not be sent again.
    Never,
}

impl ResponseClass {
    pub(crate) fn of(status: u16) -> Self {
        match status {
            200..=299 => Self::Taken,
            429 | 502 | 503 | 504 => Self::NotNow,
            300..=399 | 401 | 403 | 404 | 405 | 407 => Self::Elsewhere,
            _ => Self::Never,
        }
    }
}

/// A request to the client's host.
pub(crate) struct Request<'a> {
    pub(crate) method: &'static str,
    /// The path, relative to the endpoint's.
    pub(crate) below: &'a str,
    /// The media type of the body; `None` for a request without a body.
    pub(crate) media: Option<&'a str>,
    pub(crate) is_gzip: bool,
    pub(crate) body: &'a [u8],
}

/// A client for one host.
pub(crate) struct HttpClient {
    endpoint: Endpoint,
    route: Route,
    may_send: MaySend,
    kept: Mutex<Option<(Connection, Instant)>>,
}

impl HttpClient {
    pub(crate) fn new(endpoint: &Endpoint, route: Route, may_send: &MaySend) -> Self {
        Self { endpoint: endpoint.clone(), route, may_send: Arc::clone(may_send), kept: Mutex::new(None) }
    }

    /// Makes a request and reads its answer within this time; at most `most` bytes of the body are kept.
    pub(crate) fn call(&self, request: &Request<'_>, most: usize, within: Duration) -> Result<Response, HttpError> {
        let deadline = Instant::now().checked_add(within).ok_or(HttpError::TimedOut)?;
        let bytes = self.written(request);
        if let Some(kept) = self.kept().filter(Connection::is_open) {
            match self.exchange(kept, &bytes, most, deadline) {
                // The receiver has closed the kept connection: repeat the request on a new one.
                Err(HttpError::Unreachable) => {}
                done => return done,
            }
        }
        let new = open(&self.endpoint, &self.route, &self.may_send, deadline)?;
        self.exchange(new, &bytes, most, deadline)
    }

    fn exchange(
        &self,
        mut connection: Connection,
        bytes: &[u8],
        most: usize,
        deadline: Instant,
    ) -> Result<Response, HttpError> {
        let response = connection.exchange(bytes, most, deadline)?;
        if response.is_last {
            connection.part();
        } else if connection.rest() {
            *lock(&self.kept) = Some((connection, Instant::now()));
        }
        Ok(response)
    }

    fn kept(&self) -> Option<Connection> {
        let kept = lock(&self.kept).take();
        kept.filter(|(_, since)| since.elapsed() < MAX_IDLE).map(|(connection, _)| connection)
    }

    fn written(&self, request: &Request<'_>) -> Vec<u8> {
        let Request { method, below, media, is_gzip, body } = request;
        let url = self.endpoint.join(below);
        let path = url.strip_prefix(self.endpoint.origin()).filter(|path| !path.is_empty()).unwrap_or("/");
        let host = self.endpoint.authority();
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nuser-agent: {SCOPE_NAME}/{SCOPE_VERSION}\r\n");
        if let Some(media) = media {
            let encoding = if *is_gzip { "content-encoding: gzip\r\n" } else { "" };
            // Writing to a `String` can't fail.
            let _ = write!(head, "content-type: {media}\r\n{encoding}content-length: {}\r\n", body.len());
        }
        head.push_str("\r\n");
        [head.as_bytes(), body].concat()
    }
}

//! The uploader's HTTP client: OTLP/HTTP with constant headers, over the road that the machine's owner has laid.
//!
//! OTLP specification 1.10, "OTLP/HTTP": 200 is taken, also with a partial success, which is never sent again; 429, 502,
//! 503 and 504 may be sent again, at the earliest when `Retry-After` says (RFC 9110, section 10.2.3, both forms); every
//! other answer must not. Of those, 3xx, 401, 403, 404, 405 and 407 say that this is not the receiver, or that somebody
//! is in between: the records are kept until it is, or until they are too old.
//!
//! `NO_PROXY` names hosts with commas between them: `*` is every host, `example.com` and `.example.com` are that host and
//! all below it. What can't be used of it is no reason to go another way: then nothing is sent.
//!
//! No cookies, no redirects, no credentials. The one thing that the environment decides is the road: `HTTPS_PROXY` and
//! `NO_PROXY` for `https` beyond this machine, and `SSL_CERT_FILE` for whose certificates are trusted. A certificate
//! that does not hold is as good as no receiver.

use crate::encode::Format;
use crate::post::{self, LONGEST_ANSWER, Meaning};
use crate::registry::{Endpoint, SignalKind};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{Read as _, Write as _};
use std::time::{Duration, SystemTime};
use ureq::tls::Certificate;
use ureq::{Agent, Proxy, ProxyProtocol, http};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);

/// How long one request may take, from the first look-up to the end of the answer.
const REQUEST: Duration = Duration::from_secs(10);

/// The most that is read of a file that is asked for, in bytes: one more than a policy may have.
const LONGEST_FILE: u64 = 64 * 1024 + 1;

/// The longest that a receiver may ask to be left alone.
const LONGEST_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// The way to the receiver.
#[derive(Clone, Default)]
pub struct Road<'a> {
    /// Certificates in PEM of the only authorities that are trusted, if the author names them.
    pub certificate: Option<&'a [u8]>,
    /// What `SSL_CERT_FILE` names: the same, if the author names none.
    pub certificate_file: Option<Vec<u8>>,
    /// What `HTTPS_PROXY` says.
    pub proxy: Option<String>,
    /// What `NO_PROXY` says.
    pub no_proxy: Option<String>,
}

impl Road<'_> {
    /// As this process's environment says.
    pub fn of_environment() -> Self {
        let variable =
            |names: [&str; 2]| names.iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
        let file = std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty());
        Self {
            certificate: None,
            // One that can't be read names nobody.
            certificate_file: file.map(|path| std::fs::read(path).unwrap_or_default()),
            proxy: variable(["HTTPS_PROXY", "https_proxy"]),
            no_proxy: variable(["NO_PROXY", "no_proxy"]),
        }
    }
}

/// Why the road can't be taken: its certificates are none, or its proxy is none that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Impassable;

impl Road<'_> {
    /// The only authorities to trust; none means the compiled-in ones.
    ///
    /// # Errors
    /// When a text that is to have certificates has none, or one that can't be read.
    pub fn authorities(&self) -> Result<Vec<Certificate<'static>>, Impassable> {
        match self.certificate.or(self.certificate_file.as_deref()) {
            None => Ok(Vec::new()),
            Some(pem) => post::certificates(pem).ok_or(Impassable),
        }
    }

    /// The proxy for an endpoint, if there is one for it.
    ///
    /// # Errors
    /// When it can't be used: to go without it would be to go another way.
    pub fn proxy(&self, endpoint: &Endpoint) -> Result<Option<Proxy>, Impassable> {
        let Some(named) = self.proxy.as_deref().filter(|_| endpoint.is_tls() && !endpoint.is_loopback()) else {
            return Ok(None);
        };
        if is_without(self.no_proxy.as_deref().unwrap_or_default(), endpoint.host()) {
            return Ok(None);
        }
        let proxy = Proxy::new(named).map_err(|_| Impassable)?;
        let is_known = matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https);
        if is_known { Ok(Some(proxy)) } else { Err(Impassable) }
    }
}

/// Whether a list of hosts has this one, or one that it is below.
fn is_without(list: &str, host: &str) -> bool {
    let mut entries = list.split(',').map(|entry| entry.trim().to_ascii_lowercase());
    entries.any(|entry| {
        let name = entry.trim_start_matches("*.").trim_start_matches('.');
        let below = || host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        entry == "*" || (!name.is_empty() && below())
    })
}

/// A way to a receiver that is open.
pub trait Carry {
    /// Sends one OTLP request and waits for its answer, for `within` at most.
    fn post(&self, kind: SignalKind, body: &[u8], within: Duration) -> Answer;
}

/// Opens another way than HTTP, whose messages are protobuf; the last argument is whether they are compressed.
pub type Open = fn(&Endpoint, &Road<'_>, bool) -> Result<Box<dyn Carry>, Impassable>;

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is taken, but for so many records.
    Taken {
        /// So many.
        rejected: u64,
    },
    /// It may be sent again, after so long at the earliest.
    NotNow(Duration),
    /// It must not be sent again.
    Never,
    /// This is not the receiver.
    NoWay,
}

fn agent(endpoint: &Endpoint, road: &Road<'_>) -> Result<Agent, Impassable> {
    Ok(post::agent(&road.authorities()?, road.proxy(endpoint)?, Some(CONNECT)))
}

/// A file; `None` if nobody answers, or not with it. It is cut where it is longer than any policy.
pub(super) fn get(url: &Endpoint, road: &Road<'_>, within: Duration) -> Result<Option<Vec<u8>>, Impassable> {
    let request = agent(url, road)?.get(url.to_string()).config().timeout_global(Some(within.min(REQUEST))).build();
    let read = || {
        let mut response = request.call().ok().filter(|response| response.status().as_u16() == 200)?;
        let mut file = Vec::new();
        response.body_mut().as_reader().take(LONGEST_FILE).read_to_end(&mut file).ok()?;
        Some(file)
    };
    Ok(read())
}

pub(super) struct Client {
    agent: Agent,
    traces: String,
    logs: String,
    format: Format,
    gzip: bool,
}

impl Client {
    pub(super) fn new(endpoint: &Endpoint, road: &Road<'_>, format: Format, gzip: bool) -> Result<Self, Impassable> {
        let (traces, logs) = (endpoint.join("/v1/traces"), endpoint.join("/v1/logs"));
        Ok(Self { agent: agent(endpoint, road)?, traces, logs, format, gzip })
    }
}

impl Carry for Client {
    fn post(&self, kind: SignalKind, body: &[u8], within: Duration) -> Answer {
        let Self { format, gzip, .. } = *self;
        let url = match kind {
            SignalKind::Span => &self.traces,
            SignalKind::Event => &self.logs,
        };
        let content = match format {
            Format::Json => "application/json",
            Format::Protobuf => "application/x-protobuf",
        };
        let mut request = self.agent.post(url).content_type(content);
        let compressed = gzip.then(|| compressed(body)).flatten();
        if compressed.is_some() {
            request = request.header("content-encoding", "gzip");
        }
        let request = request.config().timeout_global(Some(within.min(REQUEST))).build();
        let Ok(mut response) = request.send(compressed.as_deref().unwrap_or(body)) else {
            return Answer::NotNow(Duration::ZERO);
        };
        match Meaning::of(response.status().as_u16()) {
            // What can't be read of the answer only says no more about records that are taken.
            Meaning::Taken => {
                let read = response.body_mut().with_config().limit(LONGEST_ANSWER as u64).read_to_vec();
                Answer::Taken { rejected: rejected(format, &read.unwrap_or_default()) }
            }
            Meaning::NotNow => Answer::NotNow(retry_after(response.headers())),
            Meaning::Elsewhere => Answer::NoWay,
            Meaning::Never => Answer::Never,
        }
    }
}

fn compressed(body: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
}

/// How many records a partial success in protobuf rejects; what is not understood rejects none.
pub fn rejected_by(answer: &[u8]) -> u64 {
    rejected(Format::Protobuf, answer)
}

/// How many records a partial success rejects; what is not understood rejects none.
fn rejected(format: Format, answer: &[u8]) -> u64 {
    let rejected = match format {
        Format::Json => {
            let answer: serde_json::Value = serde_json::from_slice(answer).unwrap_or_default();
            let partial = answer.get("partialSuccess");
            let count = partial.and_then(|partial| partial.get("rejectedSpans").or(partial.get("rejectedLogRecords")));
            count.and_then(|count| count.as_i64().or_else(|| count.as_str()?.parse().ok()))
        }
        Format::Protobuf => {
            <Response as prost::Message>::decode(answer).ok().and_then(|answer| Some(answer.partial?.rejected))
        }
    };
    rejected.and_then(|rejected| u64::try_from(rejected).ok()).unwrap_or(0)
}

/// `ExportTraceServiceResponse` and `ExportLogsServiceResponse`, which have the same form.
#[derive(Clone, PartialEq, prost::Message)]
struct Response {
    #[prost(message, optional, tag = "1")]
    partial: Option<PartialSuccess>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct PartialSuccess {
    #[prost(int64, tag = "1")]
    rejected: i64,
}

fn retry_after(headers: &http::HeaderMap) -> Duration {
    let value = headers.get(http::header::RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::trim);
    let seconds = value.and_then(|value| value.parse().ok()).map(Duration::from_secs);
    let date = || httpdate::parse_http_date(value?).ok()?.duration_since(SystemTime::now()).ok();
    seconds.or_else(date).unwrap_or_default().min(LONGEST_AFTER)
}

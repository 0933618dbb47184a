//! A request over HTTP, as everything of ours makes one: constant headers, no cookies, no redirects, TLS by ring.
//!
//! `forward` and `upload` send by it. What differs between them is theirs: the way there, how long it may take, and what
//! becomes of records that were not taken.

use crate::encode::{SCOPE_NAME, SCOPE_VERSION};
use std::sync::Arc;
use std::time::Duration;
use ureq::config::AutoHeaderValue;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Proxy};

/// The longest answer that is read, in bytes; and the longest head of one.
pub(crate) const LONGEST_ANSWER: usize = 64 * 1024;

/// What the status of an answer says of the records (OTLP specification 1.10, "OTLP/HTTP").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// They are taken.
    Taken,
    /// They may be sent again, after a while.
    NotNow,
    /// This is not the receiver, or somebody is in between.
    Elsewhere,
    /// They must not be sent again.
    Never,
}

impl Meaning {
    pub(crate) fn of(status: u16) -> Self {
        match status {
            200..=299 => Self::Taken,
            429 | 502 | 503 | 504 => Self::NotNow,
            300..=399 | 401 | 403 | 404 | 405 | 407 => Self::Elsewhere,
            _ => Self::Never,
        }
    }
}

/// A client with the certificates of the only authorities that are trusted, none meaning the compiled-in ones; with a
/// proxy, if there is one, and never one of the environment's; and with a limit on connecting, if there is one.
pub(crate) fn agent(authorities: &[Certificate<'static>], proxy: Option<Proxy>, connect: Option<Duration>) -> Agent {
    let roots = if authorities.is_empty() { RootCerts::WebPki } else { RootCerts::new_with_certs(authorities) };
    // Not the provider that the host may have installed for the whole process.
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    Agent::config_builder()
        .tls_config(TlsConfig::builder().root_certs(roots).unversioned_rustls_crypto_provider(ring).build())
        .proxy(proxy)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .timeout_connect(connect)
        .user_agent(format!("{SCOPE_NAME}/{SCOPE_VERSION}"))
        .accept(AutoHeaderValue::None)
        .accept_encoding(AutoHeaderValue::None)
        .max_response_header_size(LONGEST_ANSWER)
        .build()
        .new_agent()
}

/// The certificates of a PEM text; `None` if there is none, or something else that can't be read.
pub(crate) fn certificates(pem: &[u8]) -> Option<Vec<Certificate<'static>>> {
    let certificate = |item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(Some(certificate)),
        Ok(_) => None,
        Err(_) => Some(None),
    };
    let found: Option<Vec<_>> = parse_pem(pem).filter_map(certificate).collect();
    found.filter(|found| !found.is_empty())
}

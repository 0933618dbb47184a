//! An endpoint: the OTLP base URL of the receiver, accepted only in one safe form.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// `https://host[:port][/path]`, or `http` where the host is loopback. OTLP/HTTP appends `/v1/traces` and `/v1/logs`
/// (OTLP specification, "OTLP/HTTP Request").
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    origin: String,
    path: String,
    host: String,
    loopback: bool,
}

/// Why a text is not an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointError {
    /// The scheme is missing, or is neither `https` nor `http`.
    Scheme,
    /// A user name or a password precedes the host.
    Credentials,
    /// The host is missing, or has characters that a host name can't have.
    Host,
    /// The port is not a number from 1 to 65535.
    Port,
    /// The path has a character that would need escaping.
    Path,
    /// It has a query.
    Query,
    /// It has a fragment.
    Fragment,
    /// Plain `http` to a host that is not certainly loopback.
    Plaintext,
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "an endpoint begins with https://, or with http:// on loopback",
            Self::Credentials => "an endpoint has no user name or password",
            Self::Host => "an endpoint has a host name or an address after the scheme",
            Self::Port => "an endpoint's port is a number from 1 to 65535",
            Self::Path => "an endpoint's path has letters, digits and -._~/ only",
            Self::Query => "an endpoint has no query",
            Self::Fragment => "an endpoint has no fragment",
            Self::Plaintext => "an endpoint beyond loopback begins with https://",
        })
    }
}

impl std::error::Error for EndpointError {}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        Self::parse(text)
    }
}

impl Endpoint {
    /// # Errors
    /// The part of the text that is not allowed.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let (scheme, rest) = text.split_once("://").ok_or(EndpointError::Scheme)?;
        let tls = match scheme {
            "https" => true,
            "http" => false,
            _ => return Err(EndpointError::Scheme),
        };
        match rest.find(['?', '#']).and_then(|at| rest.get(at..)) {
            Some(rest) if rest.starts_with('?') => return Err(EndpointError::Query),
            Some(_) => return Err(EndpointError::Fragment),
            None => {}
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(EndpointError::Credentials);
        }
        let (host, port) = split_port(authority)?;
        let is_plain = !tls && !host.is_empty();
        let loopback = is_loopback(host).map_err(|why| if is_plain { EndpointError::Plaintext } else { why })?;
        if !path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte)) {
            return Err(EndpointError::Path);
        }
        if !tls && !loopback {
            return Err(EndpointError::Plaintext);
        }
        let host = host.to_ascii_lowercase();
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        Ok(Self {
            origin: format!("{scheme}://{host}{port}"),
            path: path.trim_end_matches('/').to_owned(),
            host,
            loopback,
        })
    }

    /// Scheme, host and port, which identify the receiver.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The host, in lower case; an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The host without brackets, for name resolution and the check of certificates.
    pub fn bare_host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }

    /// The port, by default that of the scheme (RFC 9110, section 4.2).
    pub fn port(&self) -> u16 {
        let named = self.authority().get(self.host.len() + 1..).and_then(|port| port.parse().ok());
        named.unwrap_or(if self.is_tls() { 443 } else { 80 })
    }

    /// Host and port as written.
    pub fn authority(&self) -> &str {
        self.origin.split_once("://").map_or("", |(_, authority)| authority)
    }

    /// The path, without a trailing slash.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it is on this machine: `localhost`, 127.0.0.0/8 or `[::1]`.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Whether the connection is encrypted.
    pub fn is_tls(&self) -> bool {
        self.origin.starts_with("https:")
    }

    /// The URL with a path appended, such as `/v1/traces`.
    pub fn join(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin, self.path)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.path)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({self})")
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), EndpointError> {
    let end = match authority.starts_with('[') {
        true => authority.find(']').ok_or(EndpointError::Host)? + 1,
        false => 0,
    };
    let colon = authority.get(end..).and_then(|rest| rest.find(':')).map(|at| end + at);
    let Some(colon) = colon else { return Ok((authority, None)) };
    let (host, port) = authority.split_at(colon);
    let digits = port.get(1..).unwrap_or_default();
    let number = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u16>().ok()).flatten();
    Ok((host, Some(number.filter(|&port| port > 0).ok_or(EndpointError::Port)?)))
}

fn is_loopback(host: &str) -> Result<bool, EndpointError> {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return Ok(address.parse::<Ipv6Addr>().map_err(|_| EndpointError::Host)?.is_loopback());
    }
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return Ok(address.is_loopback());
    }
    // A URL parser takes a host whose last part is numeric for an IPv4 address (WHATWG URL, section 3.5), in forms such
    // as 127.1 or 0x7f000001 that `Ipv4Addr` rejects: refused, so that two programs can't read it differently.
    let numeric = host.rsplit('.').next().is_some_and(|last| last.starts_with(|first: char| first.is_ascii_digit()));
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if numeric || host.len() > 253 || !host.split('.').all(label) {
        return Err(EndpointError::Host);
    }
    Ok(host.eq_ignore_ascii_case("localhost"))
}

//! URLs: the endpoint that records go to, the page that tells people about them, and the registry's own schema URL.
//!
//! The syntax is RFC 3986's. An endpoint is an OTLP base URL to which a path is appended (OpenTelemetry's exporter
//! specification, "Endpoint URLs for OTLP/HTTP"), so that a query or fragment has no place in it; a user or password
//! would be the same for everyone who runs the program. Plain `http` is for a receiver on the same machine.
//!
//! A link to the page about the telemetry is told to people who are about to decide, on a terminal where nothing
//! follows it: it has an endpoint's characters, so that what is read is where it leads, and no query or fragment, which
//! could tell one reader from another. It is `https`, because any host on the way of plain `http` could write
//! the page.

use std::fmt;

use scruple::registry::{Endpoint, EndpointError, MAX_TEXT};

/// Why a URL is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrlError {
    /// It is no URL of the form that the library takes.
    Url(EndpointError),
    /// It is longer than text may be.
    Length,
    /// It has no scheme, or another than `https`.
    Insecure,
    /// Its host is this machine, where other people can't reach the page.
    Loopback,
    /// It is that of one signal, which is appended to the base.
    Signal,
    /// It has no path with a version at its end.
    Version,
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Url(EndpointError::Scheme) => "doesn't begin with `https://` or `http://`",
            Self::Url(EndpointError::Credentials) => "has a user or password in it",
            Self::Url(EndpointError::Host) => "has no host name or address after its scheme",
            Self::Url(EndpointError::Port) => "has a port that is not from 1 to 65535",
            Self::Url(EndpointError::Path) => "has a path with other characters than letters, digits and `-._~/`",
            Self::Url(EndpointError::Query) => "has a query",
            Self::Url(EndpointError::Fragment) => "has a fragment",
            Self::Url(EndpointError::Plaintext) => "is plain `http` to another machine",
            Self::Url(_) => "is no URL",
            Self::Length => "has more than 256 bytes",
            Self::Insecure => "doesn't begin with `https://`",
            Self::Loopback => "leads to the reader's own machine",
            Self::Signal => "ends in a signal's path, which is appended to it",
            Self::Version => "has no path with a version",
        })
    }
}

/// An OTLP base URL: `https`, or `http` to `localhost`, `127.0.0.0/8` or `[::1]`.
pub fn admit_endpoint(text: &str) -> Result<(), UrlError> {
    let endpoint = Endpoint::parse(text).map_err(UrlError::Url)?;
    let is_of_signal = ["/v1/traces", "/v1/logs"].iter().any(|path| endpoint.path().ends_with(path));
    if is_of_signal { Err(UrlError::Signal) } else { Ok(()) }
}

/// A page that anybody can read: `https` to another machine, at most [`MAX_TEXT`] bytes, a host and a path as an
/// endpoint has them.
pub fn admit_link(text: &str) -> Result<(), UrlError> {
    if text.len() > MAX_TEXT {
        return Err(UrlError::Length);
    }
    if !text.starts_with("https://") {
        return Err(UrlError::Insecure);
    }
    let page = Endpoint::parse(text).map_err(UrlError::Url)?;
    if page.is_loopback() { Err(UrlError::Loopback) } else { Ok(()) }
}

/// A schema URL: a path whose last part is a version (OpenTelemetry, "Telemetry Schemas", "Schema URL"). It is a name, to
/// which nothing is sent: `http` says no less than `https`.
pub fn admit_schema_url(text: &str) -> Result<(), UrlError> {
    let url = Endpoint::parse(&text.replacen("http://", "https://", 1)).map_err(UrlError::Url)?;
    let version = url.path().rsplit('/').next().unwrap_or_default();
    let is_version = version.starts_with(|c: char| c.is_ascii_digit()) && !text.ends_with('/');
    if is_version { Ok(()) } else { Err(UrlError::Version) }
}

#[cfg(test)]
mod tests {
    use super::{EndpointError, UrlError, admit_endpoint, admit_link, admit_schema_url};

    #[test]
    fn an_endpoint_is_https_or_on_this_machine() {
        let check = |text: &str, expected| assert_eq!(admit_endpoint(text), expected, "{text}");
        for text in [
            "https://example.com",
            "https://example.com/",
            "https://telemetry.example.com:4318/base/path",
            "https://192.0.2.1",
            "https://[2001:db8::1]:443",
            "http://localhost:4318",
            "http://LOCALHOST",
            "http://127.0.0.1:4318",
            "http://127.255.255.254",
            "http://[::1]:4317",
        ] {
            check(text, Ok(()));
        }
        check("https://example.com/v1/traces", Err(UrlError::Signal));
        check("https://example.com/otlp/v1/logs/", Err(UrlError::Signal));
        check("https://example.com/v1", Ok(()));
        for text in
            ["", "example.com", "localhost:4318", "//example.com", "ftp://example.com", "HTTPS://example.com", "#"]
        {
            check(text, Err(UrlError::Url(EndpointError::Scheme)));
        }
        for text in ["https://user@example.com", "https://user:secret@example.com", "https://:secret@example.com"] {
            check(text, Err(UrlError::Url(EndpointError::Credentials)));
        }
        for text in ["https://example.com?a=b", "https://example.com/v1?", "https://example.com/?a"] {
            check(text, Err(UrlError::Url(EndpointError::Query)));
        }
        for text in ["https://example.com#a", "https://example.com/#"] {
            check(text, Err(UrlError::Url(EndpointError::Fragment)));
        }
        for text in
            ["https://example.com:0", "https://example.com:65536", "https://example.com:", "https://[::1]:99999"]
        {
            check(text, Err(UrlError::Url(EndpointError::Port)));
        }
        for text in [
            "http://example.com",
            "http://localhost.example.com",
            "http://localhost.",
            "http://128.0.0.1",
            "http://127.1",
            "http://0.0.0.0",
            "http://[::]",
            "http://[::2]",
            "http://[::ffff:127.0.0.1]",
        ] {
            check(text, Err(UrlError::Url(EndpointError::Plaintext)));
        }
        for text in [
            "https://",
            "https:///v1",
            "https://:4318",
            "https://exa mple.com",
            "https://ex\u{e4}mple.com",
            "https://ex\"ample.com",
            "https://example..com",
            "https://-example.com",
            "https://[example]",
            "https://[::1",
            "https://${ENDPOINT}",
            "https://127.1",
            "https://a_b.example.com",
            "https://example.com.",
        ] {
            check(text, Err(UrlError::Url(EndpointError::Host)));
        }
        for text in ["https://example.com/a\\b", "https://example.com/a%20b", "https://example.com/\n"] {
            check(text, Err(UrlError::Url(EndpointError::Path)));
        }
    }

    #[test]
    fn a_link_leads_to_a_public_page_and_nowhere_else() {
        let check = |text: &str, expected| assert_eq!(admit_link(text), expected, "{text}");
        let long = |bytes: usize| format!("https://example.com/{}", "a".repeat(bytes - "https://example.com/".len()));
        for text in ["https://example.com", "https://example.com/", "https://docs.example.com:8443/a-b/c_d.html~/"] {
            check(text, Ok(()));
        }
        check(&long(256), Ok(()));
        check(&long(257), Err(UrlError::Length));
        for text in
            ["", "example.com", "http://example.com", "http://localhost", "HTTPS://example.com", "//example.com"]
        {
            check(text, Err(UrlError::Insecure));
        }
        for text in ["https://example.com?", "https://example.com/a?id=1"] {
            check(text, Err(UrlError::Url(EndpointError::Query)));
        }
        check("https://example.com/#telemetry", Err(UrlError::Url(EndpointError::Fragment)));
        check("https://example.com@evil.example", Err(UrlError::Url(EndpointError::Credentials)));
        check("https://example.com:0", Err(UrlError::Url(EndpointError::Port)));
        for text in ["https://localhost/a", "https://127.0.0.1", "https://[::1]:8443/"] {
            check(text, Err(UrlError::Loopback));
        }
        for text in ["https://", "https://127.1", "https://a_b.example.com", "https://ex\u{e4}mple.com"] {
            check(text, Err(UrlError::Url(EndpointError::Host)));
        }
        for text in [
            "https://example.com/a b",
            "https://example.com/a%20b",
            "https://example.com/\u{1b}[2J",
            "https://example.com/\u{202e}moc",
            "https://example.com/a\\b",
            "https://example.com/\n",
        ] {
            check(text, Err(UrlError::Url(EndpointError::Path)));
        }
    }

    #[test]
    fn a_schema_url_ends_in_a_version() {
        assert_eq!(admit_schema_url("https://example.com/schemas/a/1.0.0"), Ok(()));
        assert_eq!(admit_schema_url("https://example.com/schemas/a/"), Err(UrlError::Version));
        assert_eq!(admit_schema_url("https://example.com/schemas/1.0.0/"), Err(UrlError::Version));
        assert_eq!(admit_schema_url("http://example.com/schemas/1.0.0"), Ok(()));
        assert_eq!(admit_schema_url("https://example.com"), Err(UrlError::Version));
        assert_eq!(admit_schema_url("https://1.example.com"), Err(UrlError::Version));
    }
}

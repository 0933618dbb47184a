//! Endpoints: what is one, and that everybody who reads one reads the same.

use proptest::prelude::*;
use scruple::consent::Reason;
use scruple::encode::Format;
use scruple::registry::EndpointError::{self, *};
use scruple::registry::{Endpoint, Registry};
use scruple::testing::Rehearsal;
use scruple_fixtures::tables::service;

static REGISTRY: Registry<'static> = Registry::new(
    "https://endpoint.example/schemas/1.0.0",
    service("example.endpoint", "endpoint").endpoint("https://telemetry.endpoint.example"),
);

/// The origin and the URL for spans, or why it is no endpoint; the builder says the same.
#[track_caller]
fn check(text: &str, expected: Result<(&str, &str), EndpointError>) {
    let endpoint = Endpoint::parse(text);
    let found = endpoint.as_ref().map(|endpoint| (endpoint.origin().to_owned(), endpoint.join("/v1/traces")));
    assert_eq!(found.map_err(|why| *why), expected.map(|(origin, url)| (origin.to_owned(), url.to_owned())), "{text}");
    let builder = scruple::start(&REGISTRY).rehearsal(Rehearsal::new()).endpoint(text);
    let because = builder.export(scruple::Exporter::requests(Format::Json, |_, _| ())).build().decision().reason;
    assert_eq!(because, endpoint.map_or_else(Reason::Endpoint, |_| Reason::Rehearsal), "{text}");
}

#[test]
fn an_endpoint_is_an_https_url_or_one_of_this_machine() {
    check("https://t.example.com", Ok(("https://t.example.com", "https://t.example.com/v1/traces")));
    check("https://T.Example.COM:8443/", Ok(("https://t.example.com:8443", "https://t.example.com:8443/v1/traces")));
    check("https://t.example.com/otlp/a//", Ok(("https://t.example.com", "https://t.example.com/otlp/a/v1/traces")));
    check("http://127.0.0.1:4318", Ok(("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces")));
    check("http://127.9.9.9", Ok(("http://127.9.9.9", "http://127.9.9.9/v1/traces")));
    check("http://[::1]:4318", Ok(("http://[::1]:4318", "http://[::1]:4318/v1/traces")));
    check("http://LOCALHOST", Ok(("http://localhost", "http://localhost/v1/traces")));
    check("https://192.0.2.1", Ok(("https://192.0.2.1", "https://192.0.2.1/v1/traces")));
}

#[test]
fn an_ambiguous_url_is_not_an_endpoint() {
    for (text, why) in [
        ("", Scheme),
        ("t.example.com", Scheme),
        ("HTTPS://t.example.com", Scheme),
        ("ftp://t.example.com", Scheme),
        (" https://t.example.com", Scheme),
        ("https:/t.example.com", Scheme),
        ("https://", Host),
        ("https:///path", Host),
        ("https://user@t.example.com", Credentials),
        ("https://user:password@t.example.com", Credentials),
        ("https://good.example.com\\@evil.example.com", Credentials),
        ("https://good.example.com\\.evil.example.com", Host),
        ("https://t.example.com.", Host),
        ("https://-t.example.com", Host),
        ("https://t_example.com", Host),
        ("https://t%2eexample.com", Host),
        ("https://bücher.example", Host),
        ("https://127.1", Host),
        ("https://0x7f000001", Host),
        ("https://2130706433", Host),
        ("https://0177.0.0.1", Host),
        ("https://[::1", Host),
        ("https://[::1]x", Host),
        ("https://[fe80::1%25eth0]", Host),
        ("https://t.example.com:", Port),
        ("https://t.example.com:0", Port),
        ("https://t.example.com:+443", Port),
        ("https://t.example.com:65536", Port),
        ("https://t.example.com:443:443", Port),
        ("https://t.example.com/a b", Path),
        ("https://t.example.com/%2e", Path),
        ("https://t.example.com/a\r\nx: y", Path),
        ("https://t.example.com?key=1", Query),
        ("https://t.example.com/?a#b", Query),
        ("https://t.example.com/#a", Fragment),
        ("https://t.example.com/#a?b", Fragment),
        ("http://t.example.com", Plaintext),
        ("http://localhost.example.com", Plaintext),
        ("http://[::ffff:127.0.0.1]", Plaintext),
        ("http://0.0.0.0", Plaintext),
        ("http://128.0.0.1", Plaintext),
        ("http://127.1", Plaintext),
        ("http://", Host),
    ] {
        check(text, Err(why));
    }
}

#[test]
fn the_client_and_the_endpoint_parse_alike() {
    let host = "([a-z0-9.-]{1,9}|localhost|127\\.0\\.0\\.[0-9]{1,3}|\\[[0-9a-f:]{2,6}\\]|[A-C]\\.b|.{0,3})";
    let parts = (
        "(https|https|http|HTTP)",
        "(://|://|:/)",
        host,
        "(|:[0-9]{1,5}|[:@\\\\].{0,2})",
        "(|/[a-z0-9/._~-]{0,8}|.{0,3})",
    );
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(20_000) };
    let accepted = std::cell::Cell::new(0);
    proptest!(config, |((scheme, colon, host, port, path) in parts)| {
        let Ok(endpoint) = Endpoint::parse(&format!("{scheme}{colon}{host}{port}{path}")) else { return Ok(()) };
        accepted.set(accepted.get() + 1);
        // What tonic reads URLs with, and others.
        let uri: http::Uri = endpoint.join("/v1/traces").parse().expect("a client can read it");
        let authority = uri.authority().expect("a host");
        prop_assert_eq!(uri.host(), Some(endpoint.host()));
        prop_assert_eq!(format!("{}://{authority}", uri.scheme_str().unwrap()), endpoint.origin());
        prop_assert_eq!(uri.scheme_str() == Some("https"), endpoint.is_tls());
        prop_assert_eq!(authority.as_str(), endpoint.authority());
        prop_assert_eq!(uri.port_u16().unwrap_or(if endpoint.is_tls() { 443 } else { 80 }), endpoint.port());
        prop_assert!(endpoint.is_tls() || endpoint.is_loopback());
        prop_assert!(uri.path().ends_with("/v1/traces") && uri.query().is_none());
        // Said again, it is the same.
        prop_assert_eq!(&Endpoint::parse(&endpoint.to_string()), &Ok(endpoint));
    });
    assert!(accepted.get() > 500, "{} were endpoints", accepted.get());
}

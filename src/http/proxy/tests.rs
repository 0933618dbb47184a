//! The accepted forms of a proxy and of a list of exceptions.

use super::{Proxy, base64};
use crate::registry::Endpoint;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use proptest::prelude::*;

fn proxy(is_tls: bool, host: &str, port: u16, credentials: Option<&str>) -> Option<Proxy> {
    Some(Proxy { is_tls, host: host.to_owned(), port, credentials: credentials.map(str::to_owned) })
}

#[test]
fn a_valid_proxy_is_parsed() {
    assert_eq!(Proxy::parse("http://proxy.example:3128"), proxy(false, "proxy.example", 3128, None));
    assert_eq!(Proxy::parse("HTTP://proxy.example/"), proxy(false, "proxy.example", 80, None));
    assert_eq!(Proxy::parse("https://proxy_1"), proxy(true, "proxy_1", 443, None));
    assert_eq!(Proxy::parse("proxy:3128"), proxy(false, "proxy", 3128, None));
    assert_eq!(Proxy::parse("http://[::1]:3128"), proxy(false, "::1", 3128, None));
    assert_eq!(Proxy::parse("http://alice:s%3Acret@10.0.0.1:1"), proxy(false, "10.0.0.1", 1, Some("YWxpY2U6czpjcmV0")));
    assert_eq!(Proxy::parse("http://alice@proxy"), proxy(false, "proxy", 80, Some("YWxpY2U6")));
}

#[test]
fn an_invalid_proxy_is_refused() {
    for text in [
        "",
        "http://",
        "socks5://proxy:1080",
        "socks5h://proxy",
        "gopher://proxy",
        "ftp://proxy",
        "http://proxy:0",
        "http://proxy:65536",
        "http://proxy:+80",
        "http://proxy:",
        "http://proxy/path",
        "http://proxy?a",
        "http://a b",
        "http://proxy\r\nx: y",
        "http://a:b:c%0d@proxy",
        "http://a%3Ab@proxy",
        "http://a%zz@proxy",
        "http://a%4@proxy",
        "http://[::1",
        "http://[proxy]:1",
        "//proxy",
        "http:proxy",
        "http://ü.example",
    ] {
        assert_eq!(Proxy::parse(text), None, "{text}");
    }
}

fn check(endpoint: &str, list: &str, is_named: Option<bool>) {
    let endpoint = Endpoint::parse(endpoint).unwrap();
    assert_eq!(Proxy::is_without(list, &endpoint), is_named, "{endpoint:?} {list}");
}

#[test]
fn exceptions_name_hosts_ports_and_networks() {
    let name = "https://a.example.com:8443";
    for list in [
        "*",
        "example.com",
        ".example.com",
        "*.example.com",
        "a.example.com",
        "A.EXAMPLE.com",
        "example.com:8443",
        "a.example.com:8443",
        "other, example.com",
        "other example.com",
        "other,\texample.com ,",
        "example.com.",
    ] {
        check(name, list, Some(true));
    }
    for list in ["", " , ,", "ample.com", "b.example.com", "example.com:443", "example.co", "10.0.0.0/8", "::/0", "::1"]
    {
        check(name, list, Some(false));
    }
    check("https://10.1.2.3", "10.0.0.0/8", Some(true));
    check("https://10.1.2.3", "10.1.2.3:443", Some(true));
    check("https://10.1.2.3", "10.1.2.3:80", Some(false));
    check("https://10.1.2.3", "0.0.0.0/0", Some(true));
    check("https://10.1.2.3", "11.0.0.0/8, ::/0", Some(false));
    check("https://10.1.2.3", "10.1.2.2/31", Some(true));
    check("https://10.1.2.3", "10.1.2.2/32", Some(false));
    check("https://[fd00::1]", "fd00::/8", Some(true));
    check("https://[fd00::1]", "fd00::1", Some(true));
    check("https://[fd00::1]", "[fd00::1]", Some(true));
    check("https://[fd00::1]:1", "[fd00::1]:1", Some(true));
    check("https://[fd00::1]", "[fd00::1]:1", Some(false));
}

#[test]
fn an_invalid_exception_is_never_ignored() {
    for list in [
        "http://example.com",
        "example.com:x",
        "example.com:0",
        "10.0.0.0/33",
        "10.0.0.0/x",
        "a/8",
        "ex*mple.com",
        "a;b",
        "*, ?",
        "ü.example",
        "[::1",
        "example.com|other",
    ] {
        check("https://a.example.com", list, None);
    }
}

#[test]
fn base64_matches_the_vectors_of_rfc_4648() {
    let vectors = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
    for (length, text) in vectors.into_iter().enumerate() {
        assert_eq!(base64(&b"foobar"[..length]), text);
    }
}

proptest! {
    #[test]
    fn base64_is_that_of_the_crate(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        prop_assert_eq!(base64(&bytes), BASE64_STANDARD.encode(&bytes));
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in "\\PC{0,40}", list in "[a-z0-9.:,/*\\[\\] %@-]{0,40}") {
        let endpoint = Endpoint::parse("https://a.example.com").unwrap();
        let _ = (Proxy::parse(&text), Proxy::parse(&list), Proxy::is_without(&text, &endpoint), Proxy::is_without(&list, &endpoint));
    }
}

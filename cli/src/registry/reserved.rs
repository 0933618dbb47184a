//! Names and addresses that no program of its own may keep: those that are reserved for examples and tests, and those of
//! the machine that the program runs on.
//!
//! Names: `example`, `test`, `invalid` and `localhost` at the end, and `example.com`, `example.net`, `example.org`
//! (RFC 2606, RFC 6761). Addresses: 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 (RFC 5737), 2001:db8::/32 (RFC 3849),
//! 3fff::/20 (RFC 9637).

use std::net::IpAddr;

/// Whether a host is reserved for examples and tests; its labels, the last one first, are those of an app id.
pub fn is_reserved(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if let Ok(address) = host.trim_matches(['[', ']']).parse() {
        return match address {
            IpAddr::V4(address) => address.is_documentation(),
            IpAddr::V6(address) => {
                matches!(address.segments(), [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..])
            }
        };
    }
    is_reserved_domain(host.rsplit('.'))
}

/// Whether an app id begins with a reserved name.
pub fn is_reserved_app_id(app_id: &str) -> bool {
    is_reserved_domain(app_id.split('.'))
}

/// The labels of a domain from the top.
fn is_reserved_domain<'a>(mut labels: impl Iterator<Item = &'a str>) -> bool {
    let top = labels.next().unwrap_or_default();
    ["example", "test", "invalid", "localhost"].contains(&top)
        || (["com", "net", "org"].contains(&top) && labels.next() == Some("example"))
}

/// The first reserved name in a sentence: the host of an address for mail or of a page.
pub fn reserved_in(sentence: &str) -> Option<&str> {
    let words = sentence.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>' | '(' | ')' | '"'));
    words.filter_map(host).find(|host| is_reserved(host))
}

/// The host in a word that is an address; `example` alone is a word.
fn host(word: &str) -> Option<&str> {
    let (scheme, rest) = word.split_once("://").map_or((None, word), |(scheme, rest)| (Some(scheme), rest));
    let (mail, rest) = rest.rsplit_once('@').map_or((None, rest), |(name, rest)| (Some(name), rest));
    let host = rest.split(['/', ':', '?', '#']).next()?.trim_end_matches(['.', '!']);
    (scheme.is_some() || mail.is_some() || host.contains('.')).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::{is_reserved, is_reserved_app_id, reserved_in};

    #[test]
    fn a_name_for_examples_is_reserved_below_itself_and_nowhere_else() {
        for host in [
            "example.com",
            "telemetry.example.com",
            "EXAMPLE.NET",
            "a.b.example.org.",
            "words.example",
            "words.test",
            "a.invalid",
            "a.localhost",
            "localhost",
            "192.0.2.1",
            "198.51.100.7",
            "203.0.113.9",
            "[2001:db8::1]",
            "3fff::1",
        ] {
            assert!(is_reserved(host), "{host}");
        }
        for host in [
            "example.de",
            "myexample.com",
            "example.com.mycorp.io",
            "test.mycorp.io",
            "contest",
            "192.0.3.1",
            "10.0.0.1",
            "[2001:db9::1]",
            "3fff:1000::1",
            "",
        ] {
            assert!(!is_reserved(host), "{host}");
        }
        for app_id in ["com.example.words", "com.example", "org.example.a.b", "test.words", "example.words"] {
            assert!(is_reserved_app_id(app_id), "{app_id}");
        }
        for app_id in ["com.examples.words", "com.mycorp.example", "io.example.words", "de.test"] {
            assert!(!is_reserved_app_id(app_id), "{app_id}");
        }
    }

    #[test]
    fn an_address_in_a_sentence_is_found_and_a_word_is_not() {
        let check = |sentence: &str, expected| assert_eq!(reserved_in(sentence), expected, "{sentence}");
        check("The example project, privacy@example.com", Some("example.com"));
        check("My Corp (you@words.test), since 2026.", Some("words.test"));
        check("See https://www.example.org/privacy.", Some("www.example.org"));
        check("Write to root@localhost.", Some("localhost"));
        check("The example project: a test, for example.", None);
        check("My Corp, privacy@mycorp.io", None);
    }
}

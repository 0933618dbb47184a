//! Parses the proxy variables and the list of hosts that need no proxy.
//!
//! An invalid proxy or list entry is an error: it never makes the client bypass the proxy.

use crate::encode::base64;
use crate::registry::Endpoint;
use std::net::IpAddr;

/// A proxy that supports `CONNECT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proxy {
    pub(crate) is_tls: bool,
    /// An IPv6 address has no brackets here.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// User and password in the form of RFC 7617, in base64.
    pub(crate) credentials: Option<String>,
}

impl Proxy {
    /// Parses `[http://|https://][user[:password]@]host[:port][/]`; the port is 80 or 443 by default. `None` for
    /// anything else, such as a SOCKS proxy.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (is_tls, rest) = match text.split_once("://") {
            None => (false, text),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (false, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (true, rest),
            Some(_) => return None,
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (credentials, address) = match rest.rsplit_once('@') {
            None => (None, rest),
            Some((credentials, address)) => (Some(basic(credentials)?), address),
        };
        let (host, port) = split_port(address)?;
        let port = port.unwrap_or(if is_tls { 443 } else { 80 });
        Some(Self { is_tls, host: bare(host)?.to_owned(), port, credentials })
    }

    /// Whether a `NO_PROXY` list covers this endpoint. Commas or blanks separate the entries. `*` covers every host;
    /// `example.com`, `.example.com` and `*.example.com` cover that host and its subdomains; `example.com:8443` covers
    /// one port of it; `10.0.0.0/8` covers that network. `None` if the list has any other entry.
    pub(crate) fn is_without(list: &str, endpoint: &Endpoint) -> Option<bool> {
        let entries = list.split(|c: char| c == ',' || c.is_ascii_whitespace()).filter(|entry| !entry.is_empty());
        let mut is_named = false;
        for entry in entries {
            is_named |= names(entry, endpoint)?;
        }
        Some(is_named)
    }
}

fn names(entry: &str, endpoint: &Endpoint) -> Option<bool> {
    if entry == "*" {
        return Some(true);
    }
    let address = endpoint.bare_host().parse::<IpAddr>().ok();
    if let Some((network, length)) = entry.split_once('/') {
        return is_within(address, network.parse().ok()?, length.parse().ok()?);
    }
    if let Ok(named) = entry.parse::<IpAddr>() {
        return Some(address == Some(named));
    }
    let (host, port) = split_port(entry)?;
    let is_port = port.is_none_or(|port| port == endpoint.port());
    if let Ok(named) = bare(host.strip_prefix("*.").or(host.strip_prefix('.')).unwrap_or(host))?.parse::<IpAddr>() {
        return Some(is_port && address == Some(named));
    }
    let name = host.strip_prefix("*.").or(host.strip_prefix('.')).unwrap_or(host).trim_end_matches('.');
    let name = name.to_ascii_lowercase();
    let below = endpoint.host().strip_suffix(&name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    Some(is_port && below)
}

/// Whether an address is in a network; a name (`None`) is in no network.
fn is_within(address: Option<IpAddr>, network: IpAddr, length: u32) -> Option<bool> {
    let bits = |address: IpAddr| match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()) << 96, 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    };
    let (network_bits, most) = bits(network);
    if length > most {
        return None;
    }
    let same_kind = address.filter(|address| address.is_ipv4() == network.is_ipv4());
    let differs = same_kind.map(|address| (bits(address).0 ^ network_bits).checked_shr(128 - length).unwrap_or(0));
    Some(differs == Some(0))
}

/// Splits a host, with its brackets if it has any, from its port.
fn split_port(address: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match address.rsplit_once(':') {
        // The colon is inside the brackets.
        Some((_, after)) if after.contains(']') => (address, None),
        Some((host, port)) => (host, Some(port)),
        None => (address, None),
    };
    let digits = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()).then(|| port.parse().ok()).flatten();
    match port.map(digits) {
        None => Some((host, None)),
        Some(Some(port)) if port > 0 => Some((host, Some(port))),
        Some(_) => None,
    }
}

/// Validates a name or an address; removes an IPv6 address's brackets.
fn bare(host: &str) -> Option<&str> {
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']')?;
        return address.parse::<std::net::Ipv6Addr>().ok().map(|_| address);
    }
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let is_name = !host.is_empty() && host.len() <= 253 && host.bytes().all(known) && !host.starts_with('.');
    is_name.then_some(host)
}

/// Encodes user and password, which may be percent-encoded, in the form of RFC 7617.
fn basic(credentials: &str) -> Option<String> {
    let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
    let (user, password) = (unescaped(user)?, unescaped(password)?);
    let is_control = |byte: &u8| byte.is_ascii_control();
    if user.contains(&b':') || user.iter().chain(&password).any(is_control) {
        return None;
    }
    Some(base64(&[user.as_slice(), b":", &password].concat()))
}

fn unescaped(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    Some(bytes)
}

#[cfg(test)]
mod tests;

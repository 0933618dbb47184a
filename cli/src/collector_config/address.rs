//! The sender's address, to three octets, where the registry says so: people are told of it before they agree.
//!
//! It is read from what the Collector knows of the connection, so that no record can say it, cut before anything stores
//! it, and of IPv4 only: the first three octets of an IPv6 address name nobody's network. A header is anybody's claim
//! unless a proxy of the operator's own writes it over, so it is read only where the operator names it.
//!
//! It is kept of a record with the registry's own schema URL alone: a program of an earlier version, whose people were
//! told of no address, goes on sending when the operator has the new configuration. What arrives with the new URL was
//! sent under a consent to the new registry.

use scruple::registry::Registry;

use super::ottl::{is_text, literal};
use super::{Kind, Options};

/// The key on the wire.
const KEY: &str = "client.address";

/// A number from 0 to 255, as RFC 3986 (section 3.2.2, `dec-octet`) writes it: a header may say anything.
const OCTET: &str = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";

/// Where the address comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// The other end of the connection.
    Connection,
    /// A header of the request, in lower case.
    Header(String),
    /// What a Collector of this configuration, nearer to the sender, has cut already.
    Cut,
}

impl Address {
    /// Where it comes from, if the registry lets it be kept.
    pub fn of(registry: &Registry<'_>, options: &Options) -> Option<Self> {
        registry.service.client_address.then(|| match (options.kind, &options.header) {
            (Kind::GatewayKafka, _) => Self::Cut,
            (_, Some(name)) => Self::Header(name.clone()),
            (_, None) => Self::Connection,
        })
    }

    /// The statements that put it into a record's cache.
    pub fn statements(&self, context: &str, schema_url: &str) -> Vec<String> {
        let to = format!("{context}.cache[{}]", literal(KEY));
        let from = match self {
            Self::Connection => "otelcol.client.addr".to_owned(),
            Self::Header(name) => format!("otelcol.client.metadata[{}][0]", literal(name)),
            Self::Cut => {
                let from = format!("{context}.attributes[{}]", literal(KEY));
                let rule = is_text(&from, &format!("{OCTET}([.]{OCTET}){{2}}[.]0"));
                return vec![format!("set({to}, {from}) where {rule}")];
            }
        };
        // Over gRPC the port stands behind it.
        let rule = is_text(&from, &format!("{OCTET}([.]{OCTET}){{3}}(:[0-9]{{1,5}})?"));
        vec![
            format!("set({to}, {from}) where resource.schema_url == {} and {rule}", literal(schema_url)),
            format!(
                "replace_pattern({to}, {}, {}) where IsString({to})",
                literal("[.][0-9]{1,3}(:[0-9]{1,5})?$"),
                literal(".0")
            ),
        ]
    }
}

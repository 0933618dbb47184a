//! The sender's address to three octets, if the registry declares it: the notice names it before people agree.
//!
//! The Collector takes the address from the connection, so that no record can forge it, and cuts it before anything is
//! stored. Only IPv4 is kept: the first three octets of an IPv6 address identify no network. A sender can put any text
//! into a header unless a proxy of the operator overwrites it, so a header is read only if the operator names it.
//!
//! The address is kept only for a record with the schema URL of a version that declares it. Programs of an earlier version,
//! whose notice named no address, keep sending after the operator has deployed the new configuration. A record with the
//! new URL was sent under a consent to the new registry. `transform/usage` has removed every other schema URL before.

use scruple::registry::Registry;

use super::options::{CollectorKind, Options};
use super::ottl::{SCHEMA_URL, Statement, is_text, literal};

/// The key on the wire.
const KEY: &str = "client.address";

/// A number from 0 to 255 in the form of RFC 3986 (section 3.2.2, `dec-octet`), since a header may hold any text.
const OCTET: &str = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";

/// Where the address comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// The other end of the connection.
    Connection,
    /// A header of the request, in lower case.
    Header(String),
    /// The record: an edge Collector has already added the cut address.
    Cut,
}

impl Address {
    /// The source of the address, if the registry allows an address.
    pub fn of(registry: &Registry<'_>, options: &Options) -> Option<Self> {
        registry.service.client_address.then(|| match (options.kind, &options.header) {
            (CollectorKind::GatewayKafka, _) => Self::Cut,
            (_, Some(name)) => Self::Header(name.clone()),
            (_, None) => Self::Connection,
        })
    }

    /// The statements that copy the address into a record's cache.
    pub fn statements(&self, context: &str) -> Vec<Statement> {
        let is_declared = format!(r#"{SCHEMA_URL} != """#);
        let to = format!("{context}.cache[{}]", literal(KEY));
        let from = match self {
            Self::Connection => "otelcol.client.addr".to_owned(),
            Self::Header(name) => format!("otelcol.client.metadata[{}][0]", literal(name)),
            Self::Cut => {
                let from = format!("{context}.attributes[{}]", literal(KEY));
                let rule = is_text(&from, &format!("{OCTET}([.]{OCTET}){{2}}[.]0"));
                return vec![Statement::set(&to, from).only(format!("{is_declared} and {rule}"))];
            }
        };
        // Over gRPC the address includes the port.
        let rule = is_text(&from, &format!("{OCTET}([.]{OCTET}){{3}}(:[0-9]{{1,5}})?"));
        vec![
            Statement::set(&to, from).only(format!("{is_declared} and {rule}")),
            Statement::new(format!(
                "replace_pattern({to}, {}, {})",
                literal("[.][0-9]{1,3}(:[0-9]{1,5})?$"),
                literal(".0")
            ))
            .only(format!("IsString({to})")),
        ]
    }
}

//! TLS: whose certificates are trusted, with ring whatever the host has made the process's default.

use rustls::client::Resumption;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// The only authorities that are trusted; by default those that are compiled in, of Mozilla's programme.
#[derive(Clone, Default)]
pub(crate) struct Authorities(Option<Vec<CertificateDer<'static>>>);

impl Authorities {
    /// Those of a PEM text; `None` if it has no certificate, or one that can't be read.
    pub(crate) fn parse(pem: &[u8]) -> Option<Self> {
        let found: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().ok()?;
        (!found.is_empty()).then_some(Self(Some(found)))
    }
}

/// A client's side of TLS, for one protocol if it is named; `None` where none of the certificates is of a kind that can be
/// trusted.
pub(crate) fn tls(authorities: &Authorities, protocol: Option<&[u8]>) -> Option<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    match &authorities.0 {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(certificates) => drop(roots.add_parsable_certificates(certificates.iter().cloned())),
    }
    if roots.is_empty() {
        return None;
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .ok()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    // A ticket would tell the receiver that two connections come from one machine.
    config.resumption = Resumption::disabled();
    config.alpn_protocols.extend(protocol.map(<[u8]>::to_vec));
    Some(Arc::new(config))
}

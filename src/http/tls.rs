//! TLS: the trusted certificate authorities, and always ring, even if the host has installed another default provider.

use rustls::client::Resumption;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// The trusted authorities; by default Mozilla's, which are compiled in.
#[derive(Clone, Default)]
pub(crate) struct Authorities(Option<Vec<CertificateDer<'static>>>);

impl Authorities {
    /// Parses the certificates of a PEM text; `None` if it has no certificate or an invalid one.
    pub(crate) fn parse(pem: &[u8]) -> Option<Self> {
        let found: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().ok()?;
        (!found.is_empty()).then_some(Self(Some(found)))
    }
}

/// The client's TLS configuration, with one ALPN protocol if `protocol` names it. `None` if every certificate is
/// unusable as a trust anchor.
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
    // A session ticket would let the receiver link two connections of one machine.
    config.resumption = Resumption::disabled();
    config.alpn_protocols.extend(protocol.map(<[u8]>::to_vec));
    Some(Arc::new(config))
}

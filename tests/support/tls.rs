//! A receiver's own certificate.

use std::sync::Arc;

/// A certificate that signs itself, in PEM, and a server's configuration with it.
pub fn authority(protocol: &[u8]) -> (String, Arc<rustls::ServerConfig>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let mut config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
    config.alpn_protocols.push(protocol.to_vec());
    (made.cert.pem(), Arc::new(config))
}

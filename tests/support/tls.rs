//! A receiver's own certificate.

use std::io::Read;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

/// A certificate that signs itself, in PEM, and a server's configuration with it.
pub fn authority(protocol: &[u8]) -> (String, Arc<rustls::ServerConfig>) {
    authority_of(&["localhost"], protocol)
}

/// The same for these names.
pub fn authority_of(names: &[&str], protocol: &[u8]) -> (String, Arc<rustls::ServerConfig>) {
    let made =
        rcgen::generate_simple_self_signed(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
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

/// Makes the handshake that a client waits for, and reads until it ends the connection or this text has come: whether it
/// has.
pub fn receives(stream: TcpStream, config: Arc<rustls::ServerConfig>, text: &[u8]) -> bool {
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut stream = rustls::StreamOwned::new(rustls::ServerConnection::new(config).unwrap(), stream);
    let (mut all, mut bytes) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = stream.read(&mut bytes) {
        all.extend_from_slice(&bytes[..read]);
        if all.windows(text.len()).any(|window| window == text) {
            return true;
        }
    }
    false
}

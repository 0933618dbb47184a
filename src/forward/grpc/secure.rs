//! TLS below gRPC, with ring whatever the host has made the process's default.
//!
//! tonic's own TLS takes the provider that the host installed for the whole process, and panics where that one can't
//! do what it needs. Here tonic is told of a plain connection, gets one that is encrypted already, and says `https` in
//! its calls all the same.

use crate::registry::Endpoint;
use http::HeaderValue;
use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel as Tunneled;
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::io::{Error, ErrorKind};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::Channel;
use tower::service_fn;
use ureq::tls::Certificate;

const H2: &[u8] = b"h2";

/// A proxy that makes a connection on demand (RFC 9110, section 9.3.6).
#[derive(Clone)]
pub(crate) struct Tunnel {
    pub(crate) uri: Uri,
    pub(crate) authorization: Option<HeaderValue>,
}

/// A host, whom to believe that it is that, and where it is.
#[derive(Clone)]
pub(super) struct Secure {
    connector: TlsConnector,
    name: ServerName<'static>,
    host: String,
    port: u16,
    tunnel: Option<Tunnel>,
}

impl Secure {
    /// `None` where the endpoint's host is no name that a certificate could have, or ring fails.
    pub(super) fn new(
        endpoint: &Endpoint,
        certificates: &[Certificate<'static>],
        tunnel: Option<Tunnel>,
    ) -> Option<Self> {
        let mut roots = RootCertStore::empty();
        if certificates.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        for certificate in certificates {
            roots.add(CertificateDer::from(certificate.der().to_vec())).ok()?;
        }
        let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .ok()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols.push(H2.to_vec());
        let port = endpoint.origin().parse::<Uri>().ok()?.port_u16().unwrap_or(443);
        let host = endpoint.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(host.clone()).ok()?;
        Some(Self { connector: Arc::new(config).into(), name, host, port, tunnel })
    }

    pub(super) fn connect_lazy(self, destination: &tonic::transport::Endpoint) -> Channel {
        destination.connect_with_connector_lazy(service_fn(move |_: Uri| {
            let secure = self.clone();
            async move { secure.connect().await.map(TokioIo::new) }
        }))
    }

    async fn connect(self) -> Result<TlsStream<TcpStream>, Error> {
        let stream = match &self.tunnel {
            None => TcpStream::connect((self.host.as_str(), self.port)).await?,
            Some(tunnel) => tunnel.connect(&self.host, self.port).await?,
        };
        stream.set_nodelay(true)?;
        let stream = self.connector.connect(self.name, stream).await?;
        if stream.get_ref().1.alpn_protocol() == Some(H2) { Ok(stream) } else { Err(ErrorKind::Unsupported.into()) }
    }
}

impl Tunnel {
    async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, Error> {
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let to: Uri = format!("https://{host}:{port}").parse().map_err(Error::other)?;
        let mut tunneled = Tunneled::new(self.uri.clone(), HttpConnector::new());
        if let Some(authorization) = &self.authorization {
            tunneled = tunneled.with_auth(authorization.clone());
        }
        Ok(tower::Service::call(&mut tunneled, to).await.map_err(Error::other)?.into_inner())
    }
}

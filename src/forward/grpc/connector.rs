//! The socket below gRPC: connected as for HTTP, encrypted by ring, and closed after a no.
//!
//! tonic's own TLS uses the cryptographic provider that the host installed for the process, and panics if that provider
//! lacks an algorithm. So tonic is given a plain connection that is already encrypted, and its calls name `https`.

use crate::files::Owned;
use crate::http::socket::{self, Socket};
use crate::http::{HttpError, MaySend, Route};
use crate::registry::Endpoint;
use http::Uri;
use hyper_util::rt::TokioIo;
use rustix::net::{Shutdown, shutdown};
use rustls::pki_types::ServerName;
use std::io::{self, Error, ErrorKind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tonic::transport::Channel;
use tower::service_fn;

/// The time limit of a connection attempt.
const CONNECT: Duration = Duration::from_secs(10);

/// The protocol to negotiate.
pub(super) const H2: &[u8] = b"h2";

/// Makes sockets to an endpoint.
#[derive(Clone)]
pub(super) struct Connector {
    endpoint: Endpoint,
    route: Route,
    /// The name that the certificate must have.
    name: ServerName<'static>,
    may_send: MaySend,
    calls: Arc<AtomicUsize>,
}

impl Connector {
    /// `calls` is the number of unanswered calls. `None` if the endpoint's host is not a valid name for a certificate.
    pub(super) fn new(endpoint: &Endpoint, route: Route, may_send: &MaySend, calls: &Arc<AtomicUsize>) -> Option<Self> {
        let name = ServerName::try_from(endpoint.bare_host().to_owned()).ok()?;
        Some(Self { endpoint: endpoint.clone(), route, name, may_send: Arc::clone(may_send), calls: Arc::clone(calls) })
    }

    pub(super) fn connect_lazy(self, destination: &tonic::transport::Endpoint) -> Channel {
        destination.connect_with_connector_lazy(service_fn(move |_: Uri| {
            let way = self.clone();
            async move { way.connect().await.map(TokioIo::new) }
        }))
    }

    async fn connect(self) -> Result<Box<dyn AsyncStream>, Error> {
        let Self { endpoint, route, name, may_send, calls } = self;
        let (tls, ask, is_tls) = (Arc::clone(&route.tls), Arc::clone(&may_send), endpoint.is_tls());
        let connect = move || socket::connect(&endpoint, &route, &ask, Instant::now() + CONNECT);
        let connected = tokio::task::spawn_blocking(connect).await?.map_err(|why| match why {
            HttpError::Off => Error::from(ErrorKind::ConnectionAborted),
            HttpError::TimedOut => ErrorKind::TimedOut.into(),
            HttpError::Unreachable | HttpError::Unreadable => ErrorKind::ConnectionRefused.into(),
        })?;
        connected.set_nonblocking(true)?;
        // The last frame of a message would wait for the answer to the one before.
        connected.set_nodelay(true)?;
        let socket = Socket::new(Owned::in_place(TcpStream::from_std(connected)?)?);
        let stream = WatchedSocket { socket, may_send, calls };
        if !is_tls {
            return Ok(Box::new(stream));
        }
        let stream = TlsConnector::from(tls).connect(name, stream).await?;
        let is_h2 = stream.get_ref().1.alpn_protocol() == Some(H2);
        if is_h2 { Ok(Box::new(stream)) } else { Err(ErrorKind::Unsupported.into()) }
    }
}

trait AsyncStream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> AsyncStream for T {}

/// A socket that asks the switch before each piece that is written.
struct WatchedSocket {
    socket: Socket<TcpStream>,
    may_send: MaySend,
    calls: Arc<AtomicUsize>,
}

impl Drop for WatchedSocket {
    fn drop(&mut self) {
        // Without this the close is a reset, which discards the unsent part.
        if self.calls.load(Ordering::Relaxed) == 0 {
            let _ = self.socket.get().and_then(socket::end_in_order);
        }
    }
}

impl AsyncRead for WatchedSocket {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let socket = self.socket.get()?;
        loop {
            std::task::ready!(socket.poll_read_ready(context))?;
            match socket.try_read_buf(into) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                read => return Poll::Ready(read.map(drop)),
            }
        }
    }
}

impl AsyncWrite for WatchedSocket {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if !(self.may_send)() {
            return Poll::Ready(Err(ErrorKind::ConnectionAborted.into()));
        }
        let socket = self.socket.get()?;
        loop {
            std::task::ready!(socket.poll_write_ready(context))?;
            match socket.try_write(bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.socket.get().and_then(|socket| Ok(shutdown(socket, Shutdown::Write)?)))
    }
}

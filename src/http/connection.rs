//! Opens a connection to a host: it dials, tunnels through a proxy if there is one, and adds TLS.

use super::dial::{Reach, dial};
use super::response::{self, Response};
use super::wire::{Leave, Socket, Wire, reset_at_end};
use super::{HttpError, MaySend, Proxy};
use crate::files::Owned;
use crate::limits::MAX_PROXY_HEAD;
use crate::registry::Endpoint;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Instant;

/// The way to a host.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) tls: Arc<ClientConfig>,
    pub(crate) proxy: Option<Proxy>,
}

trait ByteStream: Read + Write + Send {}

impl<T: Read + Write + Send> ByteStream for T {}

/// A connection to a host, for one request after another.
pub(crate) struct Connection {
    stream: Box<dyn ByteStream>,
    pub(super) socket: Arc<Socket<TcpStream>>,
    leave: Arc<Leave>,
}

/// Opens a connection to an endpoint.
pub(crate) fn open(
    endpoint: &Endpoint,
    route: &Route,
    may_send: &MaySend,
    deadline: Instant,
) -> Result<Connection, HttpError> {
    let mut connection = lead(endpoint, route, may_send, deadline)?;
    if endpoint.is_tls() {
        connection = connection.encrypted(&route.tls, endpoint.bare_host())?;
    }
    Ok(connection)
}

/// Connects to the endpoint, directly or through the proxy.
pub(super) fn lead(
    endpoint: &Endpoint,
    route: &Route,
    may_send: &MaySend,
    deadline: Instant,
) -> Result<Connection, HttpError> {
    let Some(proxy) = &route.proxy else {
        let reach = if endpoint.is_loopback() { Reach::Loopback } else { Reach::Any };
        return Connection::to(endpoint.bare_host(), endpoint.port(), reach, may_send, deadline);
    };
    let mut connection = Connection::to(&proxy.host, proxy.port, Reach::Any, may_send, deadline)?;
    if proxy.is_tls {
        connection = connection.encrypted(&route.tls, &proxy.host)?;
    }
    connection.tunnel(endpoint, proxy)?;
    Ok(connection)
}

impl Connection {
    fn to(host: &str, port: u16, reach: Reach, may_send: &MaySend, deadline: Instant) -> Result<Self, HttpError> {
        let socket = dial(host, port, reach, may_send, deadline)?;
        let leave = Leave::new(may_send, deadline);
        let prepare = || {
            let socket = Arc::new(Socket::new(Owned::new(socket)?));
            socket.get()?.set_nodelay(true)?;
            let stream = Box::new(Wire::new(Arc::clone(&socket), Arc::clone(&leave))?);
            Ok::<_, io::Error>(Self { stream, socket, leave: Arc::clone(&leave) })
        };
        prepare().map_err(|_| HttpError::Unreachable)
    }

    /// Adds TLS; the handshake happens with the first request.
    fn encrypted(self, tls: &Arc<ClientConfig>, host: &str) -> Result<Self, HttpError> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| HttpError::Unreachable)?;
        let client = ClientConnection::new(Arc::clone(tls), name).map_err(|_| HttpError::Unreachable)?;
        Ok(Self { stream: Box::new(StreamOwned::new(client, self.stream)), ..self })
    }

    /// Asks a proxy for a tunnel (RFC 9110, section 9.3.6).
    fn tunnel(&mut self, endpoint: &Endpoint, proxy: &Proxy) -> Result<(), HttpError> {
        let to = format!("{}:{}", endpoint.host(), endpoint.port());
        let credentials = proxy.credentials.as_ref();
        let credentials =
            credentials.map(|basic| format!("proxy-authorization: Basic {basic}\r\n")).unwrap_or_default();
        let head = format!("CONNECT {to} HTTP/1.1\r\nhost: {to}\r\n{credentials}\r\n");
        let mut asked = || {
            self.stream.write_all(head.as_bytes())?;
            self.stream.flush()?;
            // Byte by byte: the bytes after the head belong to the endpoint.
            let mut answer = Vec::new();
            let mut byte = [0];
            while !answer.ends_with(b"\r\n\r\n") {
                if answer.len() >= MAX_PROXY_HEAD {
                    return Err(ErrorKind::InvalidData.into());
                }
                self.stream.read_exact(&mut byte)?;
                answer.extend(byte);
            }
            Ok::<_, io::Error>(answer)
        };
        let answer = asked().map_err(|_| self.leave.why())?;
        if response::status(&answer).is_some_and(|status| (200..300).contains(&status)) {
            Ok(())
        } else {
            Err(HttpError::Unreachable)
        }
    }

    /// Makes a request and reads its answer.
    pub(super) fn exchange(&mut self, request: &[u8], most: usize, deadline: Instant) -> Result<Response, HttpError> {
        self.leave.begin(deadline);
        self.socket.get().and_then(|socket| reset_at_end(socket, true)).map_err(|_| HttpError::Unreachable)?;
        let written = self.stream.write_all(request).and_then(|()| self.stream.flush());
        if written.is_err() && self.leave.why() != HttpError::Unreachable {
            return Err(self.leave.why());
        }
        // A receiver that stops reading may have sent an answer first.
        match response::read(&mut *self.stream, most) {
            Ok(response) => Ok(Response { is_last: response.is_last || written.is_err(), ..response }),
            Err(HttpError::Unreachable) => Err(self.leave.why()),
            Err(_) if written.is_err() => Err(HttpError::Unreachable),
            Err(why) => Err(why),
        }
    }

    /// Whether both ends are open and no unexpected bytes have arrived.
    pub(super) fn is_open(&self) -> bool {
        let Ok(socket) = self.socket.get() else { return false };
        let looked = socket.set_nonblocking(true).and_then(|()| socket.peek(&mut [0]));
        let is_quiet = looked.is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
        is_quiet && socket.set_nonblocking(false).is_ok()
    }

    /// Marks the connection idle: a close is an ordinary one from here on, not a reset.
    pub(super) fn rest(&self) -> bool {
        self.socket.get().and_then(|socket| reset_at_end(socket, false)).is_ok()
    }

    /// Closes the connection in order, after its last answer.
    pub(super) fn part(self) {
        let _ = self.rest();
    }
}

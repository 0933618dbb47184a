//! A plain socket to a host, for gRPC, whose stack does the rest.

use super::connection::lead;
pub(crate) use super::wire::Socket;
use super::wire::reset_at_end;
use super::{HttpError, MaySend, Route};
use crate::registry::Endpoint;
use rustix::fd::AsFd;
use std::io;
use std::net::TcpStream;
use std::time::Instant;

/// Connects, through the proxy if there is one; the connection to the proxy must be unencrypted. A close of the socket
/// is a reset until [`end_in_order`].
pub(crate) fn connect(
    endpoint: &Endpoint,
    route: &Route,
    may_send: &MaySend,
    deadline: Instant,
) -> Result<TcpStream, HttpError> {
    let connection = lead(endpoint, route, may_send, deadline)?;
    let handed_on = || {
        let socket = connection.socket.get()?.try_clone()?;
        // The close of this copy must not reset the duplicate.
        connection.rest();
        drop(connection);
        reset_at_end(&socket, true)?;
        Ok::<_, io::Error>(socket)
    };
    handed_on().map_err(|_| HttpError::Unreachable)
}

/// Makes the close of an idle socket an ordinary one.
pub(crate) fn end_in_order(socket: impl AsFd) -> io::Result<()> {
    reset_at_end(socket, false)
}

//! A bare socket to a host, for a protocol that has a stack of its own above it.

use super::connection::lead;
pub(crate) use super::wire::Socket;
use super::wire::reset_at_end;
use super::{HttpError, MaySend, Route};
use crate::registry::Endpoint;
use rustix::fd::AsFd;
use std::io;
use std::net::TcpStream;
use std::time::Instant;

/// Connects, over a proxy if there is one, which must be one that is spoken to without encryption. As long as the socket is
/// open its end is a reset.
pub(crate) fn connect(
    endpoint: &Endpoint,
    route: &Route,
    may_send: &MaySend,
    deadline: Instant,
) -> Result<TcpStream, HttpError> {
    let connection = lead(endpoint, route, may_send, deadline)?;
    let handed_on = || {
        let socket = connection.socket.get()?.try_clone()?;
        // It is not the end of what is handed on.
        connection.rest();
        drop(connection);
        reset_at_end(&socket, true)?;
        Ok::<_, io::Error>(socket)
    };
    handed_on().map_err(|_| HttpError::Unreachable)
}

/// Nothing is under way: its end is an ordinary one.
pub(crate) fn end_in_order(socket: impl AsFd) -> io::Result<()> {
    reset_at_end(socket, false)
}

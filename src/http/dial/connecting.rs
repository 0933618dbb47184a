//! Connects to one address with a non-blocking socket, which is closed on an opt-out.

use crate::http::{HttpError, MaySend};
use crate::limits::CONSENT_EVERY;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::sockopt::socket_error;
use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

/// Connects to one address before `until`.
pub(super) fn connect(address: SocketAddr, may_send: &MaySend, until: Instant) -> Result<TcpStream, HttpError> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(family, SocketType::STREAM, flags, None).map_err(|_| HttpError::Unreachable)?;
    // The host may have closed the standard streams: the duplicate's number is above theirs.
    let socket = socket.try_clone().map_err(|_| HttpError::Unreachable)?;
    match rustix::net::connect(&socket, &address) {
        Ok(()) | Err(Errno::INPROGRESS | Errno::INTR) => {}
        Err(_) => return Err(HttpError::Unreachable),
    }
    loop {
        if !may_send() {
            return Err(HttpError::Off);
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(HttpError::TimedOut);
        }
        let slice = Timespec::try_from(CONSENT_EVERY.min(left)).map_err(|_| HttpError::TimedOut)?;
        match poll(&mut [PollFd::new(&socket, PollFlags::OUT)], Some(&slice)) {
            Ok(0) | Err(Errno::INTR) => {}
            Ok(_) => break,
            Err(_) => return Err(HttpError::Unreachable),
        }
    }
    let connected = || {
        socket_error(&socket)??;
        let stream = TcpStream::from(socket);
        stream.peer_addr()?;
        stream.set_nonblocking(false)?;
        Ok::<_, io::Error>(stream)
    };
    connected().map_err(|_| HttpError::Unreachable)
}

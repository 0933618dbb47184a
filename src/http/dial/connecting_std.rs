//! One address is connected to by a thread that is left behind at a no, as far as the standard library goes.

use crate::http::{Failed, MaySend, aside};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Connects to one address, by then.
pub(super) fn connect(address: SocketAddr, may_send: &MaySend, until: Instant) -> Result<TcpStream, Failed> {
    let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
    let connected = aside(may_send, until, move || TcpStream::connect_timeout(&address, left))?;
    connected.map_err(|_| Failed::Unreachable)
}

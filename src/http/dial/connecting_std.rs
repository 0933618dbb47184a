//! Connects to one address on a thread, which is abandoned on an opt-out: std can't cancel a connect.

use crate::http::{HttpError, MaySend, aside};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Connects to one address before `until`.
pub(super) fn connect(address: SocketAddr, may_send: &MaySend, until: Instant) -> Result<TcpStream, HttpError> {
    let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
    let connected = aside(may_send, until, move || TcpStream::connect_timeout(&address, left))?;
    connected.map_err(|_| HttpError::Unreachable)
}

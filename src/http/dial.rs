//! Dials a host: looks its addresses up and tries each in turn, with an equal share of the time that is left.

#[cfg_attr(not(target_os = "linux"), path = "dial/connecting_std.rs")]
mod connecting;

use super::{HttpError, MaySend, aside};
use crate::limits::MAX_CONNECT;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::{Duration, Instant};

/// Which addresses of a host may be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Any,
    /// Loopback addresses alone: `http` to `localhost` is unencrypted, and the name may resolve to another machine.
    Loopback,
}

impl Reach {
    fn has(self, address: &SocketAddr) -> bool {
        self == Self::Any || address.ip().is_loopback()
    }
}

/// Connects to a host. An opt-out ends the current attempt, and no other address is tried.
pub(super) fn dial(
    host: &str,
    port: u16,
    reach: Reach,
    may_send: &MaySend,
    deadline: Instant,
) -> Result<TcpStream, HttpError> {
    let mut addresses = look_up(host, port, may_send, deadline)?;
    addresses.retain(|address| reach.has(address));
    each(&addresses, may_send, deadline)
}

/// Resolves a name. A look-up that has begun can't be cancelled, so it runs on a thread of its own.
fn look_up(host: &str, port: u16, may_send: &MaySend, deadline: Instant) -> Result<Vec<SocketAddr>, HttpError> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let host = host.to_owned();
    let found = aside(may_send, deadline, move || Some((host, port).to_socket_addrs().ok()?.collect()))?;
    found.ok_or(HttpError::Unreachable)
}

fn each(addresses: &[SocketAddr], may_send: &MaySend, deadline: Instant) -> Result<TcpStream, HttpError> {
    for (nth, address) in addresses.iter().enumerate() {
        if !may_send() {
            return Err(HttpError::Off);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(addresses.len() - nth).unwrap_or(u32::MAX);
        let share = share.clamp(Duration::from_millis(1), MAX_CONNECT);
        match connecting::connect(*address, may_send, Instant::now() + share) {
            Err(HttpError::TimedOut | HttpError::Unreachable | HttpError::Unreadable) => {}
            done => return done,
        }
    }
    Err(if Instant::now() < deadline { HttpError::Unreachable } else { HttpError::TimedOut })
}

#[cfg(all(test, any(target_os = "linux", windows)))]
mod tests;

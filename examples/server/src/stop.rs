//! The end of the server: a signal to terminate, or an interrupt.

use std::io;
use tokio::signal::unix::{SignalKind, signal};

/// Waits for either.
pub fn stopped() -> io::Result<impl Future<Output = ()>> {
    let mut stop = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = stop.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

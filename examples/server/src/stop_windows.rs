//! The end of the server on Windows: an interrupt, or the end of the console or of the session.

use std::io;
use tokio::signal::windows::{ctrl_c, ctrl_close, ctrl_shutdown};

/// Waits for any of them.
pub fn stopped() -> io::Result<impl Future<Output = ()>> {
    let (mut interrupt, mut close, mut shutdown) = (ctrl_c()?, ctrl_close()?, ctrl_shutdown()?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = close.recv() => {}
            _ = shutdown.recv() => {}
        }
    })
}

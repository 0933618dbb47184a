//! Runs a call that may never return on a thread of its own, which is abandoned at the deadline.

use super::{Failed, MaySend, SLICE};
use crate::threads;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Instant;

/// Does work on a thread of its own and waits for its result until the deadline or an opt-out. A late result is dropped
/// on that thread.
pub(crate) fn aside<T: Send + 'static>(
    may_send: &MaySend,
    deadline: Instant,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failed> {
    let (done, result) = sync_channel(1);
    let work = move || drop(done.send(work()));
    threads::start("scruple-aside", |thread| thread.spawn(work)).map_err(|_| Failed::Unreachable)?;
    loop {
        if !may_send() {
            return Err(Failed::Off);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        match result.recv_timeout(SLICE.min(left)) {
            Ok(result) => return Ok(result),
            Err(RecvTimeoutError::Disconnected) => return Err(Failed::Unreachable),
            Err(RecvTimeoutError::Timeout) if left.is_zero() => return Err(Failed::TimedOut),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

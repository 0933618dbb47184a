//! Runs a call that may never return on a thread of its own, which is abandoned at the deadline.

use super::{HttpError, MaySend};
use crate::limits::CONSENT_EVERY;
use crate::threads;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Instant;

/// Does work on a thread of its own and waits for its result until the deadline or an opt-out. A late result is dropped
/// on that thread.
pub(crate) fn aside<T: Send + 'static>(
    may_send: &MaySend,
    deadline: Instant,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, HttpError> {
    let (done, result) = sync_channel(1);
    let work = move || drop(done.send(work()));
    threads::start("scruple-aside", |thread| thread.spawn(work)).map_err(|_| HttpError::Unreachable)?;
    loop {
        if !may_send() {
            return Err(HttpError::Off);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        match result.recv_timeout(CONSENT_EVERY.min(left)) {
            Ok(result) => return Ok(result),
            Err(RecvTimeoutError::Disconnected) => return Err(HttpError::Unreachable),
            Err(RecvTimeoutError::Timeout) if left.is_zero() => return Err(HttpError::TimedOut),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

//! Whether something may be sent, and why there is no answer.

use std::sync::Arc;

/// Whether something may still be sent.
pub(crate) type MaySend = Arc<dyn Fn() -> bool + Send + Sync>;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HttpError {
    /// Nothing may be sent any more.
    Off,
    /// The time is over.
    TimedOut,
    /// There is no connection, or it broke off.
    Unreachable,
    /// The answer is not HTTP, or its head is too long.
    Unreadable,
}

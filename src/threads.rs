//! How a thread of ours is started, so that the host notices none.
//!
//! It inherits the signal mask of the thread that starts it, which the host may change for its own threads later: a host
//! that blocks a signal and waits for it with `sigwait` or `signalfd` would lose it to ours. So every signal is blocked
//! there, but those that a thread itself causes; what it starts in turn, such as the threads of a batch processor or of a
//! runtime, inherits that.

#[cfg_attr(not(unix), path = "threads/signals_nowhere.rs")]
mod signals;

use std::io;
use std::thread::Builder;

/// As std has it where `RUST_MIN_STACK`, which is the host's, does not say otherwise: closures of the author's run here
/// too, and a handshake of a debug build takes some hundred kilobytes. A page that is not used takes no memory.
pub(crate) const STACK: usize = 2 << 20;

/// Starts a thread.
pub(crate) fn start<T>(name: &str, spawn: impl FnOnce(Builder) -> io::Result<T>) -> io::Result<T> {
    signals::blocked(|| spawn(Builder::new().name(name.to_owned()).stack_size(STACK)))
}

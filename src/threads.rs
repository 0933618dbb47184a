//! Starts scruple's threads, so that they never take a signal from the host.
//!
//! A thread inherits the signal mask of the thread that starts it, and the host may change the mask of its own threads
//! later: a host that blocks a signal and waits for it with `sigwait` or `signalfd` would lose it to a thread of ours.
//! So our threads block every signal but those that a thread itself causes. The threads that they start, such as those
//! of a batch processor or of a runtime, inherit that mask.

#[cfg_attr(not(unix), path = "threads/signals_nowhere.rs")]
mod signals;

use std::io;
use std::thread::Builder;

/// The stack size: std's default, but without `RUST_MIN_STACK`, which is the host's setting. The author's closures run
/// here too, and a TLS handshake of a debug build takes some hundred kilobytes. An unused page takes no memory.
pub(crate) const STACK: usize = 2 << 20;

/// Starts a thread; `spawn` gets its builder.
pub(crate) fn start<T>(name: &str, spawn: impl FnOnce(Builder) -> io::Result<T>) -> io::Result<T> {
    signals::blocked(|| spawn(Builder::new().name(name.to_owned()).stack_size(STACK)))
}

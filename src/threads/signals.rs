//! The signal mask of a thread: `pthread_sigmask(3)`, `signal(7)`.

use nix::sys::signal::{SigSet, SigmaskHow, Signal};

/// The signals that a thread causes itself, by a fault or a forbidden system call. If such a signal is blocked, the
/// kernel ends the process without calling the host's handler.
const OWN: [Signal; 6] =
    [Signal::SIGBUS, Signal::SIGFPE, Signal::SIGILL, Signal::SIGSEGV, Signal::SIGSYS, Signal::SIGTRAP];

/// Does work while every other signal is blocked in this thread. A signal that arrives meanwhile is delivered
/// afterwards.
pub(super) fn blocked<T>(work: impl FnOnce() -> T) -> T {
    let mut others = SigSet::all();
    OWN.into_iter().for_each(|signal| others.remove(signal));
    let before = others.thread_swap_mask(SigmaskHow::SIG_SETMASK);
    let done = work();
    if let Ok(before) = before {
        // It can't fail: the mask is the one that this thread had before.
        let _ = before.thread_set_mask();
    }
    done
}

//! The signal mask of a thread: `pthread_sigmask(3)`, `signal(7)`.

use nix::sys::signal::{SigSet, SigmaskHow, Signal};

/// What a thread causes itself, by a fault or a system call that is forbidden to it: while it is blocked, the kernel ends
/// the process without asking the host's handler.
const OWN: [Signal; 6] =
    [Signal::SIGBUS, Signal::SIGFPE, Signal::SIGILL, Signal::SIGSEGV, Signal::SIGSYS, Signal::SIGTRAP];

/// Does something while every other signal is blocked in this thread. One that comes meanwhile is delivered after that.
pub(super) fn blocked<T>(work: impl FnOnce() -> T) -> T {
    let mut others = SigSet::all();
    OWN.into_iter().for_each(|signal| others.remove(signal));
    let before = others.thread_swap_mask(SigmaskHow::SIG_SETMASK);
    let done = work();
    if let Ok(before) = before {
        // It was this thread's mask, so that it can be no wrong one.
        let _ = before.thread_set_mask();
    }
    done
}

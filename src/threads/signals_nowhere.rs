//! Does nothing to signals on systems where a thread has no signal mask.

pub(super) fn blocked<T>(work: impl FnOnce() -> T) -> T {
    work()
}

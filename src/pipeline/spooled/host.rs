//! The process that a pipeline is in, and the one that its uploader is.

use rustix::process::{Resource, Rlimit, getpid, setrlimit, setsid};

/// Makes a session of its own, without a terminal, and leaves no core dump.
pub(super) fn leave() {
    // It leads a group already if somebody else started it: then it has one.
    let _ = setsid();
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
}

/// Whether this is the main thread and no other is there.
pub(super) fn is_alone() -> bool {
    let threads = std::fs::read_dir("/proc/self/task").map(|entries| entries.take(2).count());
    rustix::thread::gettid() == getpid() && threads.is_ok_and(|threads| threads == 1)
}

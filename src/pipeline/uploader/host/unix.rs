//! The processes of an upload on systems of Unix other than Linux: what the standard library knows there.
//!
//! The threads of a process can't be counted. The first line of `main` is known by the thread's name, which only a Rust
//! program's main thread has: not the one of an interpreter that has loaded a library. A program that starts threads
//! before it builds the pipeline starts them in its uploader too. While the program runs, a thread uploads.

use std::path::{Path, PathBuf};
use std::thread;

/// The folder with an entry for each open descriptor.
pub(super) const DESCRIPTORS: &str = "/dev/fd";

/// Whether the program is at its beginning, as far as that is known: this is the main thread of a Rust program.
pub(in crate::pipeline) fn is_first_line() -> bool {
    thread::current().name() == Some("main")
}

/// Whether this is the only thread: unknown.
pub(in super::super) fn is_alone() -> bool {
    false
}

/// Whether this process adopts orphans: only the first process does.
pub(in super::super) fn adopts() -> bool {
    std::process::id() == 1
}

/// Whether a supervisor ends all processes of a unit with this one. launchd ends a job's process group; an uploader has a
/// session of its own.
pub(super) fn is_of_unit() -> bool {
    false
}

/// The path of this process's executable, if this code is in it.
pub(super) fn executable() -> Option<PathBuf> {
    std::env::current_exe().ok().filter(|_| is_first_line())
}

/// A path that leads to the running file.
pub(super) fn running(path: &Path) -> PathBuf {
    path.to_owned()
}

/// Restrictions that forbid to start a process: none are known.
pub(super) fn restrictions() -> Vec<String> {
    Vec::new()
}

/// Whether a child belongs to this process's namespace: there is only one.
pub(super) fn has_children_here() -> bool {
    true
}

/// Names an uploader: it keeps the program's name.
pub(super) fn name_process() {}

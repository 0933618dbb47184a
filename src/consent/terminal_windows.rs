//! The person at the console: whether standard error is read.

use std::io::{self, IsTerminal as _, stderr};

/// Whether it is a console. Windows has no background jobs, whose output is not read.
pub(crate) fn is_read() -> bool {
    stderr().is_terminal()
}

/// Asks nothing: what was typed before the question can't be told from the answer.
pub(crate) fn answer_to(_: impl FnOnce() -> io::Result<()>) -> Option<Vec<u8>> {
    None
}

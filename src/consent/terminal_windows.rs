//! The person at the console: whether standard error is read is unknown.
//!
//! A console may have no window, a hidden one, or one on a desktop that nobody sees: that of a service, or of a task that runs
//! while its user is logged off. Its handle, its size and the variables of its environment are the same then, and the
//! standard library tells no more. So no notice is printed there, since it would count as read. A person says yes by a
//! command of the program, or reads the notice in a window of the program ([`Notice::shown`](crate::Notice::shown)).
//!
//! Windows API: `CreateProcessW`, `CREATE_NO_WINDOW` and `STARTUPINFO`; "Window stations".

use std::io;

/// Whether a console may be known to be read.
pub(crate) const KNOWS_READERS: bool = false;

/// Whether it is known to be read: never.
pub(crate) fn is_read() -> bool {
    false
}

/// Asks nothing: nobody may read the question, and what was typed before it can't be told from the answer.
pub(crate) fn answer_to(_: impl FnOnce() -> io::Result<()>) -> Option<Vec<u8>> {
    None
}

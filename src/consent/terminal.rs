//! The person at the terminal: whether standard error is read, and the answer to a question.

use rustix::io::read;
use rustix::termios::{QueueSelector, tcflush};
use std::io::{self, IsTerminal as _, stderr, stdin};

/// Whether a terminal may be known to be read.
pub(crate) const KNOWS_READERS: bool = true;

/// Whether it is a terminal whose foreground this process is in (POSIX.1-2017, `tcgetpgrp`): background output is not
/// read. A foreground group outside of this process's id namespace is unknown (`pid_namespaces(7)`), and counts as
/// another.
pub(crate) fn is_read() -> bool {
    stderr().is_terminal()
        && rustix::termios::tcgetpgrp(stderr())
            .is_ok_and(|foreground| foreground.as_raw_pid() == nix::unistd::getpgrp().as_raw())
}

/// Asks, and reads one line as the terminal gives it; `None` if standard input is no terminal. Input from before the
/// question is discarded. It is not read by the standard library, whose lock of standard input the program may hold.
pub(crate) fn answer_to(ask: impl FnOnce() -> io::Result<()>) -> Option<Vec<u8>> {
    if !stdin().is_terminal() {
        return None;
    }
    tcflush(stdin(), QueueSelector::IFlush).ok()?;
    ask().ok()?;
    let mut line = vec![0; 256];
    let length = read(stdin(), &mut line).ok()?;
    line.truncate(length);
    Some(line)
}

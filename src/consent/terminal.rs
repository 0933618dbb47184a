//! Whether a person can read standard error.

use std::io::{IsTerminal as _, stderr};

/// Whether it is a terminal whose foreground this process is in (POSIX.1-2017, `tcgetpgrp`): background output is not
/// read. A foreground group outside of this process's id namespace is unknown (`pid_namespaces(7)`), and counts as
/// another.
pub(crate) fn is_read() -> bool {
    stderr().is_terminal()
        && rustix::termios::tcgetpgrp(stderr())
            .is_ok_and(|foreground| foreground.as_raw_pid() == nix::unistd::getpgrp().as_raw())
}

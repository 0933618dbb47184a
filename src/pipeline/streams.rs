//! Standard streams that the host has closed: their numbers go to no file and no socket of ours.
//!
//! A descriptor gets the lowest number that is free. What a host writes to a closed standard output would be written into
//! a queue, or sent to the receiver. Rust's own `main` opens closed streams; a host in another language need not. What is
//! opened here can't be read or written, so that the host gets the error that it got (`EBADF`), and no child has it.
//!
//! Linux: `open(2)`, `O_PATH`.

use rustix::fs::{Mode, OFlags, open};
use std::os::fd::{AsRawFd as _, IntoRawFd as _};

/// Occupies the numbers of the standard streams that are closed, for as long as the process runs.
pub(super) fn occupy() {
    while let Ok(file) = open("/", OFlags::PATH | OFlags::CLOEXEC, Mode::empty()) {
        if file.as_raw_fd() > 2 {
            return;
        }
        let _ = file.into_raw_fd();
    }
}

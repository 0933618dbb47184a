//! Standard streams that the host has closed: keeps their numbers from our files and sockets.
//!
//! A new descriptor gets the lowest free number. Output that a host writes to its closed standard output would go into
//! a queue, or to the receiver. Rust's own `main` opens closed streams; a host in another language may not. The
//! descriptors opened here can't be read or written, so that the host gets the same error as before (`EBADF`), and
//! children do not inherit them.
//!
//! Linux: `open(2)`, `O_PATH`.

use rustix::fs::{Mode, OFlags, open};
use std::os::fd::{AsRawFd as _, IntoRawFd as _};

/// Occupies the numbers of the closed standard streams, until the process ends.
pub(super) fn occupy() {
    while let Ok(file) = open("/", OFlags::PATH | OFlags::CLOEXEC, Mode::empty()) {
        if file.as_raw_fd() > 2 {
            return;
        }
        let _ = file.into_raw_fd();
    }
}

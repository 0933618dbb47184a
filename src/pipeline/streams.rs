//! The host's standard streams: keeps the numbers of closed ones from our files and sockets, and writes a line of log.
//!
//! A new descriptor gets the lowest free number. Output that a host writes to its closed standard output would go into
//! a queue, or to the receiver. Rust's own `main` opens closed streams; a host in another language may not. The
//! descriptors opened here can't be read or written, so that the host gets an error as before (`EBADF`; for a read elsewhere than on
//! Linux, `EISDIR`), and children do not inherit them.
//!
//! Linux: `open(2)`, `O_PATH`; `poll(2)`. macOS: `poll(2)`, "BUGS": it may know nothing of a terminal.

use crate::consent::is_read;
use crate::files::fits;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, Mode, OFlags, fstat, open, tell};
use rustix::io::write;
use std::io::IsTerminal as _;
use std::os::fd::{AsRawFd as _, IntoRawFd as _};

/// To refer to a folder, which is neither read nor written.
#[cfg(target_os = "linux")]
const ONLY_REFER: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const ONLY_REFER: OFlags = OFlags::DIRECTORY;

/// Occupies the numbers of the closed standard streams, until the process ends.
pub(super) fn occupy() {
    while let Ok(file) = open("/", ONLY_REFER | OFlags::CLOEXEC, Mode::empty()) {
        if file.as_raw_fd() > 2 {
            return;
        }
        let _ = file.into_raw_fd();
    }
}

/// Writes a line to standard error, unless that would wait, or end the process with a signal: a full pipe, a pipe without
/// a reader (`SIGPIPE`), a file at its limit (`SIGXFSZ`), a terminal that stops background output (`SIGTTOU`).
pub(super) fn log(line: &str) {
    let stream = rustix::stdio::stderr();
    let mut polled = [PollFd::new(&stream, PollFlags::OUT)];
    let is_ready = poll(&mut polled, Some(&Timespec::default())).is_ok();
    let is_terminal = stream.is_terminal();
    let is_unknown = |found: PollFlags| found == PollFlags::NVAL && is_terminal && cfg!(target_os = "macos");
    let is_writable =
        is_ready && polled.iter().map(PollFd::revents).all(|found| found == PollFlags::OUT || is_unknown(found));
    let end = fstat(stream).map(|found| match FileType::from_raw_mode(found.st_mode) {
        // Without O_APPEND, the next byte may be written behind the end.
        FileType::RegularFile => u64::try_from(found.st_size).unwrap_or(u64::MAX).max(tell(stream).unwrap_or_default()),
        _ => 0,
    });
    let fits = end.is_ok_and(|end| fits(end.saturating_add(line.len() as u64 + 1)).is_ok());
    if is_writable && fits && (is_read() || !is_terminal) {
        // Not by the standard library, whose lock a thread of a forked process's parent may hold.
        let _ = write(stream, format!("{line}\n").as_bytes());
    }
}

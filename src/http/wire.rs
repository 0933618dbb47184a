//! A socket that is read and written in slices, so that an opt-out or the deadline ends a read or a write.

use super::{HttpError, MaySend};
use crate::files::Owned;
use crate::limits::{CONSENT_EVERY, WRITE_PIECE};
use crate::process::Process;
use crate::sync::lock;
use rustix::fd::AsFd;
use rustix::net::connect_unspec;
use rustix::net::sockopt::{set_socket_linger, socket_linger};
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The reason that ended a request on its way: shared by a connection and the socket below its encryption.
pub(super) struct Leave {
    may_send: MaySend,
    state: Mutex<WireState>,
}

struct WireState {
    deadline: Instant,
    asked: Option<Instant>,
    /// Why the request was ended.
    ended: Option<HttpError>,
}

impl Leave {
    pub(super) fn new(may_send: &MaySend, deadline: Instant) -> Arc<Self> {
        let state = Mutex::new(WireState { deadline, asked: None, ended: None });
        Arc::new(Self { may_send: Arc::clone(may_send), state })
    }

    /// Sets the deadline of the next request.
    pub(super) fn begin(&self, deadline: Instant) {
        lock(&self.state).deadline = deadline;
    }

    /// Why an operation failed: an opt-out, the deadline, or else the connection.
    pub(super) fn why(&self) -> HttpError {
        lock(&self.state).ended.unwrap_or(HttpError::Unreachable)
    }

    /// Checks the deadline, and consent if `at_once` or if the last check is at least a slice ago.
    fn ask(&self, at_once: bool) -> io::Result<()> {
        let mut state = lock(&self.state);
        let now = Instant::now();
        if at_once || state.asked.is_none_or(|asked| now.duration_since(asked) >= CONSENT_EVERY) {
            state.asked = Some(now);
            if !(self.may_send)() {
                state.ended = Some(HttpError::Off);
            }
        }
        if now >= state.deadline {
            state.ended = state.ended.or(Some(HttpError::TimedOut));
        }
        if state.ended.is_some() { Err(ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }
}

/// An open socket. While a request is under way, its close is a reset.
pub(crate) struct Socket<T: AsFd> {
    kept: Owned<T>,
    process: Process,
}

impl<T: AsFd> Socket<T> {
    pub(crate) fn new(kept: Owned<T>) -> Self {
        Self { kept, process: Process::this() }
    }

    pub(crate) fn get(&self) -> io::Result<&T> {
        self.kept.get()
    }
}

/// A forked process has a copy of the descriptor: a close here ends nothing while that process lives. So the process
/// that made the connection disconnects it, for every copy.
///
/// Linux: `connect(2)`, `AF_UNSPEC`; `tcp(7)`.
impl<T: AsFd> Drop for Socket<T> {
    fn drop(&mut self) {
        if self.process.is_this()
            && let Ok(socket) = self.kept.get()
            && socket_linger(socket.as_fd()) == Ok(Some(Duration::ZERO))
        {
            let _ = connect_unspec(socket.as_fd());
        }
    }
}

/// The byte stream over the socket.
pub(super) struct Wire {
    socket: Arc<Socket<TcpStream>>,
    leave: Arc<Leave>,
}

impl Wire {
    pub(super) fn new(socket: Arc<Socket<TcpStream>>, leave: Arc<Leave>) -> io::Result<Self> {
        let open = socket.get()?;
        reset_at_end(open, true)?;
        open.set_read_timeout(Some(CONSENT_EVERY))?;
        open.set_write_timeout(Some(CONSENT_EVERY))?;
        Ok(Self { socket, leave })
    }
}

/// Sets whether a close of the socket, by any process, discards its unsent bytes.
pub(super) fn reset_at_end(socket: impl AsFd, is_reset: bool) -> io::Result<()> {
    Ok(set_socket_linger(socket, is_reset.then_some(Duration::ZERO))?)
}

fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

impl Read for Wire {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            self.leave.ask(false)?;
            match self.socket.get()?.read(bytes) {
                Err(error) if is_pause(&error) => {}
                done => return done,
            }
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = bytes.get(..WRITE_PIECE).unwrap_or(bytes);
        loop {
            self.leave.ask(true)?;
            match self.socket.get()?.write(piece) {
                Err(error) if is_pause(&error) => {}
                done => return done,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

//! An OTLP receiver on loopback, which passes on each request with its original bytes.
//!
//! It answers as the OTLP specification (1.10, "OTLP/gRPC" and "OTLP/HTTP") requires of a server:
//!
//! | request | HTTP | gRPC |
//! |---|---|---|
//! | accepted | 200, an empty response in the request's format | `OK`, an empty response |
//! | does not decode | 400 | `INVALID_ARGUMENT` |
//! | another path or service | 404 | `UNIMPLEMENTED` |
//! | another method | 405 | |
//! | over [`MAX_BYTES`], compressed or not | 413 | `RESOURCE_EXHAUSTED`, which a sender does not retry |
//! | another content type or encoding | 415 | `UNIMPLEMENTED` |
//! | [`WAITING`] requests are queued | 503 with `Retry-After` | `UNAVAILABLE` |
//!
//! A refusal over HTTP has a `google.rpc.Status` as its body, in the request's format. Both ports listen on 127.0.0.1
//! alone. The servers run on a thread of their own, without a `tracing` subscriber.

mod arrival;
mod body;
pub mod command;
mod grpc;
mod http;
mod server;
pub mod show;

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender};
use std::thread::JoinHandle;

use tokio::sync::Notify;
use tracing::subscriber::NoSubscriber;

pub use self::arrival::{Arrival, Head, MAX_BYTES, Protocol, Refusal, RefusalReason, Request};

use self::arrival::Inbox;

/// The capacity of the queue of requests.
pub const WAITING: usize = 256;

/// A running receiver; it stops when it is dropped.
pub struct Receiver {
    /// The gRPC server's address.
    pub grpc_addr: SocketAddr,
    /// The HTTP server's address.
    pub http_addr: SocketAddr,
    /// The queue of requests, in the order of their arrival. It ends when the receiver has stopped, its ports are
    /// closed and the queue is empty.
    pub arrivals: mpsc::Receiver<Arrival>,
    stopper: Stopper,
    thread: Option<JoinHandle<()>>,
}

/// Stops a receiver from another thread.
#[derive(Clone)]
pub struct Stopper(Arc<Notify>);

/// The ports to listen on; 0 means any free port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    /// For gRPC.
    pub grpc: u16,
    /// For HTTP.
    pub http: u16,
}

impl Ports {
    /// OTLP's default ports.
    pub const OTLP: Self = Self { grpc: 4317, http: 4318 };
    /// Any free ports.
    pub const ANY: Self = Self { grpc: 0, http: 0 };
}

/// Why a receiver did not start.
#[derive(Debug, PartialEq, Eq)]
pub enum StartError {
    /// It could not listen on this port.
    Port(Protocol, u16, io::ErrorKind),
    /// The system has no free thread or event queue.
    System(io::ErrorKind),
}

impl Receiver {
    /// Starts a receiver.
    ///
    /// # Errors
    /// If a port is in use or reserved, or the system has no free thread.
    pub fn start(ports: Ports) -> Result<Self, StartError> {
        let (grpc, grpc_addr) = listen(Protocol::Grpc, ports.grpc)?;
        let (http, http_addr) = listen(Protocol::Http, ports.http)?;
        let (sender, arrivals) = mpsc::sync_channel(WAITING);
        let stopper = Stopper(Arc::new(Notify::new()));
        let (started, answer) = mpsc::sync_channel(1);
        let (inbox, stop) = (Inbox(sender), stopper.clone());
        let thread = std::thread::Builder::new()
            .name("otlp-receiver".into())
            .spawn(move || serve(grpc, http, inbox, &stop, &started))
            .map_err(|error| StartError::System(error.kind()))?;
        answer.recv().unwrap_or(Err(io::ErrorKind::Other)).map_err(StartError::System)?;
        Ok(Self { grpc_addr, http_addr, arrivals, stopper, thread: Some(thread) })
    }

    /// A handle that stops the receiver from another thread.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.stopper.stop();
        if let Some(thread) = self.thread.take() {
            // The thread's panic hook has already reported a panic.
            let _ = thread.join();
        }
    }
}

impl Stopper {
    /// Closes the ports and all connections. Requests in the queue can still be received.
    pub fn stop(&self) {
        self.0.notify_one();
    }
}

fn listen(protocol: Protocol, port: u16) -> Result<(TcpListener, SocketAddr), StartError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).and_then(|listener| {
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    });
    listener.map_err(|error| StartError::Port(protocol, port, error.kind()))
}

/// Runs both servers until the stopper stops them, without a subscriber; `started` gets the result of their start.
fn serve(
    grpc: TcpListener,
    http: TcpListener,
    inbox: Inbox,
    stop: &Stopper,
    started: &SyncSender<Result<(), io::ErrorKind>>,
) {
    let _quiet = tracing::subscriber::set_default(NoSubscriber::default());
    // Dropped last, so that the queue ends after the ports are closed, and not when the servers drop their senders.
    let _open = inbox.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
    let run = runtime.and_then(|runtime| {
        runtime.block_on(async {
            let grpc = tokio::net::TcpListener::from_std(grpc)?;
            let http = tokio::net::TcpListener::from_std(http)?;
            tokio::spawn(server::serve(grpc, inbox.clone(), grpc::answer));
            tokio::spawn(server::serve(http, inbox, http::answer));
            let _ = started.send(Ok(()));
            stop.0.notified().await;
            Ok(())
        })
    });
    if let Err(error) = run {
        // An error comes before the first answer, so there is room for this one.
        let _ = started.send(Err(error.kind()));
    }
}

impl std::error::Error for StartError {}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (protocol, port, kind) = match self {
            Self::System(kind) => return write!(f, "the receiver could not start: {kind}"),
            Self::Port(protocol, port, kind) => (protocol, port, kind),
        };
        let option = match protocol {
            Protocol::Grpc => "--grpc-port",
            Protocol::Http => "--http-port",
        };
        match kind {
            io::ErrorKind::AddrInUse => write!(f, "port {port} for {protocol} is in use by another program")?,
            io::ErrorKind::PermissionDenied => write!(f, "port {port} for {protocol} is reserved by the system")?,
            kind => write!(f, "can't listen on port {port} for {protocol}: {kind}")?,
        }
        write!(f, "; choose another port with {option} N, or any free port with {option} 0")
    }
}

//! An OTLP receiver on loopback, which hands over each request as the bytes that arrived.
//!
//! It answers as the OTLP specification (1.10, "OTLP/gRPC" and "OTLP/HTTP") asks of a server:
//!
//! | request | HTTP | gRPC |
//! |---|---|---|
//! | accepted | 200, an empty response in the request's format | `OK`, an empty response |
//! | does not decode | 400 | `INVALID_ARGUMENT` |
//! | another path or service | 404 | `UNIMPLEMENTED` |
//! | another method | 405 | |
//! | over [`MAX_BYTES`], compressed or not | 413 | `RESOURCE_EXHAUSTED`, which a sender does not retry |
//! | another content type or encoding | 415 | `UNIMPLEMENTED` |
//! | [`WAITING`] requests wait to be taken | 503 with `Retry-After` | `UNAVAILABLE` |
//!
//! A refusal over HTTP has a `google.rpc.Status` as its body, in the request's format. Both ports listen on 127.0.0.1
//! and nowhere else. The servers run on a thread of their own, where no subscriber hears them.

mod body;
pub mod command;
mod grpc;
mod http;
pub mod show;

use std::fmt;
use std::future::IntoFuture;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender};
use std::thread::JoinHandle;

use bytes::Bytes;
use scruple::check::Format;
use scruple::registry::SignalKind;
use tokio::sync::Notify;
use tracing::subscriber::NoSubscriber;

/// The largest request, in bytes, compressed or not.
pub const MAX_BYTES: usize = 1 << 20;

/// How many requests may wait to be taken.
pub const WAITING: usize = 256;

/// A running receiver: it stops when it is dropped.
pub struct Receiver {
    /// Where it listens for gRPC.
    pub grpc_addr: SocketAddr,
    /// Where it listens for HTTP.
    pub http_addr: SocketAddr,
    /// What arrived, in its order. Ends when the receiver was stopped, its ports are closed and all was taken.
    pub arrivals: mpsc::Receiver<Arrival>,
    stopper: Stopper,
    thread: Option<JoinHandle<()>>,
}

/// Stops a receiver from another thread.
#[derive(Clone)]
pub struct Stopper(Arc<Notify>);

/// The ports to listen on; 0 is any that is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    /// For gRPC.
    pub grpc: u16,
    /// For HTTP.
    pub http: u16,
}

impl Ports {
    /// Those that OTLP names.
    pub const OTLP: Self = Self { grpc: 4317, http: 4318 };
    /// Any that are free.
    pub const ANY: Self = Self { grpc: 0, http: 0 };
}

/// One request, and how it was answered.
pub enum Arrival {
    /// It was accepted.
    Request(Request),
    /// It was refused.
    Refusal(Refusal),
}

/// A request that was accepted.
///
/// Without `Debug`: it holds what was sent.
pub struct Request {
    /// Traces or logs.
    pub signal: SignalKind,
    /// The way it came.
    pub protocol: Protocol,
    /// The encoding of its bytes.
    pub format: Format,
    /// Its method, address and headers.
    pub head: Head,
    /// Its body, decompressed.
    pub bytes: Bytes,
}

/// What a request says before its body.
#[derive(Clone, PartialEq, Eq)]
pub struct Head {
    /// The method.
    pub method: String,
    /// The path, and the query if there is one.
    pub path: String,
    /// Names in lower case, and values, in the order in which they arrived.
    pub headers: Vec<(String, String)>,
}

/// A request that was refused.
pub struct Refusal {
    /// The way it came.
    pub protocol: Protocol,
    /// Its method, address and headers.
    pub head: Head,
    /// Why.
    pub why: Why,
}

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// There is nothing at this path.
    Path,
    /// The method is not POST.
    Method,
    /// The content type is neither protobuf nor JSON.
    ContentType,
    /// The content encoding is not gzip.
    ContentEncoding,
    /// It has more than [`MAX_BYTES`].
    TooLarge,
    /// The connection broke, or the body does not decompress.
    Unreadable,
    /// The body does not decode: the decoder's words.
    Undecodable(String),
    /// Too many requests wait to be taken.
    Busy,
    /// The gRPC library refused it: its status and words.
    Grpc(tonic::Code, String),
}

/// The two transports of OTLP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// gRPC over HTTP/2.
    Grpc,
    /// HTTP/1.1 or HTTP/2.
    Http,
}

/// Why a receiver did not start.
#[derive(Debug, PartialEq, Eq)]
pub enum StartError {
    /// It could not listen on this port.
    Port(Protocol, u16, io::ErrorKind),
    /// The system gave it no thread or no event queue.
    System(io::ErrorKind),
}

impl Receiver {
    /// Starts one.
    ///
    /// # Errors
    /// If a port is taken or reserved, or the system has no more threads.
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

    /// What stops it from another thread.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.stopper.stop();
        if let Some(thread) = self.thread.take() {
            // A panic there was reported there, and there is nobody to tell here.
            let _ = thread.join();
        }
    }
}

impl Stopper {
    /// Closes the ports and all connections. What arrived before can still be taken.
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

/// Runs both servers until it is told to stop, without a subscriber; tells first whether they run.
fn serve(
    grpc: TcpListener,
    http: TcpListener,
    inbox: Inbox,
    stop: &Stopper,
    started: &SyncSender<Result<(), io::ErrorKind>>,
) {
    let _quiet = tracing::subscriber::set_default(NoSubscriber::default());
    // Dropped last: the arrivals end after the ports are closed, and not when the servers let go of theirs.
    let _open = inbox.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
    let run = runtime.and_then(|runtime| {
        runtime.block_on(async {
            let grpc = tokio::net::TcpListener::from_std(grpc)?;
            let http = tokio::net::TcpListener::from_std(http)?;
            tokio::spawn(axum::serve(grpc, grpc::routes(inbox.clone())).into_future());
            tokio::spawn(axum::serve(http, http::routes(inbox)).into_future());
            let _ = started.send(Ok(()));
            stop.0.notified().await;
            Ok(())
        })
    });
    if let Err(error) = run {
        // Nobody waits for a second answer, and the first was not sent yet.
        let _ = started.send(Err(error.kind()));
    }
}

/// Where the servers put what arrives.
#[derive(Clone)]
struct Inbox(SyncSender<Arrival>);

impl Inbox {
    fn accept(&self, request: Request) -> Result<(), Why> {
        self.0.try_send(Arrival::Request(request)).map_err(|_| Why::Busy)
    }

    fn refuse(&self, protocol: Protocol, head: Head, why: Why) {
        // Full means that much was refused already: the sender is told all the same.
        let _ = self.0.try_send(Arrival::Refusal(Refusal { protocol, head, why }));
    }
}

impl Head {
    fn of<B>(request: &axum::http::Request<B>) -> Self {
        let headers = request.headers().iter();
        Self {
            method: request.method().to_string(),
            path: request.uri().path_and_query().map_or_else(String::new, ToString::to_string),
            headers: headers
                .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
                .collect(),
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Grpc => "gRPC",
            Self::Http => "HTTP",
        })
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path => f.write_str("nothing is here: POST to /v1/traces or /v1/logs"),
            Self::Method => f.write_str("only POST is answered"),
            Self::ContentType => f.write_str("the content type must be application/x-protobuf or application/json"),
            Self::ContentEncoding => f.write_str("the content encoding must be gzip or identity"),
            Self::TooLarge => write!(f, "over {MAX_BYTES} bytes"),
            Self::Unreadable => f.write_str("the body ended early or does not decompress"),
            Self::Undecodable(words) => write!(f, "the body does not decode: {words}"),
            Self::Busy => f.write_str("too many requests wait: try again"),
            Self::Grpc(code, words) => write!(f, "{code:?}: {words}"),
        }
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
            kind => write!(f, "port {port} for {protocol} cannot be listened on: {kind}")?,
        }
        write!(f, "; choose another with {option} N, or any that is free with {option} 0")
    }
}

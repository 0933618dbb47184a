//! OTLP/gRPC over tonic, on a thread of its own.
//!
//! The thread runs a current-thread runtime, so that it does not matter whether the program has a runtime, of which
//! flavour, or is inside it when the telemetry is dropped. A call is spawned there, and a batch processor's thread
//! waits for it here.
//!
//! A call has only tonic's own headers: `te`, `content-type` and `user-agent`, in which tonic appends its name and version
//! to ours. Certificates and sockets are the same as for HTTP.
//!
//! The socket asks the off switch before each piece that is written. The thread that waits for an answer asks it every
//! 50 ms; on a no it ends the runtime and waits for that, which resets the connection.

mod connector;
mod raw_bytes;

pub use raw_bytes::RawBytes;

use super::client::{Failure, Retry, Transport};
use super::quiet::hush_thread;
use super::{Forward, ForwardKind};
use crate::consent::Reason;
use crate::encode::{SCOPE_NAME, SCOPE_VERSION};
use crate::files::Owned;
use crate::http::{Authorities, MaySend, Proxy, Route, tls};
use crate::limits::{CONSENT_EVERY, MAX_ANSWER};
use crate::privacy::LossReason;
use crate::process::Process;
use crate::registry::{Endpoint, SignalKind};
use crate::sync::lock;
use crate::threads::{self, STACK};
use bytes::Bytes;
use connector::{Connector as Socket, H2};
use http::uri::PathAndQuery;
use opentelemetry::Context;
use std::error::Error;
use std::io::{self, PipeReader};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;
use tonic::client::Grpc as Caller;
use tonic::codec::CompressionEncoding;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

/// How runtimes are made, and the process that has prepared it: tokio reads a variable for this, which no thread of an
/// upload may do.
static BUILDER: OnceLock<(Process, Mutex<Builder>)> = OnceLock::new();

/// Prepares runtimes that are made later.
pub(crate) fn prepare() {
    BUILDER.get_or_init(|| (Process::this(), Mutex::new(builder())));
}

fn builder() -> Builder {
    let mut builder = Builder::new_current_thread();
    // Name resolution blocks, on further threads of the runtime.
    builder.enable_all().on_thread_start(hush_thread).thread_stack_size(STACK);
    builder
}

fn runtime() -> io::Result<Runtime> {
    match BUILDER.get() {
        Some((process, prepared)) if process.is_this() => lock(prepared).build(),
        // In a process that was forked meanwhile, it may stay locked.
        _ => builder().build(),
    }
}

impl Forward {
    /// OTLP/gRPC: the endpoint's path is not used.
    pub fn grpc() -> Self {
        prepare();
        Self::by(ForwardKind::Own(|endpoint, authorities, may_send| {
            Ok(Arc::new(Grpc::new(endpoint, authorities, false, None, may_send)?))
        }))
    }
}

pub(crate) struct Grpc {
    gzip: bool,
    /// `None` once it is dropped.
    channel: Option<Channel>,
    runtime: Handle,
    may_send: MaySend,
    /// How many calls are unanswered: part of such a call may not have left yet.
    calls: Arc<AtomicUsize>,
    alive: Mutex<Option<Alive>>,
    /// Opened together with the runtime, whose own descriptors can't be inspected: a host that closes this one has
    /// closed those too, and a wake-up of the runtime would write to the host's new files under the same numbers.
    opened: Owned<PipeReader>,
}

/// Keeps the runtime's thread alive until it is dropped.
struct Alive {
    _alive: oneshot::Sender<()>,
    ended: Receiver<()>,
}

/// The longest wait for the end of the runtime.
const ENDS: Duration = Duration::from_secs(1);

impl Grpc {
    /// `gzip` compresses messages; the proxy, if there is one, is in between.
    pub(crate) fn new(
        endpoint: &Endpoint,
        authorities: &Authorities,
        gzip: bool,
        proxy: Option<Proxy>,
        may_send: &MaySend,
    ) -> Result<Self, Reason> {
        let destination = destination(endpoint).ok_or(Reason::NoExporter)?;
        let tls = tls(authorities, Some(H2)).ok_or(Reason::NoExporter)?;
        let calls = Arc::<AtomicUsize>::default();
        let socket = Socket::new(endpoint, Route { tls, proxy }, may_send, &calls).ok_or(Reason::NoExporter)?;
        let opened = io::pipe().and_then(|(opened, _)| Owned::new(opened)).map_err(|_| Reason::NoExporter)?;
        let (alive, dropped) = oneshot::channel();
        let (made, channel) = sync_channel(1);
        let (end, ended) = sync_channel::<()>(0);
        let carry = move || {
            hush_thread();
            // Declared first, so dropped last.
            let _end = end;
            let _suppressed = Context::enter_telemetry_suppressed_scope();
            let Ok(runtime) = runtime() else { return };
            let channel = {
                let _inside = runtime.enter();
                socket.connect_lazy(&destination)
            };
            if made.send((channel, runtime.handle().clone())).is_ok() {
                let _ = runtime.block_on(dropped);
            }
            runtime.shutdown_background();
        };
        threads::start("scruple-grpc", |thread| thread.spawn(carry)).map_err(|_| Reason::NoExporter)?;
        let (channel, runtime) = channel.recv().map_err(|_| Reason::NoExporter)?;
        let alive = Mutex::new(Some(Alive { _alive: alive, ended }));
        let channel = Some(channel);
        Ok(Self { gzip, channel, runtime, may_send: Arc::clone(may_send), calls, alive, opened })
    }

    /// Ends all calls in progress, and waits for that.
    fn halt(&self) {
        let alive = lock(&self.alive).take();
        if self.opened.get().is_err() {
            std::mem::forget(alive);
        } else if let Some(Alive { _alive, ended }) = alive {
            drop(_alive);
            // The channel only closes: no message is ever sent.
            let _ = ended.recv_timeout(ENDS);
        }
    }
}

/// The address to connect to and the authority of the calls, without TLS, which is ours and not tonic's.
fn destination(endpoint: &Endpoint) -> Option<tonic::transport::Endpoint> {
    let origin = endpoint.origin();
    let plain = format!("http{}", origin.trim_start_matches("https").trim_start_matches("http"));
    let destination = tonic::transport::Endpoint::from_shared(plain).ok()?;
    let named = destination.user_agent(format!("{SCOPE_NAME}/{SCOPE_VERSION}")).ok()?;
    Some(named.origin(origin.parse().ok()?))
}

impl Drop for Grpc {
    fn drop(&mut self) {
        if self.opened.get().is_err() {
            std::mem::forget(self.channel.take());
            std::mem::forget(lock(&self.alive).take());
        }
    }
}

impl Transport for Grpc {
    fn send(&self, kind: SignalKind, body: &Bytes, within: Duration) -> Result<Bytes, Failure> {
        let method = PathAndQuery::from_static(match kind {
            SignalKind::Span => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            SignalKind::Event => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        });
        let channel = self.channel.clone().filter(|_| self.opened.get().is_ok());
        let channel = channel.ok_or(Failure::last(LossReason::Exporter))?;
        let call = call(channel, method, body.clone(), self.gzip);
        let deadline = Instant::now().checked_add(within);
        let (answered, answer) = sync_channel(1);
        let calls = Arc::clone(&self.calls);
        calls.fetch_add(1, Ordering::Relaxed);
        self.runtime.spawn(async move {
            let result = tokio::time::timeout(within, call).await;
            if matches!(result, Ok(Ok(_))) {
                calls.fetch_sub(1, Ordering::Relaxed);
            }
            let _ = answered.send(result.unwrap_or(Err(Failure::last(LossReason::TimedOut))));
        });
        loop {
            if !(self.may_send)() {
                self.halt();
                return Err(Failure::last(LossReason::Off));
            }
            let left = deadline.map_or(within, |deadline| deadline.saturating_duration_since(Instant::now()));
            match answer.recv_timeout(left.min(CONSENT_EVERY)) {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Disconnected) => return Err(Failure::last(LossReason::Exporter)),
                Err(RecvTimeoutError::Timeout) if left.is_zero() => return Err(Failure::last(LossReason::TimedOut)),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

async fn call(channel: Channel, method: PathAndQuery, body: Bytes, gzip: bool) -> Result<Bytes, Failure> {
    let mut caller = Caller::new(channel).max_decoding_message_size(MAX_ANSWER);
    if gzip {
        // The Collector compresses its answer only if asked to.
        caller = caller.send_compressed(CompressionEncoding::Gzip).accept_compressed(CompressionEncoding::Gzip);
    }
    if caller.ready().await.is_err() {
        return Err(Failure::passing(LossReason::Unreachable, Duration::ZERO));
    }
    match caller.unary(Request::new(body), method, RawBytes).await {
        Ok(answer) => Ok(answer.into_inner()),
        Err(status) => Err(failure(&status)),
    }
}

/// The OTLP specification has a table of the retryable codes ("OTLP/gRPC Response", failures).
fn failure(status: &Status) -> Failure {
    let asked = status.get_details_retry_info().and_then(|info| info.retry_delay);
    // A status with a source was made on this side, from an error below gRPC.
    let lost = if status.source().is_some() { LossReason::Unreachable } else { LossReason::Rejected };
    match status.code() {
        Code::ResourceExhausted if asked.is_none() => Failure::last(lost),
        Code::Cancelled
        | Code::DeadlineExceeded
        | Code::ResourceExhausted
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unavailable
        | Code::DataLoss => Failure::passing(lost, asked.unwrap_or_default()),
        Code::Unauthenticated | Code::PermissionDenied | Code::Unimplemented | Code::NotFound => {
            Failure { lost, again: Retry::Elsewhere }
        }
        _ => Failure::last(lost),
    }
}

//! OTLP/gRPC over tonic, on a thread of its own.
//!
//! The thread carries a current-thread runtime, so that it does not matter whether the program has one, of which
//! flavour, or is inside it when the telemetry is dropped. A call is spawned there and waited for here, on a batch
//! processor's thread.
//!
//! A call has tonic's own headers and none of the host's: `te`, `content-type` and `user-agent`, where tonic puts its
//! name and version after ours. The certificates are those of HTTP.

pub(crate) mod secure;

use super::client::{Again, Failure, Transport};
use super::deliveries::Lost;
use super::quiet::hush_thread;
use super::{Forward, Way};
use crate::consent::Because;
use crate::encode::{SCOPE_NAME, SCOPE_VERSION};
use crate::post::LONGEST_ANSWER;
use crate::registry::{Endpoint, SignalKind};
use bytes::{Buf, BufMut, Bytes};
use http::uri::PathAndQuery;
use opentelemetry::Context;
use secure::{Secure, Tunnel};
use std::error::Error;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tonic::client::Grpc as Caller;
use tonic::codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;
use ureq::tls::Certificate;

impl Forward {
    /// OTLP/gRPC: the endpoint's path is not used.
    pub fn grpc() -> Self {
        Self::by(Way::Own(|endpoint, certificates| Ok(Arc::new(Grpc::new(endpoint, certificates, false, None)?))))
    }
}

pub(crate) struct Grpc {
    gzip: bool,
    channel: Channel,
    runtime: Handle,
    /// Ends the runtime's thread when it is dropped.
    _alive: oneshot::Sender<()>,
}

impl Grpc {
    /// With whether messages are compressed, and the proxy on the way, if there is one.
    pub(crate) fn new(
        endpoint: &Endpoint,
        certificates: &[Certificate<'static>],
        gzip: bool,
        tunnel: Option<Tunnel>,
    ) -> Result<Self, Because> {
        let destination = destination(endpoint).ok_or(Because::NoExporter)?;
        let secure = if endpoint.is_tls() {
            Some(Secure::new(endpoint, certificates, tunnel).ok_or(Because::NoExporter)?)
        } else {
            None
        };
        let (alive, dropped) = oneshot::channel();
        let (made, channel) = sync_channel(1);
        let carry = move || {
            hush_thread();
            let _suppressed = Context::enter_telemetry_suppressed_scope();
            // Name resolution blocks, on further threads of the runtime.
            let runtime = Builder::new_current_thread().enable_all().on_thread_start(hush_thread).build();
            let Ok(runtime) = runtime else { return };
            let channel = {
                let _inside = runtime.enter();
                match secure {
                    Some(secure) => secure.connect_lazy(&destination),
                    None => destination.connect_lazy(),
                }
            };
            if made.send((channel, runtime.handle().clone())).is_ok() {
                let _ = runtime.block_on(dropped);
            }
            runtime.shutdown_background();
        };
        let named = thread::Builder::new().name("scruple-grpc".to_owned());
        named.spawn(carry).map_err(|_| Because::NoExporter)?;
        let (channel, runtime) = channel.recv().map_err(|_| Because::NoExporter)?;
        Ok(Self { gzip, channel, runtime, _alive: alive })
    }
}

/// Where to connect to without TLS, which is not tonic's business, and whose name the calls bear.
fn destination(endpoint: &Endpoint) -> Option<tonic::transport::Endpoint> {
    let origin = endpoint.origin();
    let plain = format!("http{}", origin.trim_start_matches("https").trim_start_matches("http"));
    let destination = tonic::transport::Endpoint::from_shared(plain).ok()?;
    let named = destination.user_agent(format!("{SCOPE_NAME}/{SCOPE_VERSION}")).ok()?;
    Some(named.origin(origin.parse().ok()?))
}

impl Transport for Grpc {
    fn send(&self, kind: SignalKind, body: &Bytes, within: Duration) -> Result<Bytes, Failure> {
        let method = PathAndQuery::from_static(match kind {
            SignalKind::Span => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            SignalKind::Event => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        });
        let call = call(self.channel.clone(), method, body.clone(), self.gzip);
        let (answered, answer) = sync_channel(1);
        self.runtime.spawn(async move {
            let result = tokio::time::timeout(within, call).await;
            let _ = answered.send(result.unwrap_or(Err(Failure::last(Lost::TimedOut))));
        });
        answer.recv_timeout(within).unwrap_or_else(|error| {
            Err(Failure::last(match error {
                RecvTimeoutError::Timeout => Lost::TimedOut,
                RecvTimeoutError::Disconnected => Lost::Exporter,
            }))
        })
    }
}

async fn call(channel: Channel, method: PathAndQuery, body: Bytes, gzip: bool) -> Result<Bytes, Failure> {
    let mut caller = Caller::new(channel).max_decoding_message_size(LONGEST_ANSWER);
    if gzip {
        // The Collector answers as it was asked.
        caller = caller.send_compressed(CompressionEncoding::Gzip).accept_compressed(CompressionEncoding::Gzip);
    }
    if caller.ready().await.is_err() {
        return Err(Failure::passing(Lost::Unreachable, Duration::ZERO));
    }
    match caller.unary(Request::new(body), method, Bare).await {
        Ok(answer) => Ok(answer.into_inner()),
        Err(status) => Err(failure(&status)),
    }
}

/// Which codes may be repeated is a table of the OTLP specification ("OTLP/gRPC Response", failures).
fn failure(status: &Status) -> Failure {
    let asked = status.get_details_retry_info().and_then(|info| info.retry_delay);
    // A status with a source was made here, from what went wrong below gRPC.
    let lost = if status.source().is_some() { Lost::Unreachable } else { Lost::Rejected };
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
            Failure { lost, again: Again::Elsewhere }
        }
        _ => Failure::last(lost),
    }
}

/// A message that is already encoded, or not yet decoded.
struct Bare;

impl Codec for Bare {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Bare {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(message);
        Ok(())
    }
}

impl Decoder for Bare {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        let length = buffer.remaining();
        Ok(Some(buffer.copy_to_bytes(length)))
    }
}

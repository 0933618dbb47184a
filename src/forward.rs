//! The stock SDK's batch and exporters behind a last look.
//!
//! ```text
//! Clean<Record> ─> SpanData, SdkLogRecord ─> batch processors ─> LastLook<stock exporter> ─> client ─> HTTP or gRPC
//! ```
//!
//! The batch processors are opentelemetry_sdk's, the messages opentelemetry-otlp's and opentelemetry-proto's. Between
//! them and the network stand two parts of ours:
//!
//! - the last look asks the off switch, runs the exporter without a subscriber, counts, and reports success, because
//!   the SDK logs errors into the host's subscriber;
//! - the client takes the body of the exporter's request and sends it with constant headers, over ureq or tonic. gRPC
//!   sends the same body (a unary call's message is that body): the stock tonic exporter would take metadata,
//!   compression and a plaintext scheme from the host's variables, hides how many records the endpoint rejected, and
//!   gives no say before its retries.
//!
//! # What the host's environment does
//!
//! Nothing: every setting that a variable could make is made here (`OTEL_BSP_*`, `OTEL_BLRP_*`,
//! `OTEL_EXPORTER_OTLP_*`), the resource is built without detectors, and what a variable adds to a request (headers,
//! gzip) is not taken over. No proxy and no certificate store of the system is used. One case can't be undone: where
//! the host's build has opentelemetry-otlp's `zstd-http` and `OTEL_EXPORTER_OTLP_COMPRESSION` says `zstd`, every
//! record is lost, and counted as [`Lost::Exporter`].
//!
//! # What the host hears
//!
//! No span, event or log record of ours or of our libraries, with these exceptions, which need the host's help:
//!
//! - where the host's build has opentelemetry_sdk's `internal-logs`, the batch processors say `ThreadStarted` once
//!   each, at level debug, before anything of ours runs on their threads;
//! - ureq and rustls write to the `log` crate, which knows no scopes: a logger that listens to `ureq` or `rustls` at
//!   debug or trace hears them. A `log` to `tracing` bridge does not pass them on.
//!
//! # At the end
//!
//! Closing sends what waits, both signals at once, within the pipeline's budget, which covers name resolution,
//! connection, TLS, request and answer. What is on its way when the budget ends is left behind.

mod client;
mod deliveries;
#[cfg(feature = "grpc")]
mod grpc;
mod http;
mod look;
mod quiet;
mod record;
mod sink;

pub use deliveries::{Deliveries, Lost};

use crate::consent::{Because, Switch};
use crate::privacy::{Clean, Resource, Sink};
use crate::registry::{Endpoint, SignalKind};
use client::{Client, Closing, Fate, Transport};
use deliveries::Queue;
use look::LastLook;
use opentelemetry_otlp::{LogExporter, Protocol, RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::logs::{self, BatchLogProcessor, LogProcessor};
use opentelemetry_sdk::trace::{self, BatchSpanProcessor, SpanProcessor};
use quiet::hush_thread;
use record::Forms;
use sink::{Forwarding, Queues};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;
use ureq::tls::{Certificate, PemItem, parse_pem};

/// How many records one request carries at most (the SDK specification's default).
const BATCH: usize = 512;

/// Sends records while the program runs, by [`Builder::forward`](crate::Builder::forward).
#[must_use = "it is to be given to `Builder::forward`"]
pub struct Forward {
    way: Way,
    delay: Option<Duration>,
    queue: usize,
    timeout: Duration,
    certificate: Option<Vec<u8>>,
    deliveries: Deliveries,
}

/// Opens a transport to an endpoint, with the certificates of the only authorities that are trusted; none means the
/// compiled-in ones.
type Connect = fn(&Endpoint, &[Certificate<'static>]) -> Result<Arc<dyn Transport>, Because>;

enum Way {
    Own(Connect),
    Given { spans: Box<dyn SpanProcessor>, logs: Box<dyn LogProcessor> },
}

impl Forward {
    /// OTLP/HTTP with protobuf: `/v1/traces` and `/v1/logs` are appended to the endpoint.
    pub fn http() -> Self {
        Self::by(Way::Own(|endpoint, certificates| Ok(Arc::new(http::Http::new(endpoint, certificates)))))
    }

    /// Through processors of an OpenTelemetry pipeline that the program has already. They get records with the declared
    /// resource (by `set_resource`) and our scope, and are shut down with the telemetry; batches, endpoint, headers,
    /// retries and what they log are theirs, and [`Forward::deliveries`] counts only what they never got.
    pub fn over(spans: impl SpanProcessor + 'static, logs: impl LogProcessor + 'static) -> Self {
        Self::by(Way::Given { spans: Box::new(spans), logs: Box::new(logs) })
    }

    fn by(way: Way) -> Self {
        Self {
            way,
            delay: None,
            queue: 2048,
            timeout: Duration::from_secs(10),
            certificate: None,
            deliveries: Deliveries::default(),
        }
    }

    /// The longest time that a record waits for others. Default: 5 s for spans and 1 s for events, as in the
    /// OpenTelemetry SDK specification. At least 1 ms.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = Some(delay.max(Duration::from_millis(1)));
        self
    }

    /// How many records of each signal may wait; what comes on top is lost, and counted. Default: 2,048, range 1 to
    /// 65,536. A request carries 512 at most.
    pub fn queue(mut self, records: usize) -> Self {
        self.queue = records.clamp(1, 65_536);
        self
    }

    /// How long one export may take, all attempts and the pauses between them included. Default: 10 s, as in the OTLP
    /// exporter specification.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Certificates in PEM of the only authorities that the endpoint's is checked against, instead of the compiled-in
    /// ones. A text without a certificate turns telemetry off.
    pub fn certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.certificate = Some(pem.into());
        self
    }

    /// What becomes of the records: to be kept and looked at while the program runs, or after the telemetry was
    /// dropped.
    pub fn deliveries(&self) -> Deliveries {
        self.deliveries.clone()
    }

    pub(crate) fn open(
        self,
        endpoint: &Endpoint,
        resource: &Clean<Resource>,
        switch: &Switch,
        rehearsal: bool,
    ) -> Result<Box<dyn Sink>, Because> {
        if rehearsal && !endpoint.is_loopback() && matches!(self.way, Way::Own(_)) {
            return Err(Because::BeyondLoopback);
        }
        // On a thread of its own, which is quiet, and whose end is the end of a panic: the SDK's when it gets none.
        thread::scope(|threads| {
            let open = || {
                hush_thread();
                self.assemble(endpoint, resource, switch)
            };
            let named = thread::Builder::new().name("scruple-open".to_owned());
            let opened = named.spawn_scoped(threads, open).map_err(|_| Because::NoExporter)?;
            let sink = opened.join().unwrap_or(Err(Because::NoExporter))?;
            Ok(Box::new(sink) as Box<dyn Sink>)
        })
    }

    fn assemble(self, endpoint: &Endpoint, resource: &Clean<Resource>, switch: &Switch) -> Result<Forwarding, Because> {
        let closing = Arc::new(Closing::default());
        let (mut spans, mut logs, queues) = match self.way {
            Way::Given { spans, logs } => (spans, logs, None),
            Way::Own(connect) => {
                let certificates = self.certificate.as_deref().map_or(Ok(Vec::new()), certificates)?;
                let transport = connect(endpoint, &certificates)?;
                let line = Line { forward: &self, endpoint, switch, closing: &closing, transport };
                let queues = Queues::new(self.queue);
                (line.spans(&queues.spans)?, line.logs(&queues.logs)?, Some(queues))
            }
        };
        let resource = record::resource(resource);
        spans.set_resource(&resource);
        logs.set_resource(&resource);
        Ok(Forwarding {
            forms: Forms::new(),
            spans: spans.into(),
            logs: logs.into(),
            queues,
            deliveries: self.deliveries,
            closing,
            closed: AtomicBool::new(false),
        })
    }
}

/// What the two signals' lines have in common.
struct Line<'a> {
    forward: &'a Forward,
    endpoint: &'a Endpoint,
    switch: &'a Switch,
    closing: &'a Arc<Closing>,
    transport: Arc<dyn Transport>,
}

impl Line<'_> {
    fn spans(&self, queue: &Arc<Queue>) -> Result<Box<dyn SpanProcessor>, Because> {
        let fate = Arc::new(Fate::default());
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(self.endpoint.join("/v1/traces"))
            .with_timeout(self.forward.timeout)
            .with_retry_policy(RetryPolicy::disabled())
            .with_http_client(self.client(SignalKind::Span, &fate))
            .build()
            .map_err(|_| Because::NoExporter)?;
        let batches = trace::BatchConfigBuilder::default()
            .with_max_queue_size(self.forward.queue)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(self.forward.delay.unwrap_or(Duration::from_secs(5)))
            .build();
        let look = self.look(exporter, queue, fate);
        Ok(Box::new(BatchSpanProcessor::builder(look).with_batch_config(batches).build()))
    }

    fn logs(&self, queue: &Arc<Queue>) -> Result<Box<dyn LogProcessor>, Because> {
        let fate = Arc::new(Fate::default());
        let exporter = LogExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(self.endpoint.join("/v1/logs"))
            .with_timeout(self.forward.timeout)
            .with_retry_policy(RetryPolicy::disabled())
            .with_http_client(self.client(SignalKind::Event, &fate))
            .build()
            .map_err(|_| Because::NoExporter)?;
        let batches = logs::BatchConfigBuilder::default()
            .with_max_queue_size(self.forward.queue)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(self.forward.delay.unwrap_or(Duration::from_secs(1)))
            .build();
        let look = self.look(exporter, queue, fate);
        Ok(Box::new(BatchLogProcessor::builder(look).with_batch_config(batches).build()))
    }

    fn client(&self, kind: SignalKind, fate: &Arc<Fate>) -> Client {
        Client {
            kind,
            transport: Arc::clone(&self.transport),
            switch: self.switch.clone(),
            closing: Arc::clone(self.closing),
            timeout: self.forward.timeout,
            fate: Arc::clone(fate),
        }
    }

    fn look<E>(&self, exporter: E, queue: &Arc<Queue>, fate: Arc<Fate>) -> LastLook<E> {
        LastLook {
            exporter,
            switch: self.switch.clone(),
            queue: Arc::clone(queue),
            deliveries: self.forward.deliveries.clone(),
            fate,
        }
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate<'static>>, Because> {
    let certificate = |item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(Ok(certificate)),
        Ok(_) => None,
        Err(_) => Some(Err(Because::NoExporter)),
    };
    let found: Vec<_> = parse_pem(pem).filter_map(certificate).collect::<Result<_, _>>()?;
    if found.is_empty() { Err(Because::NoExporter) } else { Ok(found) }
}

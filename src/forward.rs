//! Sends records while the program runs: in batches of our own over HTTP and gRPC, or in the SDK's to an exporter of the
//! author's.
//!
//! ```text
//!                ┌─> bytes ─> ForwardQueue ─> OtlpClient ─> HTTP or gRPC
//! Clean<Record> ─┤                                 ┌─> batch processors ─> GuardedExporter<author's exporter>
//!                └─> SpanData, SdkLogRecord ───────┴─> author's processors
//! ```
//!
//! Over HTTP and gRPC, the thread that made a record encodes it, as [`Encoder`](crate::encode::Encoder) does, and appends
//! the bytes to its signal's queue. A thread for each signal puts the envelope around a batch and sends it. The SDK's batch
//! processors and exporters would take headers, compression, limits and a plaintext scheme from the host's variables, hide
//! how many records the endpoint rejected, and encode what is encoded already.
//!
//! Before an exporter of the author's, the guard asks the off switch, runs the exporter without a subscriber, counts, and
//! reports success, because the SDK logs errors into the host's subscriber.
//!
//! # What the host's environment does
//!
//! Nothing: no variable is read on the way over HTTP and gRPC, and every setting of the batch processors that a variable
//! could make is made here (`OTEL_BSP_*`, `OTEL_BLRP_*`). The resource is built without detectors. No proxy and no
//! certificate store of the system is used, and TLS is ring's whatever the process's default is.
//!
//! # What the host hears
//!
//! No span, event or log record of ours or of our libraries, with these exceptions, which depend on the host:
//!
//! - with an exporter of the author's, if the host's build has opentelemetry_sdk's `internal-logs`, each batch processor
//!   logs `ThreadStarted` once, at level debug, before our code runs on its thread; and if a delay of milliseconds ends
//!   even before that, `ExportingDueToTimer`;
//! - features that the host's build adds to rustls or `tracing`: see law 4 of the crate.
//!
//! # A no
//!
//! The switch is asked before each attempt, before each piece that is written, and every 50 ms during any wait; then
//! the connection is reset. A call that turns telemetry off in this process waits for that. The author's own exporters
//! and processors are guarded before each batch only: a batch that they already have is theirs to send.
//!
//! # At the end
//!
//! Closing sends the queued records, both signals at once, within the pipeline's budget, which covers name resolution,
//! connection, TLS, request and answer. Requests in progress when the budget ends are aborted.

mod batch;
pub(crate) mod client;
mod deliveries;
mod direct;
#[cfg(feature = "grpc")]
pub(crate) mod grpc;
mod http;
mod look;
mod options;
mod queue;
mod quiet;
mod record;
mod sink;

pub use deliveries::ForwardCounts;
#[cfg(feature = "grpc")]
pub use grpc::RawBytes;

use crate::consent::{Reason, Switch};
use crate::http::{Authorities, MaySend};
use crate::privacy::{Clean, Resource, Sink};
use crate::process::Process;
use crate::registry::Endpoint;
use crate::threads;
use batch::BatchContext;
use client::Transport;
use direct::Direct;
use opentelemetry_sdk::logs::{LogExporter, LogProcessor};
use opentelemetry_sdk::trace::{SpanExporter, SpanProcessor};
use options::{LONGEST, Options};
use quiet::hush_thread;
use record::SdkConverter;
use sink::{Forwarding, Queues};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

/// Sends records while the program runs, in batches, for [`Builder::export`](crate::Builder::export): for servers and for demonstrations. Records queued at the end are sent
/// within the [shutdown timeout](crate::Builder::shutdown_timeout).
///
/// A server, whose operator consents in its settings:
///
/// ```no_run
/// # fn example(registry: &'static scruple::registry::Registry<'static>) {
/// let forward = scruple::Forward::http();
/// let counts = forward.deliveries(); // sent, and lost by reason
/// let telemetry = scruple::start(registry).preset(scruple::Preset::OperatorConsent).export(forward).build();
/// # }
/// ```
#[must_use = "it is to be given to `Builder::export`"]
pub struct Forward {
    way: ForwardKind,
    options: Options,
}

/// Opens a transport to an endpoint.
type Connect = fn(&Endpoint, &Authorities, &MaySend) -> Result<Arc<dyn Transport>, Reason>;

enum ForwardKind {
    Own(Connect),
    Exporters(Box<dyn FnOnce(&BatchContext<'_>) -> Processors + Send>),
    Given(Processors),
}

struct Processors {
    spans: Box<dyn SpanProcessor>,
    logs: Box<dyn LogProcessor>,
}

/// Omits the certificate, which is long, and the author's exporters.
impl fmt::Debug for Forward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Options { delay, queue, timeout, .. } = &self.options;
        let mut debug = f.debug_struct("Forward");
        debug.field("delay", delay).field("queue", queue).field("timeout", timeout).finish_non_exhaustive()
    }
}

impl Forward {
    /// OTLP/HTTP with protobuf: `/v1/traces` and `/v1/logs` are appended to the endpoint.
    pub fn http() -> Self {
        Self::by(ForwardKind::Own(|endpoint, authorities, may_send| {
            let http = http::Http::new(endpoint, authorities, may_send).ok_or(Reason::NoExporter)?;
            Ok(Arc::new(http))
        }))
    }

    /// The author's own exporters, behind our batches and our guard. The exporters decide the endpoint, headers,
    /// retries and timeouts; an error is counted as [`LossReason::Exporter`](crate::LossReason).
    pub fn exporters(spans: impl SpanExporter + 'static, logs: impl LogExporter + 'static) -> Self {
        Self::by(ForwardKind::Exporters(Box::new(|line| Processors {
            spans: line.spans(spans),
            logs: line.logs(logs),
        })))
    }

    /// Processors of the program's existing OpenTelemetry pipeline. They get records with the declared resource (by
    /// `set_resource`) and our scope, and are shut down with the telemetry. The processors decide everything else:
    /// batches, endpoint, headers, retries, logging, and whether their queued records still leave after a no.
    /// [`Forward::deliveries`] counts only records that never reached them. Use [`Forward::exporters`] for more
    /// control.
    pub fn over(spans: impl SpanProcessor + 'static, logs: impl LogProcessor + 'static) -> Self {
        Self::by(ForwardKind::Given(Processors { spans: Box::new(spans), logs: Box::new(logs) }))
    }

    fn by(way: ForwardKind) -> Self {
        let deliveries = ForwardCounts::default();
        let options =
            Options { delay: None, queue: 2048, timeout: Duration::from_secs(10), certificate: None, deliveries };
        Self { way, options }
    }

    /// The longest time that a record waits in a batch. Default: 5 s for spans and 1 s for events, as in the
    /// OpenTelemetry SDK specification. Range: 1 ms to a day.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.options.delay = Some(delay.clamp(Duration::from_millis(1), LONGEST));
        self
    }

    /// The queue length in records, for each signal; records above it are lost, and counted. Default: 2,048, range 1 to
    /// 65,536. A request carries 512 at most.
    pub fn queue(mut self, records: usize) -> Self {
        self.options.queue = records.clamp(1, 65_536);
        self
    }

    /// The timeout of one export, over all attempts and pauses. Default: 10 s, as in the OTLP exporter specification; a
    /// day at most.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = timeout.min(LONGEST);
        self
    }

    /// The only certificate authorities that the endpoint's certificate is verified against, in PEM, instead of the
    /// compiled-in ones. A text without a certificate turns telemetry off.
    pub fn certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.options.certificate = Some(pem.into());
        self
    }

    /// Counts of sent and lost records: keep them to read while the program runs, or after the telemetry was dropped.
    pub fn deliveries(&self) -> ForwardCounts {
        self.options.deliveries.clone()
    }

    pub(crate) fn open(
        self,
        endpoint: &Endpoint,
        resource: &Clean<Resource>,
        switch: &Switch,
        rehearsal: bool,
    ) -> Result<Box<dyn Sink>, Reason> {
        if rehearsal && !endpoint.is_loopback() && matches!(self.way, ForwardKind::Own(_)) {
            return Err(Reason::BeyondLoopback);
        }
        // On our own thread, without a subscriber, and with signals blocked: the SDK's threads inherit the mask. A
        // panic of the SDK, when it can't start a thread, ends here.
        thread::scope(|scope| {
            let open = || {
                hush_thread();
                self.assemble(endpoint, resource, switch)
            };
            let opened = threads::start("scruple-open", |thread| thread.spawn_scoped(scope, open));
            let opened = opened.map_err(|_| Reason::NoExporter)?;
            opened.join().unwrap_or(Err(Reason::NoExporter))
        })
    }

    fn assemble(
        self,
        endpoint: &Endpoint,
        resource: &Clean<Resource>,
        switch: &Switch,
    ) -> Result<Box<dyn Sink>, Reason> {
        let options = &self.options;
        let (Processors { mut spans, mut logs }, queues) = match self.way {
            ForwardKind::Own(connect) => {
                let named = options.certificate.as_deref();
                let authorities = named.map_or(Some(Authorities::default()), Authorities::parse);
                let asked = switch.clone();
                let may_send: MaySend = Arc::new(move || asked.ask());
                let transport = connect(endpoint, &authorities.ok_or(Reason::NoExporter)?, &may_send)?;
                return Ok(Box::new(Direct::start(options, resource, switch, transport)?));
            }
            ForwardKind::Given(processors) => (processors, None),
            ForwardKind::Exporters(batch) => {
                let queues = Queues::new(options.queue);
                (batch(&BatchContext { options, switch, queues: &queues }), Some(queues))
            }
        };
        let resource = record::resource(resource);
        spans.set_resource(&resource);
        logs.set_resource(&resource);
        Ok(Box::new(Forwarding {
            forms: SdkConverter::new(),
            spans: spans.into(),
            logs: logs.into(),
            queues,
            deliveries: self.options.deliveries,
            switch: switch.clone(),
            closed: AtomicBool::new(false),
            process: Process::this(),
        }))
    }
}

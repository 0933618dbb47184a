//! The sink of our own transports: each record is encoded by the thread that made it, and a thread for each signal sends.

use super::client::{OtlpClient, Shutdown, Transport};
use super::deliveries::ForwardCounts;
use super::options::{LONGEST, Options};
use super::queue::ForwardQueue;
use super::quiet::hush_thread;
use crate::consent::{Reason, Switch};
use crate::encode::Encoder;
use crate::privacy::{Clean, LossReason, Record, Resource, Sink};
use crate::process::Process;
use crate::registry::SignalKind;
use crate::sync::lock;
use crate::threads;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub(super) struct Direct {
    spans: Arc<ForwardQueue>,
    logs: Arc<ForwardQueue>,
    deliveries: ForwardCounts,
    closing: Arc<Shutdown>,
    switch: Switch,
    /// Disconnected once both threads have ended; `None` after the close.
    ended: Mutex<Option<Receiver<()>>>,
    /// The process of the sending threads: a forked process has none.
    process: Process,
}

thread_local! {
    /// One encoded record.
    static RECORD: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl Direct {
    pub(super) fn start(
        options: &Options,
        resource: &Clean<Resource>,
        switch: &Switch,
        transport: Arc<dyn Transport>,
    ) -> Result<Self, Reason> {
        let encoder = Arc::new(Encoder::new(resource, &[]));
        let closing = Arc::<Shutdown>::default();
        let (end, ended) = sync_channel(0);
        let start = |kind| {
            let delay = options.delay.unwrap_or(match kind {
                SignalKind::Span => Duration::from_secs(5),
                SignalKind::Event => Duration::from_secs(1),
            });
            let queue = Arc::new(ForwardQueue::new(options.queue, delay, options.deliveries.clone()));
            let client = OtlpClient {
                kind,
                transport: Arc::clone(&transport),
                switch: switch.clone(),
                closing: Arc::clone(&closing),
                timeout: options.timeout,
            };
            let worker = Worker {
                client,
                queue: Arc::clone(&queue),
                encoder: Arc::clone(&encoder),
                deliveries: options.deliveries.clone(),
                _end: end.clone(),
            };
            match threads::start("scruple-export", |thread| thread.spawn(|| worker.run())) {
                Ok(_) => Ok(queue),
                Err(_) => Err(Reason::NoExporter),
            }
        };
        let spans = start(SignalKind::Span)?;
        // The thread for spans ends too.
        let logs = start(SignalKind::Event).inspect_err(|_| spans.close())?;
        Ok(Self {
            spans,
            logs,
            deliveries: options.deliveries.clone(),
            closing,
            switch: switch.clone(),
            ended: Mutex::new(Some(ended)),
            process: Process::this(),
        })
    }
}

impl Sink for Direct {
    fn accept(&self, record: &Clean<Record>) {
        if !self.process.is_this() {
            return self.come_too_late();
        }
        let queue = match record.kind() {
            SignalKind::Span => &self.spans,
            SignalKind::Event => &self.logs,
        };
        if !queue.reserve() {
            return;
        }
        let encoded = RECORD.try_with(|buffer| {
            let mut buffer = buffer.borrow_mut();
            buffer.clear();
            Encoder::record(record, &mut buffer);
            queue.push(&buffer);
        });
        // A thread that is ending has no buffer any more.
        if encoded.is_err() {
            let mut buffer = Vec::new();
            Encoder::record(record, &mut buffer);
            queue.push(&buffer);
        }
    }

    fn close(&self, budget: Duration) {
        if !self.process.is_this() {
            return;
        }
        let Some(ended) = lock(&self.ended).take() else { return };
        let deadline = Instant::now() + budget.min(LONGEST);
        // A no by a variable of the running program; the sending threads do not read the environment.
        self.switch.ask_with(true);
        self.closing.begin(deadline);
        self.spans.close();
        self.logs.close();
        // No message is ever sent. A thread that hangs is left behind, and ends with the process.
        let _ = ended.recv_timeout(deadline.saturating_duration_since(Instant::now()));
        self.deliveries.end();
    }

    fn lost(&self) -> Vec<(LossReason, u64)> {
        self.deliveries.losses()
    }

    fn come_too_late(&self) {
        self.deliveries.lose(LossReason::Closed);
    }
}

/// Without a close, nothing is sent any more either.
impl Drop for Direct {
    fn drop(&mut self) {
        if self.process.is_this() {
            self.closing.begin(Instant::now());
            self.spans.close();
            self.logs.close();
        }
    }
}

/// The thread of one signal.
struct Worker {
    client: OtlpClient,
    queue: Arc<ForwardQueue>,
    encoder: Arc<Encoder>,
    deliveries: ForwardCounts,
    /// Dropped after the client, and with it the connection.
    _end: SyncSender<()>,
}

impl Worker {
    fn run(self) {
        hush_thread();
        // The lines of a library that the host bridges into OpenTelemetry are no records of the host's.
        let _suppressed = opentelemetry::Context::enter_telemetry_suppressed_scope();
        while let Some(batch) = self.queue.next() {
            let mut body = Vec::new();
            self.encoder.envelop(&batch.bytes, &mut body);
            self.queue.recycle(batch.bytes);
            // A panic of a library loses one request.
            let sent = catch_unwind(AssertUnwindSafe(|| self.client.carry(&body.into())));
            let records = batch.records as u64;
            match sent.unwrap_or(Err(LossReason::Exporter)) {
                Ok(rejected) => self.deliveries.settle(records, rejected, LossReason::Partial),
                Err(why) => self.deliveries.settle(records, records, why),
            }
        }
    }
}

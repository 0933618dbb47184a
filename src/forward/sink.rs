//! The sink of the author's own exporters and processors: one for each signal, closed together within one budget.

use super::deliveries::{ForwardCounts, QueueCount};
use super::options::LONGEST;
use super::quiet::hush_thread;
use super::record::SdkConverter;
use crate::consent::Switch;
use crate::privacy::{Clean, LossReason, Record, Sink};
use crate::process::Process;
use crate::registry::SignalKind;
use crate::threads;
use opentelemetry_sdk::logs::LogProcessor;
use opentelemetry_sdk::trace::SpanProcessor;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

pub(super) struct Forwarding {
    pub(super) forms: SdkConverter,
    pub(super) spans: Arc<dyn SpanProcessor>,
    pub(super) logs: Arc<dyn LogProcessor>,
    /// `None` if the processors are the author's and have their own queues.
    pub(super) queues: Option<Queues>,
    pub(super) deliveries: ForwardCounts,
    pub(super) switch: Switch,
    pub(super) closed: AtomicBool,
    /// The process of the sending threads: a forked process has none.
    pub(super) process: Process,
}

/// Limits that keep the batch processors from logging: never above their queue, never used after shutdown.
pub(super) struct Queues {
    pub(super) spans: Arc<QueueCount>,
    pub(super) logs: Arc<QueueCount>,
    open: RwLock<()>,
}

impl Queues {
    pub(super) fn new(limit: usize) -> Self {
        Self { spans: Arc::new(QueueCount::new(limit)), logs: Arc::new(QueueCount::new(limit)), open: RwLock::new(()) }
    }
}

impl Sink for Forwarding {
    fn accept(&self, record: &Clean<Record>) {
        if !self.process.is_this() {
            return self.come_too_late();
        }
        // Never blocks: closing waits for calls inside, and a later call is dropped.
        let inside = self.queues.as_ref().map(|queues| (queues, queues.open.try_read()));
        if self.closed.load(Ordering::Relaxed) || matches!(inside, Some((_, Err(_)))) {
            return self.come_too_late();
        }
        if let Some((queues, _)) = &inside {
            let queue = match record.kind() {
                SignalKind::Span => &queues.spans,
                SignalKind::Event => &queues.logs,
            };
            if !queue.enter() {
                return self.deliveries.lose(LossReason::Full);
            }
            self.deliveries.enter();
        }
        match record.kind() {
            SignalKind::Span => self.spans.on_end(self.forms.span(record)),
            SignalKind::Event => self.logs.emit(&mut self.forms.log(record), self.forms.scope()),
        }
    }

    fn close(&self, budget: Duration) {
        if self.closed.swap(true, Ordering::Relaxed) || !self.process.is_this() {
            return;
        }
        let deadline = Instant::now() + budget.min(LONGEST);
        // A no by a variable of the running program; the sending threads do not read the environment.
        self.switch.ask_with(true);
        if let Some(queues) = &self.queues {
            drop(queues.open.write());
        }
        // On new threads, so that both signals have the whole budget and neither can exceed it: a thread that hangs is
        // left behind, and ends with the process.
        let (done, ended) = sync_channel(2);
        let spans = Arc::clone(&self.spans);
        aside(&done, move || drop(spans.shutdown_with_timeout(budget)));
        let logs = Arc::clone(&self.logs);
        aside(&done, move || drop(logs.shutdown_with_timeout(budget)));
        drop(done);
        while ended.recv_timeout(deadline.saturating_duration_since(Instant::now())).is_ok() {}
        self.deliveries.end();
    }

    fn lost(&self) -> Vec<(LossReason, u64)> {
        self.deliveries.losses()
    }

    fn come_too_late(&self) {
        self.deliveries.lose(LossReason::Closed);
    }
}

/// Runs `work` on a new thread, if one can be started.
fn aside(done: &SyncSender<()>, work: impl FnOnce() + Send + 'static) {
    let done = done.clone();
    let run = move || {
        hush_thread();
        work();
        let _ = done.send(());
    };
    // Without a thread the queued records are lost, and counted at the end.
    let _ = threads::start("scruple-close", |thread| thread.spawn(run));
}

//! The guard before the author's exporters: asks the switch first, suppresses its libraries' tracing, and
//! counts.

use super::deliveries::{ForwardCounts, QueueCount};
use super::quiet::hush_thread;
use crate::consent::Switch;
use crate::privacy::LossReason;
use crate::threads;
use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogBatch, LogExporter};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::task::{self, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

/// Wraps an exporter. It always reports success to the SDK, which would log an error into the host's subscriber.
pub(super) struct GuardedExporter<E> {
    pub(super) exporter: E,
    pub(super) switch: Switch,
    pub(super) queue: Arc<QueueCount>,
    pub(super) deliveries: ForwardCounts,
}

impl<E> GuardedExporter<E> {
    /// Exports, if the switch is on, on a new thread: the stack of the batch processor's thread depends on the host's
    /// `RUST_MIN_STACK`, and may be too small for an exporter.
    fn look<W: Future<Output = OTelSdkResult>>(&self, records: usize, export: impl FnOnce() -> W + Send)
    where
        E: Sync,
    {
        let work = || {
            hush_thread();
            let _suppressed = Context::enter_telemetry_suppressed_scope();
            if self.switch.ask() {
                self.count(records, &block_on(export()));
            } else {
                self.lose(records, LossReason::Off);
            }
        };
        self.queue.leave(records);
        let exported = thread::scope(|scope| {
            let started = threads::start("scruple-export", |thread| thread.spawn_scoped(scope, work));
            started.is_ok_and(|thread| thread.join().is_ok())
        });
        if !exported {
            self.lose(records, LossReason::Exporter);
        }
    }

    fn count(&self, records: usize, result: &OTelSdkResult) {
        match result {
            Ok(()) => self.deliveries.settle(records as u64, 0, LossReason::Exporter),
            Err(_) => self.lose(records, LossReason::Exporter),
        }
    }

    fn lose(&self, records: usize, why: LossReason) {
        self.deliveries.settle(records as u64, records as u64, why);
    }
}

/// Blocks on an exporter's future.
fn block_on<T>(work: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut work = pin!(work);
    loop {
        match work.as_mut().poll(&mut task::Context::from_waker(&waker)) {
            Poll::Ready(done) => return done,
            Poll::Pending => thread::park(),
        }
    }
}

impl<E: SpanExporter> SpanExporter for GuardedExporter<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let records = batch.len();
        self.look(records, || self.exporter.export(batch));
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        // A batch processor calls this first on its thread: suppresses tracing between exports too.
        hush_thread();
        self.exporter.set_resource(resource);
    }
}

impl<E: LogExporter> LogExporter for GuardedExporter<E> {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        let records = batch.iter().count();
        self.look(records, || self.exporter.export(batch));
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        hush_thread();
        self.exporter.set_resource(resource);
    }
}

impl<E> fmt::Debug for GuardedExporter<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GuardedExporter")
    }
}

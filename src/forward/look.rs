//! A last look before records leave: an exporter that asks first, keeps its libraries quiet, and counts.

use super::client::Fate;
use super::deliveries::{Deliveries, Lost, Queue};
use super::quiet::hush_thread;
use crate::consent::Switch;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogBatch, LogExporter};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Wraps an exporter. It always reports success to the SDK, which would log an error into the host's subscriber.
pub(super) struct LastLook<E> {
    pub(super) exporter: E,
    pub(super) switch: Switch,
    pub(super) queue: Arc<Queue>,
    pub(super) deliveries: Deliveries,
    /// What the exporter's client saw of the last request.
    pub(super) fate: Arc<Fate>,
}

impl<E> LastLook<E> {
    /// Whether these records may still leave.
    fn may_leave(&self, records: usize) -> bool {
        hush_thread();
        self.queue.leave(records);
        let on = self.switch.ask();
        if !on {
            self.deliveries.lose(Lost::Off, records as u64);
        }
        on
    }

    fn count(&self, records: usize, result: &OTelSdkResult) {
        let records = records as u64;
        match self.fate.take() {
            Some(Ok(rejected)) => {
                let rejected = rejected.min(records);
                self.deliveries.lose(Lost::Partial, rejected);
                self.deliveries.send(records - rejected);
            }
            Some(Err(why)) => self.deliveries.lose(why, records),
            None if result.is_ok() => self.deliveries.send(records),
            None => self.deliveries.lose(Lost::Exporter, records),
        }
    }
}

impl<E: SpanExporter> SpanExporter for LastLook<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let records = batch.len();
        if self.may_leave(records) {
            let result = self.exporter.export(batch).await;
            self.count(records, &result);
        }
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        // The first thing that a batch processor does on its own thread: from here on it is quiet between exports too.
        hush_thread();
        self.exporter.set_resource(resource);
    }
}

impl<E: LogExporter> LogExporter for LastLook<E> {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        let records = batch.iter().count();
        if self.may_leave(records) {
            let result = self.exporter.export(batch).await;
            self.count(records, &result);
        }
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

impl<E> fmt::Debug for LastLook<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LastLook")
    }
}

//! From a signal's queue to the author's exporter: the SDK's batch processors, with every setting made here.

use super::deliveries::QueueCount;
use super::look::GuardedExporter;
use super::options::Options;
use super::sink::Queues;
use crate::consent::Switch;
use crate::limits::MAX_REQUEST_RECORDS;
use opentelemetry_sdk::logs::{self, BatchLogProcessor, LogExporter, LogProcessor};
use opentelemetry_sdk::trace::{self, BatchSpanProcessor, SpanExporter, SpanProcessor};
use std::sync::Arc;
use std::time::Duration;

/// The settings that both signals share.
pub(super) struct BatchContext<'a> {
    pub(super) options: &'a Options,
    pub(super) switch: &'a Switch,
    pub(super) queues: &'a Queues,
}

impl BatchContext<'_> {
    pub(super) fn spans(&self, exporter: impl SpanExporter + 'static) -> Box<dyn SpanProcessor> {
        let batches = trace::BatchConfigBuilder::default()
            .with_max_queue_size(self.options.queue)
            .with_max_export_batch_size(MAX_REQUEST_RECORDS)
            .with_scheduled_delay(self.options.delay.unwrap_or(Duration::from_secs(5)))
            .build();
        let look = self.look(exporter, &self.queues.spans);
        Box::new(BatchSpanProcessor::builder(look).with_batch_config(batches).build())
    }

    pub(super) fn logs(&self, exporter: impl LogExporter + 'static) -> Box<dyn LogProcessor> {
        let batches = logs::BatchConfigBuilder::default()
            .with_max_queue_size(self.options.queue)
            .with_max_export_batch_size(MAX_REQUEST_RECORDS)
            .with_scheduled_delay(self.options.delay.unwrap_or(Duration::from_secs(1)))
            .build();
        let look = self.look(exporter, &self.queues.logs);
        Box::new(BatchLogProcessor::builder(look).with_batch_config(batches).build())
    }

    fn look<E>(&self, exporter: E, queue: &Arc<QueueCount>) -> GuardedExporter<E> {
        GuardedExporter {
            exporter,
            switch: self.switch.clone(),
            queue: Arc::clone(queue),
            deliveries: self.options.deliveries.clone(),
        }
    }
}

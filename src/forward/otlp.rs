//! The stock OTLP exporters, with every setting made here and our client below them.

use super::client::{LastResult, OtlpClient, Shutdown, Transport};
use crate::consent::{Reason, Switch};
use crate::registry::{Endpoint, SignalKind};
use opentelemetry_otlp::{LogExporter, Protocol, RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig};
use std::sync::Arc;
use std::time::Duration;

/// The settings that both exporters share.
pub(super) struct Otlp<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) switch: &'a Switch,
    pub(super) closing: &'a Arc<Shutdown>,
    pub(super) timeout: Duration,
    pub(super) transport: Arc<dyn Transport>,
}

impl Otlp<'_> {
    pub(super) fn spans(&self, fate: &Arc<LastResult>) -> Result<SpanExporter, Reason> {
        SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(self.endpoint.join("/v1/traces"))
            .with_timeout(self.timeout)
            .with_retry_policy(RetryPolicy::disabled())
            .with_http_client(self.client(SignalKind::Span, fate))
            .build()
            .map_err(|_| Reason::NoExporter)
    }

    pub(super) fn logs(&self, fate: &Arc<LastResult>) -> Result<LogExporter, Reason> {
        LogExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(self.endpoint.join("/v1/logs"))
            .with_timeout(self.timeout)
            .with_retry_policy(RetryPolicy::disabled())
            .with_http_client(self.client(SignalKind::Event, fate))
            .build()
            .map_err(|_| Reason::NoExporter)
    }

    fn client(&self, kind: SignalKind, fate: &Arc<LastResult>) -> OtlpClient {
        OtlpClient {
            kind,
            transport: Arc::clone(&self.transport),
            switch: self.switch.clone(),
            closing: Arc::clone(self.closing),
            timeout: self.timeout,
            fate: Arc::clone(fate),
        }
    }
}

//! Uploads over gRPC: the calls of `forward`, with the outcomes of an uploader.

use super::options::Upload;
use crate::consent::BUILT_OFF;
use crate::encode::{Format, rejected};
use crate::forward::client::{Failure, Retry, Transport as _};
use crate::forward::grpc::{self, Grpc};
use crate::privacy::LossReason;
use crate::registry::SignalKind;
use crate::upload::run::{NetworkConfigError, RunEnd, SendOutcome, TransportContext, UploadTransport};
use bytes::Bytes;
use std::time::Duration;

impl Upload {
    /// OTLP/gRPC instead of HTTP: the endpoint's path is not used. A proxy in `HTTPS_PROXY` must be reachable over
    /// plain HTTP.
    pub fn grpc(mut self) -> Self {
        if !BUILT_OFF {
            grpc::prepare();
            self.open = Some(open);
        }
        self
    }
}

fn open(opening: TransportContext<'_>) -> Result<Box<dyn UploadTransport>, RunEnd> {
    let TransportContext { endpoint, network, gzip, ask, deadline } = opening;
    let (authorities, proxy) = network.lay(endpoint, ask, deadline)?;
    if proxy.as_ref().is_some_and(|proxy| proxy.is_tls) {
        return Err(RunEnd::Network(NetworkConfigError::EncryptedProxy));
    }
    let grpc = Grpc::new(endpoint, &authorities, gzip, proxy, ask);
    Ok(Box::new(Called(grpc.map_err(|_| RunEnd::Network(network.no_certificate()))?)))
}

/// Whether the request may not have reached the endpoint at all.
fn is_on_the_way(lost: LossReason) -> bool {
    matches!(lost, LossReason::Unreachable | LossReason::TimedOut | LossReason::Unreadable)
}

struct Called(Grpc);

impl UploadTransport for Called {
    fn post(&self, kind: SignalKind, body: &[u8], within: Duration) -> SendOutcome {
        match self.0.send(kind, &Bytes::copy_from_slice(body), within) {
            Ok(answer) => SendOutcome::Accepted { rejected: rejected(Format::Protobuf, &answer) },
            Err(Failure { lost: LossReason::Off, .. }) => SendOutcome::Off,
            Err(Failure { again: Retry::After(pause), .. }) => SendOutcome::RetryAfter(pause, None),
            Err(Failure { again: Retry::Elsewhere, .. }) => SendOutcome::Unavailable(None),
            Err(Failure { again: Retry::Never, lost }) if is_on_the_way(lost) => {
                SendOutcome::RetryAfter(Duration::ZERO, None)
            }
            Err(Failure { again: Retry::Never, .. }) => SendOutcome::Rejected(None),
        }
    }
}

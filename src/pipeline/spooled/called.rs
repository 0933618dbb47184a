//! Uploads over gRPC: the calls that `forward` makes, with the answers that an uploader wants.

use super::Upload;
use crate::forward::Lost;
use crate::forward::client::{Again, Failure, Transport as _};
use crate::forward::grpc::Grpc;
use crate::registry::SignalKind;
use crate::upload::run::{Answer, Carry, End, Impassable, Opening, rejected_by};
use bytes::Bytes;
use std::time::Duration;

impl Upload {
    /// OTLP/gRPC instead of HTTP: the endpoint's path is not used. A proxy in `HTTPS_PROXY` is one that is spoken to in
    /// plain HTTP.
    pub fn grpc(mut self) -> Self {
        self.open = Some(open);
        self
    }
}

fn open(opening: Opening<'_>) -> Result<Box<dyn Carry>, End> {
    let Opening { endpoint, road, gzip, ask, deadline } = opening;
    let (authorities, proxy) = road.lay(endpoint, ask, deadline)?;
    if proxy.as_ref().is_some_and(|proxy| proxy.is_tls) {
        return Err(End::Impassable(Impassable::EncryptedProxy));
    }
    let grpc = Grpc::new(endpoint, &authorities, gzip, proxy, ask);
    Ok(Box::new(Called(grpc.map_err(|_| End::Impassable(road.no_certificate()))?)))
}

/// Whether it may not have reached the endpoint at all.
fn is_on_the_way(lost: Lost) -> bool {
    matches!(lost, Lost::Unreachable | Lost::TimedOut | Lost::Unreadable)
}

struct Called(Grpc);

impl Carry for Called {
    fn post(&self, kind: SignalKind, body: &[u8], within: Duration) -> Answer {
        match self.0.send(kind, &Bytes::copy_from_slice(body), within) {
            Ok(answer) => Answer::Taken { rejected: rejected_by(&answer) },
            Err(Failure { lost: Lost::Off, .. }) => Answer::Off,
            Err(Failure { again: Again::After(pause), .. }) => Answer::NotNow(pause),
            Err(Failure { again: Again::Elsewhere, .. }) => Answer::NoWay,
            Err(Failure { again: Again::Never, lost }) if is_on_the_way(lost) => Answer::NotNow(Duration::ZERO),
            Err(Failure { again: Again::Never, .. }) => Answer::Never,
        }
    }
}

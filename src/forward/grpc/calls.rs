//! The same calls, for an uploader.

pub(crate) use super::secure::Tunnel;
pub(crate) use crate::forward::client::{Again, Failure};

use super::Grpc;
use crate::consent::Because;
use crate::forward::client::Transport as _;
use crate::registry::{Endpoint, SignalKind};
use bytes::Bytes;
use std::time::Duration;
use ureq::tls::Certificate;

/// The same calls, for an uploader: on a thread of its own too.
pub(crate) struct Calls(Grpc);

impl Calls {
    pub(crate) fn new(
        endpoint: &Endpoint,
        certificates: &[Certificate<'static>],
        gzip: bool,
        tunnel: Option<Tunnel>,
    ) -> Result<Self, Because> {
        Grpc::new(endpoint, certificates, gzip, tunnel).map(Self)
    }

    pub(crate) fn call(&self, kind: SignalKind, body: &[u8], within: Duration) -> Result<Bytes, Failure> {
        self.0.send(kind, &Bytes::copy_from_slice(body), within)
    }
}

//! Uploads over gRPC: the calls that `forward` makes, with the answers that an uploader wants.

use super::Upload;
use crate::forward::Lost;
use crate::forward::client::{Again, Failure, Transport as _};
use crate::forward::grpc::Grpc;
use crate::forward::grpc::secure::Tunnel;
use crate::registry::{Endpoint, SignalKind};
use crate::upload::run::{Answer, Carry, Impassable, Road, rejected_by};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use std::time::Duration;
use ureq::{Proxy, ProxyProtocol};

impl Upload {
    /// OTLP/gRPC instead of HTTP: the endpoint's path is not used. A proxy in `HTTPS_PROXY` is one that is spoken to in
    /// plain HTTP.
    pub fn grpc(mut self) -> Self {
        self.open = Some(open);
        self
    }
}

fn open(endpoint: &Endpoint, road: &Road<'_>, gzip: bool) -> Result<Box<dyn Carry>, Impassable> {
    let tunnel = road.proxy(endpoint)?.map(|proxy| tunnel(&proxy)).transpose()?;
    let grpc = Grpc::new(endpoint, &road.authorities()?, gzip, tunnel).map_err(|_| Impassable)?;
    Ok(Box::new(Called(grpc)))
}

/// RFC 9110, section 9.3.6, with the credentials of section 11.7.2 in the form of RFC 7617.
fn tunnel(proxy: &Proxy) -> Result<Tunnel, Impassable> {
    if proxy.protocol() != ProxyProtocol::Http {
        return Err(Impassable);
    }
    let uri = format!("http://{}:{}", proxy.host(), proxy.port()).parse().map_err(|_| Impassable)?;
    let credentials = proxy.username().map(|user| format!("{user}:{}", proxy.password().unwrap_or_default()));
    let header = credentials.map(|credentials| format!("Basic {}", BASE64_STANDARD.encode(credentials)));
    let authorization = header.map(|header| header.parse()).transpose().map_err(|_| Impassable)?;
    Ok(Tunnel { uri, authorization })
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
            Err(Failure { again: Again::After(pause), .. }) => Answer::NotNow(pause),
            Err(Failure { again: Again::Elsewhere, .. }) => Answer::NoWay,
            Err(Failure { again: Again::Never, lost }) if is_on_the_way(lost) => Answer::NotNow(Duration::ZERO),
            Err(Failure { again: Again::Never, .. }) => Answer::Never,
        }
    }
}

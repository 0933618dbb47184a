//! Where records go: one value for every kind of exporter.

use super::Upload;
use crate::consent::{Reason, Switch};
use crate::encode::{Each, Encoder, Format};
use crate::privacy::{Clean, Resource, Sink};
use crate::registry::{Endpoint, Registry, SignalKind};

/// Opens an exporter, once the decision is yes.
type Open = Box<dyn FnOnce(&ExportContext<'_>) -> Result<Box<dyn Sink>, Reason> + Send>;

/// Where records go. [`Builder::export`](crate::Builder::export) takes it, and whatever becomes one:
///
/// | exporter | for |
/// |---|---|
/// | [`Upload`] (the default) | programs that end: records wait on disk and are uploaded later |
/// | `Forward` (feature `otel`) | servers and demonstrations: records are sent while the program runs |
/// | a [`Sink`] | records as they are, for tests and for other encodings |
/// | [`Exporter::requests`] | each record as one OTLP request, for tests, benches and files |
/// | [`Exporter::open`] | a transport of the author's own |
#[must_use = "it is to be given to `Builder::export`"]
pub struct Exporter(pub(super) Kind);

pub(super) enum Kind {
    Spool(Upload),
    Opened(Open),
}

impl Exporter {
    /// Hands each record to `take` as one OTLP request, instead of sending it. `take` must not block, panic, or record
    /// spans and events.
    pub fn requests(format: Format, take: impl FnMut(SignalKind, &[u8]) + Send + 'static) -> Self {
        Self::open(move |opening| {
            Ok(Box::new(Each::new(Encoder::new(opening.resource, opening.registries), format, take)))
        })
    }

    /// Calls `open` when the decision is yes. It opens nothing when it fails, asks the switch before each attempt to
    /// send, and stays on loopback in a rehearsal.
    pub fn open(open: impl FnOnce(&ExportContext<'_>) -> Result<Box<dyn Sink>, Reason> + Send + 'static) -> Self {
        Self(Kind::Opened(Box::new(open)))
    }

    /// The settings of the upload, if records are uploaded.
    pub(super) fn upload(&self) -> Option<&Upload> {
        match &self.0 {
            Kind::Spool(upload) => Some(upload),
            Kind::Opened(_) => None,
        }
    }
}

impl From<Upload> for Exporter {
    fn from(upload: Upload) -> Self {
        Self(Kind::Spool(upload))
    }
}

impl<S: Sink + 'static> From<S> for Exporter {
    fn from(sink: S) -> Self {
        Self::open(|_| Ok(Box::new(sink)))
    }
}

/// What an exporter is opened with. See [`Exporter::open`].
pub struct ExportContext<'a> {
    /// The receiver: the registry's, or the one that the author named.
    pub endpoint: &'a Endpoint,
    /// What the process says of itself with every record.
    pub resource: &'a Clean<Resource>,
    /// The joined registries, the program's own first.
    pub registries: &'a [&'static Registry<'static>],
    /// To be asked before each attempt to send.
    pub switch: &'a Switch,
    /// Nothing may go beyond loopback.
    pub rehearsal: bool,
}

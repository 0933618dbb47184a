//! The destination of records: one value for every kind of exporter.

use super::context::ExportContext;
use super::uploader::{PolicyChoice, Upload};
use crate::consent::{BUILT_OFF, Reason, Settings};
use crate::encode::{Each, Encoder, Format};
use crate::privacy::Sink;
use crate::registry::SignalKind;
use std::fmt;

/// Opens an exporter, once the decision is yes.
type OpenExporter = Box<dyn FnOnce(&ExportContext<'_>) -> Result<Box<dyn Sink>, Reason> + Send>;

/// The destination of records, for [`Builder::export`](crate::Builder::export), which takes any of these:
///
/// | exporter | for |
/// |---|---|
/// | [`Upload`] (the default) | programs that end: records wait on disk and are uploaded later |
/// | `Forward` (feature `otel`) | servers and demonstrations: records are sent while the program runs |
/// | a [`Sink`] | records as they are, for tests and for other encodings |
/// | [`Exporter::requests`] | each record as one OTLP request, for tests, benches and files |
/// | [`Exporter::open`] | a transport of the author's own |
#[must_use = "it is to be given to `Builder::export`"]
pub struct Exporter {
    kind: ExporterKind,
    /// A policy was set, but this exporter does not fetch it: only an upload does.
    lacks_policy: bool,
}

enum ExporterKind {
    Upload(Box<Upload>),
    Opened(OpenExporter),
}

impl Exporter {
    /// Passes each record to `take` as one OTLP request, instead of sending it. Each recording thread calls `take`, several
    /// at the same time; it must not block, panic, or record spans and events.
    pub fn requests(format: Format, take: impl Fn(SignalKind, &[u8]) + Send + Sync + 'static) -> Self {
        Self::open(move |context| {
            Ok(Box::new(Each::new(Encoder::new(context.resource, context.registries), format, take)))
        })
    }

    /// Calls `open` when the decision is on. On failure `open` must leave nothing open; its sink must ask the switch
    /// before each attempt to send, and stay on loopback in a rehearsal.
    pub fn open(open: impl FnOnce(&ExportContext<'_>) -> Result<Box<dyn Sink>, Reason> + Send + 'static) -> Self {
        let open: OpenExporter = if BUILT_OFF { Box::new(|_| Err(Reason::BuiltOff)) } else { Box::new(open) };
        Self { kind: ExporterKind::Opened(open), lacks_policy: false }
    }

    /// The settings of the upload, if records are uploaded.
    pub(super) fn upload(&self) -> Option<&Upload> {
        match &self.kind {
            ExporterKind::Upload(upload) => Some(upload),
            ExporterKind::Opened(_) => None,
        }
    }

    /// Fetches a policy before each upload.
    pub(super) fn with_policy(mut self, policy: PolicyChoice) -> Self {
        match &mut self.kind {
            ExporterKind::Upload(upload) => upload.set_policy(policy),
            ExporterKind::Opened(_) => self.lacks_policy = true,
        }
        self
    }

    /// Whether it can be opened, as far as known without opening anything.
    pub(super) fn check(&self, settings: &Settings) -> Result<(), Reason> {
        match &self.kind {
            ExporterKind::Upload(upload) => upload.check(settings),
            // Records that stay on this machine need no policy.
            ExporterKind::Opened(_) if self.lacks_policy && !settings.rehearsal => Err(Reason::PolicyNotAsked),
            ExporterKind::Opened(_) => Ok(()),
        }
    }

    pub(super) fn start(self, context: &ExportContext<'_>) -> Result<Box<dyn Sink>, Reason> {
        match self.kind {
            ExporterKind::Upload(_) if BUILT_OFF => Err(Reason::BuiltOff),
            ExporterKind::Upload(upload) => upload.open(context),
            ExporterKind::Opened(open) => open(context),
        }
    }
}

impl fmt::Debug for Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exporter").field("upload", &self.upload()).finish_non_exhaustive()
    }
}

impl From<Upload> for Exporter {
    fn from(upload: Upload) -> Self {
        Self { kind: ExporterKind::Upload(Box::new(upload)), lacks_policy: false }
    }
}

impl<S: Sink + 'static> From<S> for Exporter {
    fn from(sink: S) -> Self {
        Self::open(|_| Ok(Box::new(sink)))
    }
}

//! The author's settings for the spool and its uploads.

use crate::encode::Format;
use crate::limits::UPLOAD_EVERY;
use crate::registry::EndpointError;
use crate::spool::Limits;
use crate::upload::run::{FetchPolicy, OpenTransport};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Keeps records on disk and uploads them later: the exporter of a program that ends, for
/// [`Builder::export`](crate::Builder::export). It is the default, with its default settings.
///
/// When the program ends and an upload is due, a detached process uploads. A thread uploads instead in a library
/// ([`Preset::Documented`](crate::Preset::Documented)), with [`Upload::in_thread`], where no process can be started, and
/// where the system would end it with the program (the first process of a container or one that it has started, a unit of
/// systemd, no `/proc`) or, on Windows, make it inherit a pipe or a file as a standard stream: from the start what other processes have left, and at the end the program's own records. If an
/// upload is due, the end waits for the thread, for at most
/// [`Builder::shutdown_timeout`](crate::Builder::shutdown_timeout). What is not sent then waits for the next process that
/// is due.
#[must_use = "it is to be given to `Builder::export`"]
#[derive(Clone)]
pub struct Upload {
    pub(super) limits: Limits,
    pub(super) every: Duration,
    pub(super) batch: u64,
    pub(super) format: Format,
    pub(super) gzip: bool,
    pub(super) certificate: Option<Vec<u8>>,
    pub(super) in_thread: bool,
    pub(super) open: Option<OpenTransport>,
    pub(super) policy: Option<PolicyChoice>,
}

/// The policy source, or the error in its address.
pub(in crate::pipeline) type PolicyChoice = Result<Arc<dyn FetchPolicy>, EndpointError>;

/// Omits the policy's keys and the certificate, which are long.
impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limits, every, batch, format, gzip, in_thread, .. } = self;
        let mut debug = f.debug_struct("Upload");
        debug.field("limits", limits).field("every", every).field("batch_appends", batch).field("format", format);
        debug.field("gzip", gzip).field("in_thread", in_thread).finish_non_exhaustive()
    }
}

impl Default for Upload {
    fn default() -> Self {
        Self {
            limits: Limits::new(),
            every: UPLOAD_EVERY,
            batch: 1,
            format: Format::Protobuf,
            gzip: true,
            certificate: None,
            in_thread: false,
            open: None,
            policy: None,
        }
    }
}

impl Upload {
    /// The defaults: at most once an hour, protobuf, compressed.
    pub fn new() -> Self {
        Self::default()
    }

    /// The caps of the queue: size and age. See [`Limits`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The shortest time between two attempts to upload. Default: an hour; a minute at least. An attempt whose process was
    /// killed before its end counts for a minute.
    pub fn every(mut self, every: Duration) -> Self {
        self.every = every.max(Duration::from_secs(60));
        self
    }

    /// Buffers this many records of each signal and writes them together: for servers. A killed process loses the
    /// buffer. Default: 1, no buffer.
    pub fn batch_appends(mut self, records: u64) -> Self {
        self.batch = records;
        self
    }

    /// The encoding of requests over HTTP. Default: protobuf.
    pub fn format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// Whether requests are compressed. Default: yes.
    pub fn gzip(mut self, gzip: bool) -> Self {
        self.gzip = gzip;
        self
    }

    /// The only certificate authorities that the endpoint's certificate is verified against, in PEM, instead of the
    /// compiled-in ones and those of `SSL_CERT_FILE`.
    pub fn certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.certificate = Some(pem.into());
        self
    }

    /// Uploads from a thread of this process while it runs and at its end, and never from another process: for servers
    /// and for programs with windows, which run for long. See [`Upload`] for the end.
    ///
    /// On macOS and Windows, also for a program that starts threads before [`start`](crate::start): they can't be counted
    /// there, and would run in the uploader too.
    pub fn in_thread(mut self) -> Self {
        self.in_thread = true;
        self
    }
}

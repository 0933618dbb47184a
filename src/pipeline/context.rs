//! What an exporter is opened with.

use crate::consent::{Settings, Switch};
use crate::encode::Encoder;
use crate::privacy::{Clean, Resource};
use crate::registry::{Endpoint, Registry};
use std::sync::Arc;

/// What an exporter is opened with. See [`Exporter::open`](crate::Exporter::open).
#[non_exhaustive]
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
    pub(super) settings: &'a Settings,
    /// `service.version`.
    pub(super) version: &'a str,
    /// Nothing but the beginning of `main` had run when the pipeline was built.
    pub(super) is_first_line: bool,
    /// Draws what names this process's files.
    pub(super) file_id: &'a dyn Fn() -> u64,
    /// For a process that is forked from this one.
    pub(super) forked: &'a Forked,
}

/// The encoder and the file id of a process that was forked from this one.
pub(super) type Forked = Arc<dyn Fn() -> Option<(Encoder, u64)> + Send + Sync>;

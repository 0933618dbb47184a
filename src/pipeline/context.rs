//! The context in which an exporter is opened.

use crate::consent::{Settings, Switch};
use crate::encode::Encoder;
use crate::privacy::{Clean, DropCounts, Resource};
use crate::registry::{Endpoint, Registry};
use std::sync::Arc;

/// The context in which an exporter is opened. See [`Exporter::open`](crate::Exporter::open).
#[non_exhaustive]
pub struct ExportContext<'a> {
    /// The receiver: the registry's, or the author's override.
    pub endpoint: &'a Endpoint,
    /// The resource, which goes with every record.
    pub resource: &'a Clean<Resource>,
    /// The joined registries, the program's own first.
    pub registries: &'a [&'static Registry<'static>],
    /// Ask it before each attempt to send.
    pub switch: &'a Switch,
    /// Whether only loopback may be reached.
    pub rehearsal: bool,
    pub(super) settings: &'a Settings,
    /// `service.version`.
    pub(super) version: &'a str,
    /// Whether the pipeline was built at the very beginning of `main`.
    pub(super) is_first_line: bool,
    /// Draws the id in the names of this process's files.
    pub(super) file_id: &'a dyn Fn() -> u64,
    /// What was withheld in this process.
    pub(super) drop_counts: &'a Arc<DropCounts>,
    /// Makes these values for a process that is forked from this one.
    pub(super) forked: &'a Forked,
}

/// The encoder and the file id of a process that was forked from this one.
pub(super) type Forked = Arc<dyn Fn() -> Option<(Encoder, u64)> + Send + Sync>;

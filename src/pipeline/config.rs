//! What a pipeline is opened with.

use super::exporter::Exporter;
use crate::consent::Settings;
use crate::identity::{Random, Secret};
use crate::spool::Receiver;

/// What a pipeline is opened with, kept until then.
#[derive(Default)]
pub(super) struct PipelineConfig {
    pub(super) version: Option<String>,
    pub(super) endpoint: Option<String>,
    pub(super) exporter: Option<Exporter>,
    pub(super) copy: Option<Exporter>,
    /// Nothing but the beginning of `main` had run when the pipeline was built.
    pub(super) is_first_line: bool,
    pub(super) span_events: bool,
    pub(super) random: Option<Box<dyn Random>>,
    pub(super) secret: Option<Secret>,
}

impl Settings {
    /// Whose queue it is.
    pub(super) fn queue(&self) -> Receiver {
        Receiver::new(&self.receiver, self.registries.first().map_or("", |registry| registry.service.controller))
    }
}

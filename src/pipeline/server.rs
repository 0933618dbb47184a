//! Writes the reason to the log of a server whose telemetry is off, once.

use super::shared::Shared;
use super::streams;
use crate::consent::{Decision, Mode, Preset, Reason};
use crate::registry::escaped;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether this process has written a reason.
static IS_WRITTEN: AtomicBool = AtomicBool::new(false);

impl Shared {
    /// An operator who has consented reads the server's log, and runs no `telemetry status`. A run for help or for the
    /// version is no server.
    pub(super) fn log_why_off(&self) {
        let Decision { mode, reason, .. } = self.decision();
        let is_server = self.settings.preset == Preset::OperatorConsent && self.settings.is_asked();
        let is_quiet = mode != Mode::Off || matches!(reason, Reason::Informational(_) | Reason::Uploader);
        if is_server && !is_quiet && !IS_WRITTEN.swap(true, Ordering::Relaxed) {
            let name = self.settings.registries.first().map_or("", |registry| registry.service.name);
            streams::log(&escaped(format_args!("{name}: usage telemetry is off: {reason}")));
        }
    }
}

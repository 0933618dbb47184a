//! One upload: what an uploader works on, whether it is a process or a thread.

use super::options::Upload;
use crate::consent::{Preset, Reason, Settings, Switch};
use crate::files::Places;
use crate::identity::SystemRandom;
use crate::pipeline::streams;
use crate::privacy::Declarations;
use crate::registry::Endpoint;
use crate::spool::Queue;
use crate::upload::run::{self, NetworkConfig, Report, UploadConfig};
use std::sync::Arc;

/// What an uploader works on.
pub(super) struct Job {
    pub(super) upload: Upload,
    pub(super) settings: Settings,
    pub(super) places: Places,
    version: String,
    endpoint: Endpoint,
}

/// The person's folders. A yes that the host's own settings hold is no yes to anything in a person's home folder: who gives
/// it names another exporter.
pub(super) fn places(settings: &Settings) -> Result<Places, Reason> {
    let is_own = settings.is_asked() && settings.preset != Preset::OperatorConsent;
    settings.own_places().filter(|_| is_own).ok_or(Reason::NoTransport)
}

impl Job {
    pub(super) fn new(upload: Upload, settings: &Settings, endpoint: Endpoint, version: &str) -> Result<Self, Reason> {
        let (settings, places) = (settings.clone(), places(settings)?);
        Ok(Self { upload, settings, places, version: version.to_owned(), endpoint })
    }

    /// Whether nothing that is finished waits.
    pub(super) fn is_idle(&self) -> bool {
        let Ok(Some(queue)) = Queue::open(&self.places.state, &self.settings.queue()) else { return true };
        queue.finished().map_or(true, |mut finished| finished.next().is_none())
    }

    /// Uploads once what is finished, as long as it is on; `None` where the system has no random bytes, or a policy is named
    /// by an address that can't be used.
    pub(super) fn run(&self, switch: &Switch, progress: &dyn Fn(&Report)) -> Option<Report> {
        // The host may have closed them since.
        streams::occupy();
        let Self { upload, settings, places, version, endpoint } = self;
        let (random, policy) = (SystemRandom::new().ok()?, upload.policy.clone().transpose().ok()?);
        let _sending = switch.sending();
        let asked = switch.clone();
        Some(run::run(&UploadConfig {
            state: &places.state,
            terms: Declarations { registries: &settings.registries, opt_in: &settings.opt_in, version, narrow: None },
            endpoint,
            ask: Arc::new(move || asked.ask()),
            clock: &*settings.clock,
            random: &random,
            limits: upload.limits,
            format: upload.format,
            gzip: upload.gzip,
            progress,
            policy: policy.as_deref(),
            open: upload.open,
            network: NetworkConfig { certificate: upload.certificate.as_deref(), ..NetworkConfig::of_environment() },
        }))
    }
}

//! One upload: the inputs of an uploader, in a process or a thread.

use super::options::Upload;
use crate::consent::{Reason, Settings, Switch};
use crate::files::{FileError, Places};
use crate::identity::SystemRandom;
use crate::pipeline::streams;
use crate::privacy::Declarations;
use crate::registry::Endpoint;
use crate::spool::{Queue, begin_attempt};
use crate::upload::run::{self, NetworkConfig, Report, UploadConfig};
use std::sync::Arc;
use std::time::SystemTime;

/// The inputs of an uploader.
pub(super) struct Job {
    pub(super) upload: Upload,
    pub(super) settings: Settings,
    pub(super) places: Places,
    version: String,
    endpoint: Endpoint,
    /// The environment's, read when the job is made: its threads read no variable.
    network: NetworkConfig<'static>,
}

/// The person's folders. Consent by the host's own settings is not consent to writing into a home folder: that preset
/// needs another exporter.
pub(super) fn places(settings: &Settings) -> Result<Places, Reason> {
    let is_own = settings.is_asked() && settings.keeps_files();
    settings.own_places().filter(|_| is_own).ok_or(Reason::NoTransport)
}

impl Job {
    pub(super) fn new(upload: Upload, settings: &Settings, endpoint: Endpoint, version: &str) -> Result<Self, Reason> {
        let (settings, places) = (settings.clone(), places(settings)?);
        let network = NetworkConfig::of_environment();
        Ok(Self { upload, settings, places, version: version.to_owned(), endpoint, network })
    }

    /// Whether no finished file is queued.
    pub(super) fn is_idle(&self) -> bool {
        let Ok(Some(queue)) = Queue::open(&self.places.state, &self.settings.queue()) else { return true };
        queue.finished().map_or(true, |mut finished| finished.next().is_none())
    }

    /// Notes the start of an attempt.
    pub(super) fn begin_attempt(&self) -> Result<(), FileError> {
        begin_attempt(&self.places.state, SystemTime::now(), self.upload.every)
    }

    /// Uploads the finished files once, while telemetry is on; `None` if the system has no random bytes, or the
    /// policy's address is invalid.
    pub(super) fn run(&self, switch: &Switch, progress: &dyn Fn(&Report)) -> Option<Report> {
        // The host may have closed them since.
        streams::occupy();
        let Self { upload, settings, places, version, endpoint, network } = self;
        let decision = switch.decide(false);
        let agreed = settings.agreed_tables(decision).ok()?;
        let latest = settings.note_latest(&agreed, &|| switch.ask()).ok()?;
        let registries = settings.limited(agreed, decision, version, latest).ok()?;
        let (random, policy) = (SystemRandom::new().ok()?, upload.policy.clone().transpose().ok()?);
        let _sending = switch.sending();
        let asked = switch.clone();
        Some(run::run(&UploadConfig {
            state: &places.state,
            terms: Declarations {
                declared: &settings.registries,
                latest,
                ..Declarations::all(&registries, &settings.opt_in, version)
            },
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
            network: NetworkConfig { certificate: upload.certificate.as_deref(), ..network.clone() },
        }))
    }
}

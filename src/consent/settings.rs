//! The settings of a program that affect the decision.

use crate::files::Places;
use crate::identity::Clock;
use crate::registry::snapshot::{self, Snapshot};
use crate::registry::{Preset, Registry, Wait};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock};

/// The settings of a program that affect the decision.
#[derive(Clone)]
pub struct Settings {
    pub(crate) opt_out: Vec<&'static str>,
    pub(crate) telemetry: Option<&'static str>,
    pub(crate) transport: bool,
    pub(crate) preset: Preset,
    /// Whether only loopback may be reached.
    pub(crate) rehearsal: bool,
    /// Whether a rehearsal decides as a real run does.
    pub(crate) asks: bool,
    /// The program's own registry first.
    pub(crate) registries: Vec<&'static Registry<'static>>,
    /// The `opt_in` attributes that the program sends.
    pub(crate) opt_in: Vec<String>,
    /// The receiver: the endpoint's scheme, host and port.
    pub(crate) receiver: String,
    /// A prefix of `/etc`.
    pub(crate) root: PathBuf,
    pub(crate) clock: Arc<dyn Clock>,
    /// The build time, in nanoseconds since the epoch: a clock behind it is not trusted.
    pub(crate) built: u64,
    /// The agreements that were found to cover what the program collects. Each decision reads the stored
    /// answer again: that file is its only input that can change while the process runs.
    pub(crate) covered: Arc<Mutex<Vec<AgreementKey>>>,
    /// The folders of the first decision: threads of the upload read no variable.
    pub(crate) first_places: Arc<OnceLock<Places>>,
    /// Whether the program's parser has decided what the arguments ask for.
    pub(crate) is_parsed: Arc<AtomicBool>,
}

/// What an agreement with one receiver was given to.
#[derive(Clone)]
pub(crate) struct AgreementKey {
    /// The `opt_in` attributes that the program sends.
    pub opt_in: Vec<String>,
    /// The names of the purposes; empty for all.
    pub only: Vec<String>,
    /// The canonical text.
    pub text: String,
}

impl Settings {
    pub(crate) fn app_id(&self) -> &'static str {
        self.registries.first().map_or("", |registry| registry.service.app_id)
    }

    /// The canonical text of the registries.
    pub(crate) fn text(&self) -> String {
        snapshot::text(&self.registries)
    }

    /// The registries, for code that needs no tables of the program itself.
    pub(crate) fn tables(&self) -> Vec<&Registry<'static>> {
        self.registries.iter().map(|&registry| registry as &_).collect()
    }

    /// Everything that the program may send: by its registries, and by opt-ins in code.
    pub(crate) fn said(&self) -> Snapshot<'static> {
        Snapshot::of(&self.registries).opted_in(&self.opt_in)
    }

    /// The wait that the notice promises; `None` if the preset shows no notice.
    pub(crate) fn promised(&self) -> Option<Wait> {
        match self.preset {
            Preset::FirstRun(wait) => Some(wait),
            Preset::OptIn | Preset::Documented | Preset::OperatorConsent => None,
        }
    }

    /// Whether the clock is behind the build of the program.
    pub(crate) fn is_clock_behind(&self) -> bool {
        self.clock.now() < self.built
    }

    /// Whether anything may be kept on disk.
    pub(crate) fn keeps_files(&self) -> bool {
        self.preset != Preset::OperatorConsent
    }

    /// Whether the environment and the files decide.
    pub(crate) fn is_asked(&self) -> bool {
        !self.rehearsal || self.asks
    }
}

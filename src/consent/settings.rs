//! What a program says of itself that bears on the decision.

use crate::identity::Clock;
use crate::registry::Registry;
use crate::registry::snapshot::{self, Snapshot};
use std::path::PathBuf;
use std::sync::Arc;

/// How a program asks its users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preset {
    /// Nothing is recorded until the person says yes. The default.
    #[default]
    OptIn,
    /// A notice is shown on a terminal, once for each registry that collects more; nothing is recorded until the wait
    /// is over, and then until the person says no. The wait that a notice promised is kept by later versions too, and no
    /// notice is shown, or counts, while the clock is behind the build of the program.
    FirstRun(Wait),
    /// For libraries: the documentation says what is collected, and it is on until somebody says no. The registry may
    /// then hold no installation id, no hash and no SHA-256.
    Documented,
    /// For servers: the settings of the host, which its operator makes, hold the yes, and every no still counts. Nothing
    /// is kept on disk, so that an exporter that sends while the program runs has to be named.
    OperatorConsent,
}

/// How long a person has to say no before anything is recorded. The longer one is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Wait {
    /// From the run after the notice on.
    NextRun,
    /// 24 hours after the notice. The default.
    #[default]
    Day,
}

impl Wait {
    /// In nanoseconds.
    pub(crate) const fn nanoseconds(self) -> u64 {
        match self {
            Self::Day => 24 * 3_600 * 1_000_000_000,
            Self::NextRun => 0,
        }
    }
}

/// What a program says of itself that bears on the decision.
#[derive(Clone)]
pub struct Settings {
    pub(crate) opt_out: Vec<&'static str>,
    pub(crate) telemetry: Option<&'static str>,
    pub(crate) transport: bool,
    pub(crate) preset: Preset,
    /// Nothing goes beyond loopback.
    pub(crate) rehearsal: bool,
    /// A rehearsal that decides as a real run does.
    pub(crate) asks: bool,
    /// The program's own registry first.
    pub(crate) registries: Vec<&'static Registry<'static>>,
    /// The attributes that are sent although the registry has them as `opt_in`.
    pub(crate) opt_in: Vec<String>,
    /// Who receives: the endpoint's scheme, host and port.
    pub(crate) receiver: String,
    /// What stands before `/etc`.
    pub(crate) root: PathBuf,
    pub(crate) clock: Arc<dyn Clock>,
    /// When the program was built, in nanoseconds since the epoch: a clock that is behind it tells no time.
    pub(crate) built: u64,
}

impl Settings {
    pub(crate) fn app_id(&self) -> &'static str {
        self.registries.first().map_or("", |registry| registry.service.app_id)
    }

    /// The registries' canonical text, written anew.
    pub(crate) fn text(&self) -> String {
        snapshot::text(&self.registries)
    }

    /// All that the program may send: what its registries have, and what its author adds in code.
    pub(crate) fn said(&self) -> Snapshot<'static> {
        Snapshot::of(&self.registries).opted_in(&self.opt_in)
    }

    /// How long its notice promises that nothing is recorded; `None` where it promises to ask, or nothing.
    pub(crate) fn promised(&self) -> Option<Wait> {
        match self.preset {
            Preset::FirstRun(wait) => Some(wait),
            Preset::OptIn | Preset::Documented | Preset::OperatorConsent => None,
        }
    }

    /// Whether the clock tells a time before the program was built.
    pub(crate) fn is_clock_behind(&self) -> bool {
        self.clock.now() < self.built
    }

    /// Whether the environment decides.
    pub(crate) fn is_asked(&self) -> bool {
        !self.rehearsal || self.asks
    }
}

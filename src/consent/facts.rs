//! The facts that a decision is made from: what the process, its environment and its files say.

use super::ci::Vendor;
use super::settings::Preset;
use super::stored::Stored;
use super::word::OptOutFile;
use std::fmt;

/// All that [`decide`](super::decide) looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// `SCRUPLE_OFF` was set when the program was built.
    pub built_off: bool,
    /// There is an exporter in this build.
    pub transport: bool,
    /// It is known how to tell whose session it is.
    pub platform: bool,
    /// Why it is not the person's own session.
    pub session: Option<ForeignSession>,
    /// The first of the program's opt-out variables that says no.
    pub opt_out: Option<&'static str>,
    /// The program's telemetry variable, where it does not say yes.
    pub telemetry: Option<&'static str>,
    /// The program's telemetry variable says `log`.
    pub log: bool,
    /// `DO_NOT_TRACK` says no.
    pub do_not_track: bool,
    /// `OTEL_SDK_DISABLED` is true.
    pub otel_sdk_disabled: bool,
    /// How an organisation's file objects.
    pub organisation: Option<OptOutFile>,
    /// How a project's file objects.
    pub project: Option<OptOutFile>,
    /// It runs in continuous integration.
    pub ci: Option<Vendor>,
    /// The run asks only for this.
    pub informational: Option<Informational>,
    /// What the person has answered.
    pub stored: Stored,
    /// How the program asks.
    pub preset: Preset,
    /// Nothing leaves this machine, and the environment is not asked.
    pub rehearsal: bool,
}

/// What a run is for, if not for the program's work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Informational {
    /// The help.
    Help,
    /// The version.
    Version,
    /// Nothing: a bare command, which can only show its help.
    Nothing,
    /// The telemetry itself.
    Telemetry,
}

impl fmt::Display for Informational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Help => "only asks for help",
            Self::Version => "only asks for the version",
            Self::Nothing => "asks for nothing",
            Self::Telemetry => "is about the telemetry itself",
        })
    }
}

/// Why a session is not the person's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForeignSession {
    /// The effective user is not the real one.
    SetUid,
    /// Started through sudo, doas or pkexec.
    Elevated,
    /// No home folder, or a relative one.
    NoHome,
    /// The home folder is somebody else's, or can't be looked at.
    HomeOfAnother,
}

impl fmt::Display for ForeignSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SetUid => "the effective user is not the real one",
            Self::Elevated => "started through sudo, doas or pkexec",
            Self::NoHome => "there is no home folder",
            Self::HomeOfAnother => "the home folder is somebody else's",
        })
    }
}

//! The facts of a decision: the state of the process, its environment and its files.

use super::ci::Vendor;
use super::purposes::PurposeSet;
use super::stored::Stored;
use super::word::OptOutFile;
use crate::registry::Preset;
use std::fmt;

/// The input of [`decide`](super::decide).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// `SCRUPLE_OFF` was set when the program was built.
    pub built_off: bool,
    /// There is an exporter in this build.
    pub transport: bool,
    /// Whether this platform can check the owner of a session.
    pub platform: bool,
    /// Why the session is not the person's own, where something may be kept on disk.
    pub session: Option<ForeignSession>,
    /// The first of the program's opt-out variables that says no.
    pub opt_out: Option<&'static str>,
    /// The program's telemetry variable, if it says no.
    pub telemetry: Option<&'static str>,
    /// The program's telemetry variable says `log`.
    pub log: bool,
    /// `DO_NOT_TRACK` says no.
    pub do_not_track: bool,
    /// `OTEL_SDK_DISABLED` is true.
    pub otel_sdk_disabled: bool,
    /// The purposes that every source outside of the program's own answers agrees to: all, unless a source names some.
    pub only: PurposeSet,
    /// The no of an organisation's file; on Windows, of its value in the registry.
    pub organisation: Option<OptOutFile>,
    /// The no of a project's file.
    pub project: Option<OptOutFile>,
    /// It runs in continuous integration.
    pub ci: Option<Vendor>,
    /// The only request of the run, if it is informational.
    pub informational: Option<Informational>,
    /// The person's stored answers.
    pub stored: Stored,
    /// How the program asks for consent.
    pub preset: Preset,
    /// Whether nothing leaves this machine, and the environment is not read.
    pub rehearsal: bool,
}

/// The purpose of a run that does not do the program's work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Informational {
    /// The help.
    Help,
    /// The version.
    Version,
    /// A bare command, which can only show its help.
    Nothing,
    /// The telemetry subcommand.
    Telemetry,
}

impl fmt::Display for Informational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Help => "only asks for help",
            Self::Version => "only asks for the version",
            Self::Nothing => "has no command and no argument",
            Self::Telemetry => "is about the telemetry itself",
        })
    }
}

/// Why a session is not the person's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForeignSession {
    /// The effective user is not the real one.
    SetUid,
    /// It was started through sudo, doas or pkexec.
    Elevated,
    /// The home folder is unset, relative or no folder; on Windows also that of the system or of a service.
    NoHome,
    /// Another user owns the home folder, or it can't be checked.
    HomeOfAnother,
    /// On Windows: the folder for local data is on a server or a device, or outside of the profile, or a link leads there.
    HomeElsewhere,
}

impl fmt::Display for ForeignSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SetUid => "the effective user is not the real one",
            Self::Elevated => "started through sudo, doas or pkexec",
            Self::NoHome => "there is no home folder",
            Self::HomeOfAnother => "another user owns the home folder",
            Self::HomeElsewhere => "the folder for local data is not in the profile on this machine",
        })
    }
}

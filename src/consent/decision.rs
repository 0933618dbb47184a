//! The decision and its reason.

use super::ci::Vendor;
use super::facts::{ForeignSession, Informational};
use super::organisation::HOLDER;
use super::purposes::PurposeSet;
use super::stored::AnswerError;
use super::word::OptOutFile;
use crate::registry::snapshot::ChangeKind;
use std::fmt;

/// Whether records are made and sent, and why.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decision {
    /// The resulting mode.
    pub mode: Mode,
    /// The reason of the first rule that matched.
    pub reason: Reason,
    /// The purposes that all sources agree to.
    pub(crate) only: PurposeSet,
}

impl Decision {
    pub(crate) const fn new(mode: Mode, reason: Reason) -> Self {
        Self { mode, reason, only: PurposeSet::ALL }
    }

    /// Nothing is recorded, for this reason.
    pub(crate) const fn off(reason: Reason) -> Self {
        Self::new(Mode::Off, reason)
    }

    /// Whether a pipeline that was opened with this decision may go on with another one: it is on, for no less data.
    pub(crate) fn allows(self, now: Self) -> bool {
        let is_part = |decision: Self| matches!(decision.reason, Reason::AgreedInPart(_));
        let is_on = matches!(now.mode, Mode::On | Mode::Log);
        is_on && (is_part(self) || !is_part(now)) && now.only.has_all(self.only)
    }
}

impl fmt::Debug for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decision").field("mode", &self.mode).field("reason", &self.reason).finish()
    }
}

/// The mode and the reason, as in `off: the variable DO_NOT_TRACK says no`.
impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.mode.as_str(), self.reason)
    }
}

/// The result of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// Records are made and sent.
    On,
    /// Records are made and printed to standard error; nothing is sent and nothing is stored.
    Log,
    /// Nothing is recorded: a source says no.
    Off,
    /// Nothing is recorded: no source says yes.
    Undecided,
}

impl Mode {
    /// The mode as a word: `on`, `log`, `off` or `undecided`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Log => "log",
            Self::Off => "off",
            Self::Undecided => "undecided",
        }
    }
}

/// The reason for a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// There is no exporter in this build of the program.
    NoTransport,
    /// `SCRUPLE_OFF` was set when the program was built.
    BuiltOff,
    /// The owner of the session can't be checked on this platform.
    Platform,
    /// The session is not the person's own.
    Session(ForeignSession),
    /// This opt-out variable of the program.
    OptOutVariable(&'static str),
    /// This telemetry variable of the program.
    TelemetryVariable(&'static str),
    /// `DO_NOT_TRACK`.
    DoNotTrack,
    /// `OTEL_SDK_DISABLED`.
    OtelSdkDisabled,
    /// The opt-out file of the organisation; on Windows, its value in the registry.
    Organisation(OptOutFile),
    /// The opt-out file of the project.
    Project(OptOutFile),
    /// Continuous integration of this vendor.
    Ci(Vendor),
    /// The run asks only for help or the version, or is a bare run.
    Informational(Informational),
    /// The stored answer can't be used.
    Answer(AnswerError),
    /// The stored answer is no.
    SaidNo,
    /// The stored answer is yes.
    SaidYes,
    /// A notice was shown, and the wait is over.
    Told,
    /// The person agreed to a part of what the program collects now, and that part is sent.
    AgreedInPart(ChangeKind),
    /// The documentation of the library informs its users.
    Documented,
    /// The operator consents in the host's own settings.
    Given,
    /// A test: the environment is not read, and only loopback is reached.
    Rehearsal,
    /// The sources that agree to some purposes agree to none in common.
    NoPurpose,
    /// All that may be sent is past its end.
    Expired,
    /// The file with the latest time that was seen can't be used: all that has an end by date counts as past it.
    LatestTime,
    /// The person was not asked yet.
    Undecided,
    /// A notice was shown, and the wait is not over.
    Waiting,
    /// The clock is behind the build of the program, so that no notice counts and none is shown.
    ClockBehind,
    /// The program collects more than the person was told, or has another receiver.
    Wider(ChangeKind),
    /// The endpoint is not allowed or invalid.
    Endpoint(crate::registry::EndpointError),
    /// The registry's tables are invalid.
    Registry(crate::registry::InvalidRegistry),
    /// A registry with an installation id, a hash or a SHA-256 needs consent beyond documentation.
    NeedsMoreThanDocumentation,
    /// Another pipeline of this app runs in this process.
    Twice,
    /// A test's endpoint is not on loopback.
    BeyondLoopback,
    /// The operating system returned no random bytes.
    NoRandom,
    /// The installation's secret can't be read or stored.
    Identity(crate::identity::IdentityError),
    /// The folder for records can't be made or used.
    Spool(crate::files::FileError),
    /// This process is an uploader.
    Uploader,
    /// The exporter or its thread could not be started.
    NoExporter,
    /// The address of the policy is invalid.
    PolicyAddress(crate::registry::EndpointError),
    /// A policy is set, but this exporter does not fetch policies.
    PolicyNotAsked,
    /// `disable()` was called.
    Disabled,
    /// Telemetry was turned off in this process and was then agreed to again: it is on from the next start.
    OffUntilRestart,
}

impl Reason {
    /// Whether the person said no: then queue, ids and secret are deleted too. Other reasons, such as continuous
    /// integration, leave them.
    pub(crate) fn is_a_persons_no(self) -> bool {
        matches!(self, Self::OptOutVariable(_) | Self::TelemetryVariable(_) | Self::DoNotTrack | Self::SaidNo)
    }

    /// Whether the person said yes on this machine: only then is anything about the installation stored.
    pub(crate) fn is_a_persons_yes(self) -> bool {
        matches!(self, Self::SaidYes | Self::Told | Self::AgreedInPart(_))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTransport => f.write_str("this build can't send records"),
            Self::BuiltOff => f.write_str("SCRUPLE_OFF was set when the program was built"),
            Self::Platform => f.write_str("the owner of a session can't be checked on this platform"),
            Self::Session(why) => write!(f, "not the person's own session: {why}"),
            Self::OptOutVariable(name) => write!(f, "the variable {name} says no"),
            Self::TelemetryVariable(name) => write!(f, "the variable {name} does not say yes"),
            Self::DoNotTrack => f.write_str("the variable DO_NOT_TRACK says no"),
            Self::OtelSdkDisabled => f.write_str("the variable OTEL_SDK_DISABLED says no"),
            Self::Organisation(word) => write!(f, "the {HOLDER} {word}"),
            Self::Project(word) => write!(f, "the project's file .telemetry.toml {word}"),
            Self::Ci(vendor) => write!(f, "continuous integration: {vendor}"),
            Self::Informational(asked) => write!(f, "this run {asked}"),
            Self::Answer(why) => write!(f, "the stored answer can't be used: {why}"),
            Self::SaidNo => f.write_str("the stored answer is no"),
            Self::SaidYes => f.write_str("the stored answer is yes"),
            Self::Told => f.write_str("the notice was shown, and no source says no"),
            Self::AgreedInPart(what) => {
                write!(f, "what was agreed to is sent; the program now collects more: {}", wider(*what))
            }
            Self::Documented => f.write_str("the library's documentation lists the data, and no source says no"),
            Self::Given => f.write_str("the program's settings contain the operator's yes"),
            Self::Rehearsal => f.write_str("a rehearsal, whose records stay on this machine"),
            Self::NoPurpose => f.write_str("the sources agree to no purpose in common"),
            Self::Expired => f.write_str("all that it collects is past the end that its registry names"),
            Self::LatestTime => f.write_str(
                "the file `latest` in its state folder can't be used, so that all with an end counts as past it: \
                 the command `reset` deletes it",
            ),
            Self::Undecided => f.write_str("no answer is stored"),
            Self::Waiting => f.write_str("the notice was shown, and its wait is not over"),
            Self::ClockBehind => f.write_str("the clock is behind the build time of the program"),
            Self::Wider(what) => write!(f, "it collects more than was agreed to: {}", wider(*what)),
            Self::Endpoint(why) => write!(f, "the endpoint can't be used: {why}"),
            Self::Registry(why) => write!(f, "the registry is invalid: {why}"),
            Self::NeedsMoreThanDocumentation => {
                f.write_str("documentation alone does not allow an installation id, a hash or a SHA-256")
            }
            Self::Twice => f.write_str("another pipeline of this program is on in this process"),
            Self::BeyondLoopback => f.write_str("a rehearsal sends to loopback only"),
            Self::NoRandom => f.write_str("the operating system returned no random bytes"),
            Self::Identity(why) => write!(f, "the installation's secret can't be used: {why}"),
            Self::Spool(why) => write!(f, "the folder for records can't be used: {why}"),
            Self::Uploader => f.write_str("this process only uploads"),
            Self::NoExporter => f.write_str("the exporter could not be started"),
            Self::PolicyAddress(why) => write!(f, "the policy's address is invalid: {why}"),
            Self::PolicyNotAsked => f.write_str("a policy is set, but only an upload fetches policies"),
            Self::Disabled => f.write_str("the program turned telemetry off"),
            Self::OffUntilRestart => f.write_str("it was turned off in this process, and is on from the next start"),
        }
    }
}

/// The kind of widening, in words.
pub(crate) fn wider(what: ChangeKind) -> &'static str {
    match what {
        ChangeKind::Program | ChangeKind::Registry => "other registries",
        ChangeKind::Controller => "another controller",
        ChangeKind::Endpoint => "another receiver",
        ChangeKind::ClientAddress => "a part of the sender's address",
        ChangeKind::Rotation => "ids and hashes stay the same for longer",
        ChangeKind::Time => "finer times",
        ChangeKind::Expires => "a later end",
        ChangeKind::Purpose => "another purpose",
        ChangeKind::Signal => "another span or event",
        ChangeKind::Carried | ChangeKind::Attribute | ChangeKind::Level => "another attribute",
        ChangeKind::AtMost => "more records",
        ChangeKind::Treatment | ChangeKind::Normalize => "a weaker treatment of values",
        ChangeKind::Member | ChangeKind::Otherwise | ChangeKind::Absent => "another value",
        ChangeKind::Buckets | ChangeKind::Max => "finer or larger numbers",
        _ => "other facts",
    }
}

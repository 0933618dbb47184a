//! The ordered table of the decision: the first rule that gives a reason decides.

use super::decision::{Decision, Mode, Reason};
use super::facts::Facts;
use super::stored::NoticeState;
use crate::registry::Preset;

/// The input of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table of rules says what each is")]
pub enum Source {
    Build,
    Rehearsal,
    Session,
    OptOutVariables,
    TelemetryVariable,
    DoNotTrack,
    OtelSdkDisabled,
    Organisation,
    Project,
    Ci,
    Run,
    Answer,
    Program,
}

/// One rule.
pub struct Rule {
    /// The text of the rule in the module documentation of `consent`; a test compares the two.
    pub documented: &'static str,
    /// The source as `status` shows it: adjacent rules may share one.
    pub source: Source,
    /// The mode if it decides.
    pub mode: Mode,
    /// The reason if it decides.
    pub reason: fn(&Facts) -> Option<Reason>,
}

impl Rule {
    const fn new(source: Source, mode: Mode, reason: fn(&Facts) -> Option<Reason>, documented: &'static str) -> Self {
        Self { documented, source, mode, reason }
    }

    /// The decision, if this rule makes it.
    pub fn decide(&self, facts: &Facts) -> Option<Decision> {
        Some(Decision::new(self.mode, (self.reason)(facts)?))
    }
}

/// All rules, in their order.
pub const RULES: &[Rule] = &[
    Rule::new(
        Source::Build,
        Mode::Off,
        |facts| match (facts.built_off, facts.transport) {
            (true, _) => Some(Reason::BuiltOff),
            (false, false) => Some(Reason::NoTransport),
            (false, true) => None,
        },
        "compiled out: no exporter in this build, or `SCRUPLE_OFF` was set when it was built",
    ),
    Rule::new(
        Source::Rehearsal,
        Mode::On,
        |facts| facts.rehearsal.then_some(Reason::Rehearsal),
        "a rehearsal: it does not read the environment, and sends nothing beyond loopback",
    ),
    Rule::new(
        Source::Session,
        Mode::Off,
        |facts| if facts.platform { facts.session.map(Reason::Session) } else { Some(Reason::Platform) },
        "not the person's own session: another effective user, `SUDO_UID`, `DOAS_USER` or `PKEXEC_UID`, a home folder \
         that is unset, relative, no folder or another user's, or a platform that can't check this; not asked where \
         nothing is kept on disk ([`Preset::OperatorConsent`])",
    ),
    Rule::new(
        Source::OptOutVariables,
        Mode::Off,
        |facts| facts.opt_out.map(Reason::OptOutVariable),
        "the program's opt-out variables: every value is a no, except empty, `0`, `false`, `no` and `off`",
    ),
    Rule::new(
        Source::TelemetryVariable,
        Mode::Off,
        |facts| facts.telemetry.map(Reason::TelemetryVariable),
        "the program's telemetry variable: every value is a no, except empty, `1`, `true`, `yes`, `on`, `log`, and names of \
         the registry's purposes",
    ),
    Rule::new(
        Source::DoNotTrack,
        Mode::Off,
        |facts| facts.do_not_track.then_some(Reason::DoNotTrack),
        "`DO_NOT_TRACK`, read like an opt-out variable",
    ),
    Rule::new(
        Source::OtelSdkDisabled,
        Mode::Off,
        |facts| facts.otel_sdk_disabled.then_some(Reason::OtelSdkDisabled),
        "`OTEL_SDK_DISABLED=true`, in any case (OpenTelemetry specification, \"General SDK Configuration\")",
    ),
    Rule::new(
        Source::Organisation,
        Mode::Off,
        |facts| facts.organisation.map(Reason::Organisation),
        "the organisation's file, for this app or for all: any content except `telemetry = \"on\"` and `telemetry = \
         \"failures\"`, with names of the registry's purposes, is a no, and such content is only the absence of a no, not \
         a yes",
    ),
    Rule::new(
        Source::Project,
        Mode::Off,
        |facts| facts.project.map(Reason::Project),
        "the project's file `.telemetry.toml`, read the same way, from the working directory upwards to the root of \
         its repository, the home folder, or the end of the device",
    ),
    Rule::new(Source::Ci, Mode::Off, |facts| facts.ci.map(Reason::Ci), "continuous integration, by the table [`CI`]"),
    Rule::new(
        Source::Run,
        Mode::Off,
        |facts| facts.informational.map(Reason::Informational),
        "a run that asks only for help or for the version, or a bare run",
    ),
    Rule::new(
        Source::Answer,
        Mode::Off,
        |facts| facts.stored.unusable.map(Reason::Answer).or(facts.stored.no.then_some(Reason::SaidNo)),
        "the stored answer is no, or can't be read",
    ),
    Rule::new(
        Source::Answer,
        Mode::Off,
        |facts| facts.only.and(facts.stored.only).is_empty().then_some(Reason::NoPurpose),
        "no purpose in common: the telemetry variable, the organisation, the project and the stored answer each may name \
         some of the registry's purposes, and what is recorded and sent is for those that all of them name",
    ),
    Rule::new(
        Source::Answer,
        Mode::On,
        |facts| (facts.stored.yes == Some(Ok(()))).then_some(Reason::SaidYes),
        "the stored answer is yes, and covers what this program collects",
    ),
    Rule::new(
        Source::Answer,
        Mode::On,
        |facts| (told(facts) == Some(NoticeState::Over)).then_some(Reason::Told),
        "a notice was shown that covers what this program collects, and the wait is over, both the wait that the \
         notice promised and the program's current one ([`Preset::FirstRun`]); no notice counts while the clock is \
         behind the build, and no notice from the future counts",
    ),
    Rule::new(
        Source::Program,
        Mode::On,
        |facts| (facts.preset == Preset::Documented).then_some(Reason::Documented),
        "documented: the documentation of a library informs its users ([`Preset::Documented`])",
    ),
    Rule::new(
        Source::Program,
        Mode::On,
        |facts| (facts.preset == Preset::OperatorConsent).then_some(Reason::Given),
        "given: the host's own settings hold the yes ([`Preset::OperatorConsent`])",
    ),
    Rule::new(
        Source::Program,
        Mode::On,
        |facts| facts.stored.part.map(Reason::AgreedInPart),
        "agreed to in part: a yes, or a notice whose wait is over, covers a part of what this program collects, from the \
         same controller to the same receiver; only that part is recorded and sent",
    ),
    Rule::new(
        Source::Program,
        Mode::Undecided,
        |facts| {
            Some(match (facts.stored.yes, told(facts)) {
                (_, Some(NoticeState::Waiting)) => Reason::Waiting,
                (_, Some(NoticeState::ClockBehind)) => Reason::ClockBehind,
                (Some(Err(what)), _) | (_, Some(NoticeState::Wider(what))) => Reason::Wider(what),
                _ => Reason::Undecided,
            })
        },
        "undecided: nothing is recorded",
    ),
];

/// The first decision of the rules.
pub fn decide(facts: &Facts) -> Decision {
    const LAST: Decision = Decision::new(Mode::Undecided, Reason::Undecided);
    let decided = RULES.iter().find_map(|rule| rule.decide(facts)).unwrap_or(LAST);
    let only = facts.only.and(facts.stored.only);
    match decided.mode {
        Mode::On | Mode::Undecided if facts.log => Decision { mode: Mode::Log, only, ..decided },
        Mode::On => Decision { only, ..decided },
        Mode::Log | Mode::Off | Mode::Undecided => decided,
    }
}

/// A notice counts only with a preset that shows one.
fn told(facts: &Facts) -> Option<NoticeState> {
    facts.stored.told.filter(|_| matches!(facts.preset, Preset::FirstRun(_)))
}

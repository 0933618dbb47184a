//! The facts that a decision is made from: what the process, its environment and its files say.

use super::{AnswerError, CI, Mode, OptOutFile, Preset, Settings, Vendor, answer, decide, word};
use crate::files::Places;
use crate::registry::snapshot::ChangeKind;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::Path;

/// All that [`decide`](super::decide) looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// `SCRUPLE_OFF` was set when the program was built.
    pub built_off: bool,
    /// There is a way out in this build.
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

/// What is stored of a person's answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stored {
    /// A file that may hold an answer can't be used.
    pub unusable: Option<AnswerError>,
    /// A no, in either place.
    pub no: bool,
    /// A yes, and whether it covers what the program collects; if not, what is wider.
    pub yes: Option<Result<(), ChangeKind>>,
    /// A notice that was shown.
    pub told: Option<NoticeState>,
}

/// What became of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeState {
    /// It covers what the program collects, and the time to say no is over.
    Over,
    /// It covers what the program collects, and there is still time to say no.
    Waiting,
    /// The program collects more.
    Wider(ChangeKind),
    /// Whether one was shown, and when, can't be told: the clock is behind the build of the program.
    ClockBehind,
}

/// What a run is for, if not for the program's work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// What a process is surrounded by.
pub(crate) struct Environment<'a> {
    pub variable: &'a dyn Fn(&str) -> Option<OsString>,
    pub session: Result<(), Option<ForeignSession>>,
    pub directory: Option<&'a Path>,
    pub arguments: &'a mut dyn Iterator<Item = OsString>,
}

impl Facts {
    /// Looks at this process, its environment and its files, in the order of the list and up to the first no: what comes
    /// behind it is as if it said nothing.
    pub(crate) fn read(settings: &Settings) -> Self {
        Self::look(settings, false)
    }

    /// The same, and also what comes behind a no.
    pub(crate) fn read_all(settings: &Settings) -> Self {
        Self::look(settings, true)
    }

    fn look(settings: &Settings, all: bool) -> Self {
        let directory = word::working_directory();
        let around = Environment {
            variable: &|name| std::env::var_os(name),
            session: own_session(),
            directory: directory.as_deref(),
            arguments: &mut std::env::args_os().skip(1),
        };
        Self::of(settings, around, all)
    }

    /// The facts of a process with these surroundings.
    pub(crate) fn of(settings: &Settings, around: Environment<'_>, all: bool) -> Self {
        let Environment { variable, session, directory, arguments } = around;
        let became = ["SUDO_UID", "DOAS_USER", "PKEXEC_UID"].iter().any(|name| variable(name).is_some());
        let telemetry = settings.telemetry.and_then(|name| Some((name, variable(name)?)));
        let log = telemetry.as_ref().is_some_and(|(_, value)| matches(value, &["log"]));
        // Without a home there is no place; that it is not the person's session is the reason then.
        let places = settings.places(variable).filter(|_| settings.is_asked());
        let mut facts = Self {
            built_off: option_env!("SCRUPLE_OFF").is_some_and(|value| says_no(OsStr::new(value))),
            transport: settings.transport,
            platform: session != Err(None),
            session: if became { Some(ForeignSession::Elevated) } else { session.err().flatten() },
            opt_out: settings.opt_out.iter().copied().find(|name| variable(name).is_some_and(|value| says_no(&value))),
            telemetry: telemetry.filter(|(_, value)| !log && !says_yes(value)).map(|(name, _)| name),
            log: log && settings.is_asked(),
            do_not_track: variable("DO_NOT_TRACK").is_some_and(|value| says_no(&value)),
            otel_sdk_disabled: variable("OTEL_SDK_DISABLED")
                .is_some_and(|value| value.to_str().is_none_or(|value| value.trim().eq_ignore_ascii_case("true"))),
            organisation: None,
            project: None,
            ci: None,
            informational: None,
            stored: Stored::default(),
            preset: settings.preset,
            rehearsal: !settings.is_asked(),
        };
        // Files may be on a slow disk: none is looked at behind a no.
        let is_open = |facts: &Self| all || decide(facts).mode != Mode::Off;
        if is_open(&facts) {
            facts.organisation = places.as_ref().and_then(word::organisation);
        }
        if is_open(&facts) && settings.is_asked() {
            facts.project = word::project(directory, variable("HOME").as_deref().map(Path::new));
        }
        facts.ci = CI.iter().find(|rule| rule.holds(variable)).map(|rule| rule.vendor);
        facts.informational = informational(arguments);
        if is_open(&facts) {
            facts.stored = places.map(|places| answer::stored(settings, &places)).unwrap_or_default();
        }
        facts
    }
}

impl Settings {
    /// Where the files of this app are.
    pub(crate) fn places(&self, variable: &dyn Fn(&str) -> Option<OsString>) -> Option<Places> {
        Places::of(self.app_id(), variable, &self.root)
    }

    /// Where the files of this app are, in this process.
    pub(crate) fn own_places(&self) -> Option<Places> {
        self.places(&|name| std::env::var_os(name))
    }
}

/// What a run with these arguments asks for, as far as every program means the same by them (GNU coding standards,
/// section 4.8): the long options anywhere before `--`, the short ones and the words alone.
fn informational(arguments: &mut dyn Iterator<Item = OsString>) -> Option<Informational> {
    let asked = |word: &OsStr, alone: bool| match word.to_str()? {
        "--help" => Some(Informational::Help),
        "--version" => Some(Informational::Version),
        "-h" | "help" if alone => Some(Informational::Help),
        "-V" | "version" if alone => Some(Informational::Version),
        _ => None,
    };
    let mut arguments = arguments.take_while(|argument| argument != "--").peekable();
    let first = arguments.next()?;
    let alone = arguments.peek().is_none();
    asked(&first, alone).or_else(|| arguments.find_map(|argument| asked(&argument, false)))
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

pub(super) fn says_no(value: &OsStr) -> bool {
    !matches(value, &["", "0", "false", "no", "off"])
}

fn says_yes(value: &OsStr) -> bool {
    matches(value, &["", "1", "true", "yes", "on"])
}

fn matches(value: &OsStr, words: &[&str]) -> bool {
    value.to_str().is_some_and(|value| words.iter().any(|word| value.trim().eq_ignore_ascii_case(word)))
}

/// `Err(None)` where this can't be told.
fn own_session() -> Result<(), Option<ForeignSession>> {
    if !cfg!(target_os = "linux") {
        return Err(None);
    }
    session::own(std::env::var_os("HOME").as_deref().map(Path::new)).map_err(Some)
}

#[cfg(unix)]
mod session {
    use super::ForeignSession;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    pub(super) fn own(home: Option<&Path>) -> Result<(), ForeignSession> {
        let user = rustix::process::getuid();
        if user != rustix::process::geteuid() {
            return Err(ForeignSession::SetUid);
        }
        let home = home.filter(|home| home.is_absolute()).ok_or(ForeignSession::NoHome)?;
        let owner = std::fs::metadata(home).map_err(|_| ForeignSession::HomeOfAnother)?.uid();
        if owner == user.as_raw() { Ok(()) } else { Err(ForeignSession::HomeOfAnother) }
    }
}

#[cfg(not(unix))]
mod session {
    use super::ForeignSession;
    use std::path::Path;

    pub(super) fn own(_home: Option<&Path>) -> Result<(), ForeignSession> {
        Ok(())
    }
}

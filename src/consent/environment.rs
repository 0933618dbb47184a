//! Reads the facts: the process, its environment and its files.

use super::ci::CI;
use super::decision::Mode;
use super::facts::{Facts, ForeignSession, Informational};
use super::rules::decide;
use super::settings::Settings;
use super::stored::Stored;
use super::variable::{matches, says_no, says_yes};
use super::{answer, word};
use crate::files::Places;
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// The inputs from the process and its environment.
pub(crate) struct Environment<'a> {
    pub variable: &'a dyn Fn(&str) -> Option<OsString>,
    pub session: Result<(), Option<ForeignSession>>,
    pub directory: Option<&'a Path>,
    pub arguments: &'a mut dyn Iterator<Item = OsString>,
}

impl Facts {
    /// Reads this process, its environment and its files, in the order of the rules and up to the first no: sources
    /// after it count as silent.
    pub(crate) fn read(settings: &Settings) -> Self {
        Self::look(settings, false)
    }

    /// Also reads the sources after a no.
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

    /// The facts of a process in this environment.
    pub(crate) fn of(settings: &Settings, around: Environment<'_>, all: bool) -> Self {
        let Environment { variable, session, directory, arguments } = around;
        let became = ["SUDO_UID", "DOAS_USER", "PKEXEC_UID"].iter().any(|name| variable(name).is_some());
        let telemetry = settings.telemetry.and_then(|name| Some((name, variable(name)?)));
        let log = telemetry.as_ref().is_some_and(|(_, value)| matches(value, &["log"]));
        // Without a home folder there are no places; the reason is then the session.
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
        // Files may be on a slow disk: no file is read after a no.
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
    /// The folders of this app.
    pub(crate) fn places(&self, variable: &dyn Fn(&str) -> Option<OsString>) -> Option<Places> {
        Places::of(self.app_id(), variable, &self.root)
    }

    /// The folders of this app, in this process.
    pub(crate) fn own_places(&self) -> Option<Places> {
        self.places(&|name| std::env::var_os(name))
    }
}

/// The informational request in these arguments, as far as every program gives them the same meaning (GNU coding
/// standards, section 4.8): the long options anywhere before `--`, the short ones and the words alone.
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

/// `Err(None)` if this platform can't check it.
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

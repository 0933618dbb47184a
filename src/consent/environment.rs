//! Reads the facts: the process, its environment and its files.

use super::ci::CI;
use super::decision::Mode;
use super::facts::{Facts, ForeignSession, Informational};
use super::organisation::OrganisationPlace;
use super::purposes::PurposeSet;
use super::rules::decide;
use super::settings::Settings;
use super::stored::Stored;
use super::variable::{is_no, matches, says_no, says_yes};
use super::word::all_words;
use super::{answer, home, word};
use crate::files::{self, Places};
use std::cell::RefCell;
use std::ffi::OsString;
use std::path::Path;
use std::sync::atomic::Ordering;

/// `SCRUPLE_OFF` was set when the program was built. A constant, so that the compiler leaves out what only a build
/// that can send needs.
pub(crate) const BUILT_OFF: bool = match option_env!("SCRUPLE_OFF") {
    Some(value) => is_no(value),
    None => false,
};

/// Reads a variable.
type Variable<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The inputs from the process and its environment.
pub(crate) struct Environment<'a> {
    pub variable: Variable<'a>,
    pub session: Result<(), Option<ForeignSession>>,
    pub directory: Option<&'a Path>,
    pub arguments: &'a mut dyn Iterator<Item = OsString>,
}

impl Facts {
    /// Reads this process, its environment and its files, in the order of the rules and up to the first no: sources
    /// after it count as silent.
    pub(crate) fn read(settings: &Settings) -> Self {
        Self::look(settings, &own_variable, false)
    }

    /// Also reads the sources after a no.
    pub(crate) fn read_all(settings: &Settings) -> Self {
        Self::look(settings, &own_variable, true)
    }

    /// As [`Facts::read`], with the variables of an earlier time.
    pub(super) fn read_since(settings: &Settings, earlier: &Variables) -> Self {
        Self::look(settings, &|name| earlier.get(name), false)
    }

    fn look(settings: &Settings, variable: Variable<'_>, all: bool) -> Self {
        let directory = word::working_directory();
        let around = Environment {
            variable,
            session: session(variable),
            directory: directory.as_deref(),
            arguments: &mut std::env::args_os().skip(1),
        };
        Self::of(settings, around, all)
    }

    /// The facts of a process in this environment.
    pub(crate) fn of(settings: &Settings, around: Environment<'_>, all: bool) -> Self {
        let Environment { variable, session, directory, arguments } = around;
        let mut facts = Self::without_files(settings, variable, session, arguments);
        // Without a home folder there are no places; the reason is then the session.
        let places = settings.places(variable).filter(|_| settings.is_asked());
        if let Some(places) = &places {
            let _ = settings.first_places.set(places.clone());
        }
        // Files may be on a slow disk: no file is read after a no.
        let is_open = |facts: &Self| all || decide(facts).mode != Mode::Off;
        if is_open(&facts) {
            let said = all_words(settings.organisation().iter().map(|place| place.word(settings)));
            facts.organisation = said.err();
            facts.only = facts.only.and(said.unwrap_or(PurposeSet::ALL));
        }
        if is_open(&facts) && settings.is_asked() {
            let said = word::project(settings, directory, files::home(variable).as_deref());
            facts.project = said.err();
            facts.only = facts.only.and(said.unwrap_or(PurposeSet::ALL));
        }
        // A home folder of another holds no answer to a program that keeps nothing on disk.
        let is_read = settings.keeps_files() || home::is_own(variable).is_ok();
        if is_open(&facts) && is_read {
            facts.stored = places.map(|places| answer::stored(settings, &places)).unwrap_or_default();
        }
        facts
    }

    fn without_files(
        settings: &Settings,
        variable: Variable<'_>,
        session: Result<(), Option<ForeignSession>>,
        arguments: &mut dyn Iterator<Item = OsString>,
    ) -> Self {
        let telemetry = settings.telemetry.and_then(|name| Some((name, variable(name)?)));
        let purposes =
            telemetry.as_ref().and_then(|(_, value)| settings.purposes_in(value)).filter(|_| settings.is_asked());
        // Of an uploader, which has neither the environment nor the working directory of the program that started it.
        let handed = if BUILT_OFF { None } else { variable(PurposeSet::VARIABLE).filter(|_| settings.is_asked()) };
        let handed = handed.map(|value| settings.purposes_in(&value).unwrap_or(PurposeSet::NONE));
        let log = telemetry.as_ref().is_some_and(|(_, value)| matches(value, &["log"]));
        Self {
            built_off: BUILT_OFF,
            transport: settings.transport,
            platform: session != Err(None),
            session: session.err().flatten().filter(|_| settings.keeps_files()),
            opt_out: settings.opt_out.iter().copied().find(|name| variable(name).is_some_and(|value| says_no(&value))),
            telemetry: telemetry
                .filter(|(_, value)| !log && purposes.is_none() && !says_yes(value))
                .map(|(name, _)| name),
            log: log && settings.is_asked(),
            do_not_track: variable("DO_NOT_TRACK").is_some_and(|value| says_no(&value)),
            otel_sdk_disabled: variable("OTEL_SDK_DISABLED")
                .is_some_and(|value| value.to_str().is_none_or(|value| value.trim().eq_ignore_ascii_case("true"))),
            only: purposes.unwrap_or(PurposeSet::ALL).and(handed.unwrap_or(PurposeSet::ALL)),
            organisation: None,
            project: None,
            ci: CI.iter().find(|rule| rule.holds(variable)).map(|rule| rule.vendor),
            informational: informational(arguments).filter(|_| !settings.is_parsed.load(Ordering::Relaxed)),
            stored: Stored::default(),
            preset: settings.preset,
            rehearsal: !settings.is_asked(),
        }
    }
}

/// The variables that a decision reads, as they were at one time.
pub(super) struct Variables(Vec<(String, OsString)>);

impl Variables {
    /// This process's, now.
    pub(super) fn own(settings: &Settings) -> Self {
        let read = RefCell::new(Vec::new());
        let variable = |name: &str| {
            let value = own_variable(name)?;
            read.borrow_mut().push((name.to_owned(), value.clone()));
            Some(value)
        };
        Facts::without_files(settings, &variable, session(&variable), &mut std::iter::empty());
        settings.places(&variable);
        Self(read.into_inner())
    }

    fn get(&self, name: &str) -> Option<OsString> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone())
    }
}

fn own_variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

impl Settings {
    /// The folders of this app.
    pub(crate) fn places(&self, variable: Variable<'_>) -> Option<Places> {
        Places::of(self.app_id(), variable)
    }

    /// The folders of this app, in this process.
    pub(crate) fn own_places(&self) -> Option<Places> {
        self.places(&own_variable)
    }

    /// The places of an organisation's word.
    pub(crate) fn organisation(&self) -> Vec<OrganisationPlace> {
        if self.is_asked() { OrganisationPlace::all(self.app_id(), &self.root) } else { Vec::new() }
    }
}

/// The informational request in these arguments, as far as every program gives them the same meaning (GNU coding
/// standards, section 4.8): the long options before the first word that is no option, since a word may be another
/// program's or a subcommand's, with arguments of its own; the short ones and the words alone.
fn informational(arguments: &mut dyn Iterator<Item = OsString>) -> Option<Informational> {
    let first = arguments.next()?;
    let mut arguments = arguments.peekable();
    match first.to_str() {
        Some("-h" | "help") if arguments.peek().is_none() => return Some(Informational::Help),
        Some("-V" | "version") if arguments.peek().is_none() => return Some(Informational::Version),
        _ => {}
    }
    let is_option = |word: &OsString| word != "--" && word != "-" && word.as_encoded_bytes().starts_with(b"-");
    std::iter::once(first).chain(arguments).take_while(is_option).find_map(|word| match word.to_str()? {
        "--help" => Some(Informational::Help),
        "--version" => Some(Informational::Version),
        _ => None,
    })
}

/// Whether it is the person's own session; `Err(None)` if this platform can't check it.
pub(crate) fn own_session() -> Result<(), Option<ForeignSession>> {
    session(&own_variable)
}

fn session(variable: Variable<'_>) -> Result<(), Option<ForeignSession>> {
    if !cfg!(any(target_os = "linux", target_os = "macos", target_os = "windows")) {
        return Err(None);
    }
    if ["SUDO_UID", "DOAS_USER", "PKEXEC_UID"].iter().any(|name| variable(name).is_some()) {
        return Err(Some(ForeignSession::Elevated));
    }
    home::is_own(variable).map_err(Some)
}

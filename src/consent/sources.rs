//! The value of each source of the decision, as `status` shows it.

use super::ci::CI;
use super::decision::{Mode, Reason, wider};
use super::facts::Facts;
use super::organisation::HOLDER;
use super::purposes::PurposeSet;
use super::rules::{RULES, Source};
use super::settings::Settings;
use super::stored::{AnswerError, NoticeState};
use super::terminal::KNOWS_READERS;
use super::word::{OptOutFile, OptOutWord, PROJECT, projects, shortened, word, working_directory};
use crate::files::home;
use crate::registry::{Preset, Wait};
use std::fmt;
use std::path::PathBuf;

/// The value of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceStatus {
    /// The name of the source.
    pub name: String,
    /// The value.
    pub value: String,
    /// Whether the value is a no.
    pub is_no: bool,
}

/// The value of every source, in the order of the rules.
pub(crate) fn sources(settings: &Settings, facts: &Facts) -> Vec<SourceStatus> {
    let mut shown = Shown { settings, facts, list: Vec::new() };
    let mut last = None;
    for rule in RULES {
        if last.replace(rule.source) != Some(rule.source) {
            shown.source(rule.source);
        }
    }
    shown.list
}

struct Shown<'a> {
    settings: &'a Settings,
    facts: &'a Facts,
    list: Vec<SourceStatus>,
}

impl Shown<'_> {
    fn source(&mut self, source: Source) {
        let Self { settings, facts, .. } = *self;
        let (name, value) = match source {
            Source::Build => ("this build", build(facts)),
            Source::Rehearsal if !facts.rehearsal => return,
            Source::Rehearsal => ("rehearsal", Reason::Rehearsal.to_string()),
            Source::Session => ("session", session(facts)),
            Source::OptOutVariables => {
                return settings.opt_out.iter().for_each(|name| self.variable(name, facts.opt_out == Some(name)));
            }
            Source::TelemetryVariable => {
                return settings.telemetry.iter().for_each(|name| self.variable(name, facts.telemetry.is_some()));
            }
            Source::DoNotTrack => return self.variable("DO_NOT_TRACK", facts.do_not_track),
            Source::OtelSdkDisabled => return self.variable("OTEL_SDK_DISABLED", facts.otel_sdk_disabled),
            Source::Organisation => return self.organisation(),
            Source::Project => return self.project(),
            Source::Ci => {
                let ci =
                    facts.ci.map_or_else(|| format!("{} signs, none found", CI.len()), |vendor| vendor.to_string());
                ("continuous integration", ci)
            }
            Source::Run => {
                let run =
                    facts.informational.map_or_else(|| "does the program's work".to_owned(), |run| run.to_string());
                ("this run", run)
            }
            Source::Answer => ("stored answer", self.answer()),
            Source::Program => ("the program", preset(settings.preset).to_owned()),
        };
        let mut rules = RULES.iter().filter(|rule| rule.source == source && rule.mode == Mode::Off);
        self.add(name, value, rules.any(|rule| rule.decide(facts).is_some()));
    }

    fn add(&mut self, name: &str, value: String, is_no: bool) {
        self.list.push(SourceStatus { name: name.to_owned(), value, is_no });
    }

    /// A variable, with its value if that is a short word: other values do not belong in bug reports.
    fn variable(&mut self, name: &str, is_no: bool) {
        let value = std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        let value = match value {
            None => "not set".to_owned(),
            Some(value) if value.len() <= 8 && value.chars().all(|c| c.is_ascii_alphanumeric()) => format!("{value:?}"),
            Some(_) => "set".to_owned(),
        };
        self.add(name, value, is_no);
    }

    fn organisation(&mut self) {
        for place in self.settings.organisation() {
            self.opt_out(HOLDER, &place, place.word(self.settings));
        }
    }

    fn project(&mut self) {
        let directory = working_directory();
        let home = home(&|name| std::env::var_os(name));
        let found = directory.iter().flat_map(|directory| projects(directory, home.as_deref())).find_map(|folder| {
            let word = word(self.settings, folder, PROJECT);
            (word != Ok(OptOutWord::Absent)).then(|| (folder.join(PROJECT), word))
        });
        match found {
            Some((path, word)) => self.opt_out("project's file", &shortened(&path), word),
            None => {
                let is_no = self.facts.project.is_some();
                self.add("project's file", format!("no {PROJECT} in this folder or above it"), is_no);
            }
        }
    }

    fn opt_out(&mut self, name: &str, place: &impl fmt::Display, said: Result<OptOutWord, OptOutFile>) {
        let value = match said {
            Ok(OptOutWord::Absent) => format!("none at {place}"),
            Ok(OptOutWord::On) => format!("{place} says nothing against telemetry"),
            Ok(OptOutWord::Only(purposes)) => {
                format!("{place} says nothing against {}", self.settings.names_of(purposes).join(", "))
            }
            Err(word) => format!("{place} {word}"),
        };
        self.add(name, value, said.is_err());
    }

    fn answer(&self) -> String {
        let stored = self.facts.stored;
        match (stored.unusable, stored.no, stored.yes, stored.told) {
            (Some(_), ..) | (_, true, ..) => self.refusals(),
            (_, _, Some(Ok(())), _) if stored.only != PurposeSet::ALL => {
                format!("yes, to {}", self.settings.names_of(stored.only).join(", "))
            }
            (_, _, Some(Ok(())), _) => "yes".to_owned(),
            (_, _, Some(Err(what)), None) => format!("yes, before the program collected more: {}", wider(what)),
            (_, _, _, Some(NoticeState::ClockBehind)) => "no notice counts: the clock is behind the build".to_owned(),
            (_, _, _, Some(NoticeState::Over)) => "the notice was shown, and no source says no".to_owned(),
            (_, _, _, Some(NoticeState::Waiting)) => "the notice was shown, and its wait is not over".to_owned(),
            (_, _, _, Some(NoticeState::Wider(what))) => {
                format!("the notice was shown, before the program collected more: {}", wider(what))
            }
            (None, false, None, None) => "none".to_owned(),
        }
    }

    /// The files with a no.
    fn refusals(&self) -> String {
        let said = |(path, why): (PathBuf, Option<AnswerError>)| match why {
            None => format!("no, in {}", shortened(&path)),
            Some(why) => format!("can't be used: {}: {why}", shortened(&path)),
        };
        self.settings.refusals().into_iter().map(said).collect::<Vec<_>>().join("; ")
    }
}

fn build(facts: &Facts) -> String {
    let build = match (facts.built_off, facts.transport) {
        (true, _) => "SCRUPLE_OFF was set",
        (false, true) => "can send",
        (false, false) => "can't send records",
    };
    build.to_owned()
}

fn session(facts: &Facts) -> String {
    match facts.session {
        _ if !facts.platform => Reason::Platform.to_string(),
        Some(why) => why.to_string(),
        None if facts.preset == Preset::OperatorConsent => "not asked: nothing is kept on disk".to_owned(),
        None => "the person's own".to_owned(),
    }
}

fn preset(preset: Preset) -> &'static str {
    match preset {
        Preset::OptIn => "off until a yes",
        Preset::FirstRun(_) if !KNOWS_READERS => {
            "on after a yes, or after a notice in a window of the program, until a no: it is unknown whether a console is read"
        }
        Preset::FirstRun(Wait::Day) => "on 24 hours after the notice, until a no",
        Preset::FirstRun(Wait::NextRun) => "on in the run after the notice, until a no",
        Preset::Documented => "on until a no",
        Preset::OperatorConsent => "on by its operator's settings, until a no",
    }
}

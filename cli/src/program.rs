//! The telemetry settings of a program, from its registry and from command-line options: the notice and the page depend on
//! them.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use anstyle::AnsiColor;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use scruple::consent::NoticeContext;
use scruple::registry::{Preset, ProgramSettings, Wait};

use crate::named;
use crate::registry::{Crate, admit_endpoint, escaped, names};

/// The settings that the program's `main` passes to `scruple::start`, where they differ from its registry.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Settings in the program's code")]
pub struct Program {
    /// The telemetry subcommand, for instance "words telemetry" (`notice_command`; with clap, the program adds it by
    /// itself); by default the registry's `command`.
    #[arg(long, value_name = "WORDS", value_parser = words)]
    pub command: Option<String>,
    /// The place of the switch in a program with windows, for instance "Settings > Privacy" (`notice_place`); by
    /// default the registry's `place`.
    #[arg(long, value_name = "WORDS", value_parser = place)]
    pub place: Option<String>,
    /// A variable that opts out with `1` (`opt_out_variable`), beside the registry's `opt_out_variables`; may be given
    /// several times.
    #[arg(long = "opt-out-variable", value_name = "NAME", value_parser = variable)]
    pub variables: Vec<String>,
    /// The variable that opts out with `0` (`telemetry_variable`); by default the registry's.
    #[arg(long, value_name = "NAME", value_parser = variable)]
    pub telemetry_variable: Option<String>,
    /// How the program asks for consent (`preset`); by default the registry's, else `documented` for the registry of a
    /// crate without a program, else `opt-in`, as in code.
    #[arg(long, value_parser = presets())]
    pub preset: Option<Preset>,
    /// A receiver in place of the registry's (`endpoint`).
    #[arg(long, value_name = "URL", value_parser = endpoint)]
    pub endpoint: Option<String>,
    /// An `opt_in` attribute of the registry that the program sends (`opt_in`); may be given several times.
    #[arg(long, value_name = "KEY", value_parser = key)]
    pub opt_in: Vec<String>,
}

/// The presets, with their help.
fn presets() -> impl TypedValueParser<Value = Preset> {
    let help = |preset| match preset {
        Preset::OptIn => "Nothing is recorded until the person opts in (`OptIn`)",
        Preset::FirstRun(Wait::Day) => {
            "A notice on the first run, and nothing is recorded for 24 hours (`FirstRun(Wait::Day)`)"
        }
        Preset::FirstRun(Wait::NextRun) => {
            "A notice on the first run, and nothing is recorded in that run (`FirstRun(Wait::NextRun)`)"
        }
        Preset::Documented => "A library, whose documentation is the notice (`Documented`)",
        Preset::OperatorConsent => "A server, whose operator consents in its settings (`OperatorConsent`)",
    };
    let values = Preset::WORDS.iter().map(|(word, preset)| PossibleValue::new(*word).help(help(*preset)));
    PossibleValuesParser::new(values).map(|given| {
        let found = Preset::WORDS.iter().find(|(word, _)| *word == given);
        found.map_or_else(Preset::default, |(_, preset)| *preset)
    })
}

impl Program {
    /// The preset: as given, or the default in code.
    pub fn preset(&self) -> Preset {
        self.preset.unwrap_or_default()
    }

    /// These settings, and those of a registry where there is no option; opt-out variables are those of both, as in code.
    #[must_use]
    pub fn with(&self, settings: &ProgramSettings<'_>) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let declared = settings.opt_out_variables.iter().map(|&name| name.to_owned());
        let added = self.variables.iter().filter(|name| !settings.opt_out_variables.contains(&name.as_str())).cloned();
        Self {
            command: self.command.clone().or_else(|| owned(settings.command)),
            place: self.place.clone().or_else(|| owned(settings.place)),
            variables: declared.chain(added).collect(),
            telemetry_variable: self.telemetry_variable.clone().or_else(|| owned(settings.telemetry_variable)),
            preset: self.preset.or(settings.preset),
            ..self.clone()
        }
    }

    /// These settings for a registry in a folder, which has others: without a preset, a crate that has no program is a
    /// library. If no setting is given, standard error says which preset the text is for.
    ///
    /// # Errors
    /// Standard error can't be written to.
    pub fn of_registry(&self, settings: &ProgramSettings<'_>, dir: Option<&String>) -> io::Result<Self> {
        let all = self.with(settings);
        if all.preset.is_some() {
            return Ok(all);
        }
        let found = dir.and_then(|dir| Crate::of(&named::place(dir), None).ok());
        let preset = if found.is_some_and(|found| !found.is_program) { Preset::Documented } else { Preset::default() };
        if all.options().is_empty() {
            let style = AnsiColor::Cyan.on_default();
            writeln!(
                anstream::stderr(),
                "{style}note:{style:#} this text is for `preset: {}`; write the program's settings into the `privacy` of the \
                 entity `service`, as in `preset: first-run`, `command: words telemetry` and `telemetry_variable: \
                 WORDS_TELEMETRY`",
                preset.word()
            )?;
        }
        Ok(Self { preset: Some(preset), ..all })
    }

    /// The settings in the form that the library's notice needs. It leaks the names, which are static in a program:
    /// call it once.
    pub fn ways<'a>(&'a self, wider: &'a [String]) -> NoticeContext<'a> {
        let leak = |name: &String| -> &'static str { name.clone().leak() };
        let variables: Vec<&'static str> = self.variables.iter().map(leak).collect();
        NoticeContext {
            endpoint: self.endpoint.as_deref(),
            command: self.command.as_deref(),
            place: self.place.as_deref(),
            variables: variables.leak(),
            telemetry: self.telemetry_variable.as_ref().map(leak),
            begins: self.preset().into(),
            opt_in: &self.opt_in,
            wider,
            in_part: false,
            excluded: &[],
        }
    }

    /// The same settings as command-line options, each after a blank.
    pub fn options(&self) -> String {
        let mut out = String::new();
        let mut option = |name: &str, value: &str| {
            let quote =
                if value.contains([' ', '>', '<', '&', '|', ';', '(', ')', '*', '?', '\'']) { "\"" } else { "" };
            // Writing to a `String` can't fail.
            let _ = write!(out, " --{name} {quote}{value}{quote}");
        };
        self.command.iter().for_each(|command| option("command", command));
        self.place.iter().for_each(|place| option("place", place));
        self.variables.iter().for_each(|name| option("opt-out-variable", name));
        self.telemetry_variable.iter().for_each(|name| option("telemetry-variable", name));
        self.preset.iter().for_each(|preset| option("preset", preset.word()));
        self.endpoint.iter().for_each(|endpoint| option("endpoint", endpoint));
        self.opt_in.iter().for_each(|key| option("opt-in", key));
        out
    }
}

/// Validates a command line of plain words, without special characters of a shell.
fn words(text: &str) -> Result<String, String> {
    if names::is_command(text) {
        Ok(text.to_owned())
    } else {
        Err("write the command's words, for instance \"words telemetry\"".to_owned())
    }
}

/// Validates the name of a place in a program's windows, without special characters inside a shell's quotes.
fn place(text: &str) -> Result<String, String> {
    if names::is_window_place(text) {
        Ok(text.to_owned())
    } else {
        Err("write the place's words, for instance \"Settings > Privacy\"".to_owned())
    }
}

fn variable(text: &str) -> Result<String, String> {
    let help = "write a variable's name, for instance WORDS_TELEMETRY";
    if names::is_variable(text) { Ok(text.to_owned()) } else { Err(help.to_owned()) }
}

fn key(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.');
    let is_valid = text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(plain);
    if is_valid { Ok(text.to_owned()) } else { Err("write an attribute's key, for instance words.language".to_owned()) }
}

/// Validates an OTLP base URL with the library's rules.
pub(crate) fn endpoint(text: &str) -> Result<String, String> {
    admit_endpoint(text).map_err(|why| format!("{} {why}", escaped(text)))?;
    Ok(text.to_owned())
}

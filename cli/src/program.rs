//! The telemetry settings in a program's code, as command-line options: the notice and the page depend on them.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use anstyle::AnsiColor;
use clap::ValueEnum;
use scruple::consent::{CollectionStart, NoticeContext, Wait};

use crate::named;
use crate::registry::{Crate, admit_endpoint, escaped};

/// The settings that the program's `main` passes to `scruple::start`.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Settings in the program's code")]
pub struct Program {
    /// The telemetry subcommand, for instance "words telemetry" (`notice_command`; with clap, the program adds it by
    /// itself); without this option, the program has no such subcommand.
    #[arg(long, value_name = "WORDS", value_parser = words)]
    pub command: Option<String>,
    /// The place of the switch in a program with windows, for instance "Settings > Privacy" (`notice_place`).
    #[arg(long, value_name = "WORDS", value_parser = place)]
    pub place: Option<String>,
    /// A variable that opts out with `1` (`opt_out_variable`); may be given several times.
    #[arg(long = "opt-out-variable", value_name = "NAME", value_parser = variable)]
    pub variables: Vec<String>,
    /// The variable that opts out with `0` (`telemetry_variable`).
    #[arg(long, value_name = "NAME", value_parser = variable)]
    pub telemetry_variable: Option<String>,
    /// How the program asks for consent (`preset`); by default `documented` for the registry of a crate without a
    /// program, else `opt-in`, as in code.
    #[arg(long, value_enum)]
    pub preset: Option<Asks>,
    /// A receiver in place of the registry's (`endpoint`).
    #[arg(long, value_name = "URL", value_parser = endpoint)]
    pub endpoint: Option<String>,
    /// An `opt_in` attribute of the registry that the program sends (`opt_in`); may be given several times.
    #[arg(long, value_name = "KEY", value_parser = key)]
    pub opt_in: Vec<String>,
}

/// How a program asks for consent, by the names of `scruple::Preset`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Asks {
    /// Nothing is recorded until the person opts in (`OptIn`).
    #[default]
    OptIn,
    /// A notice on the first run, and nothing is recorded for 24 hours (`FirstRun(Wait::Day)`).
    FirstRun,
    /// A notice on the first run, and nothing is recorded in that run (`FirstRun(Wait::NextRun)`).
    NextRun,
    /// A library, whose documentation is the notice (`Documented`).
    Documented,
    /// A server, whose operator consents in its settings (`OperatorConsent`).
    OperatorConsent,
}

impl Asks {
    /// When recording begins.
    pub fn begins(self) -> CollectionStart {
        match self {
            Self::OptIn => CollectionStart::AfterYes,
            Self::FirstRun => CollectionStart::AfterNotice(Wait::Day),
            Self::NextRun => CollectionStart::AfterNotice(Wait::NextRun),
            Self::Documented => CollectionStart::Already,
            Self::OperatorConsent => CollectionStart::BySettings,
        }
    }

    /// The value of `--preset`.
    pub fn word(self) -> &'static str {
        match self {
            Self::OptIn => "opt-in",
            Self::FirstRun => "first-run",
            Self::NextRun => "next-run",
            Self::Documented => "documented",
            Self::OperatorConsent => "operator-consent",
        }
    }
}

impl Program {
    /// The preset: as given, or the default in code.
    pub fn asks(&self) -> Asks {
        self.preset.unwrap_or_default()
    }

    /// These settings for the registry in a folder: without `--preset`, a crate that has no program is a library. If no
    /// setting is given, standard error says which preset the text is for: it is in the code, and in no registry.
    ///
    /// # Errors
    /// Standard error can't be written to.
    pub fn of_registry(&self, dir: Option<&String>) -> io::Result<Self> {
        if self.preset.is_some() {
            return Ok(self.clone());
        }
        let found = dir.and_then(|dir| Crate::of(&named::place(dir), None).ok());
        let preset = if found.is_some_and(|found| !found.is_program) { Asks::Documented } else { Asks::default() };
        if self.options().is_empty() {
            let style = AnsiColor::Cyan.on_default();
            writeln!(
                anstream::stderr(),
                "{style}note:{style:#} this text is for `--preset {}`; repeat the settings of the program's code, as in \
                 `--preset first-run --command \"words telemetry\" --telemetry-variable WORDS_TELEMETRY`",
                preset.word()
            )?;
        }
        Ok(Self { preset: Some(preset), ..self.clone() })
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
            begins: self.asks().begins(),
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
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ' | '/');
    let is_valid = !text.is_empty() && text.trim() == text && text.chars().all(plain);
    if is_valid {
        Ok(text.to_owned())
    } else {
        Err("write the command's words, for instance \"words telemetry\"".to_owned())
    }
}

/// Validates the name of a place in a program's windows, without special characters inside a shell's quotes.
fn place(text: &str) -> Result<String, String> {
    let plain = |c: char| !c.is_control() && !matches!(c, '"' | '$' | '`' | '\\' | '!');
    let is_valid = !text.is_empty() && text.trim() == text && text.chars().all(plain);
    if is_valid {
        Ok(text.to_owned())
    } else {
        Err("write the place's words, for instance \"Settings > Privacy\"".to_owned())
    }
}

fn variable(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_valid = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(plain);
    if is_valid { Ok(text.to_owned()) } else { Err("write a variable's name, for instance WORDS_TELEMETRY".to_owned()) }
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

//! What a program says in code about its telemetry, beside its registry: as options, for what is written about it.

use std::fmt::Write as _;

use clap::ValueEnum;
use scruple::consent::{CollectionStart, NoticeContext, Wait};

use crate::registry::{admit_endpoint, escaped};

/// What the program's `main` says to `scruple::start`.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "What the program says in its code")]
pub struct Program {
    /// How people reach the subcommand, as in "words telemetry"; without it, the program has none.
    #[arg(long, value_name = "WORDS", value_parser = words)]
    pub command: Option<String>,
    /// A variable that says no with `1`, as named to `opt_out_variable`; may be given several times.
    #[arg(long = "opt-out-variable", value_name = "NAME", value_parser = variable)]
    pub variables: Vec<String>,
    /// The variable that says no with `0`, as named to `telemetry_variable`.
    #[arg(long, value_name = "NAME", value_parser = variable)]
    pub telemetry_variable: Option<String>,
    /// How the program asks.
    #[arg(long, value_enum, default_value_t = Asks::OptIn)]
    pub preset: Asks,
    /// Another receiver than the registry's, as named to `endpoint`.
    #[arg(long, value_name = "URL", value_parser = endpoint)]
    pub endpoint: Option<String>,
    /// An attribute that the registry has as `opt_in` and the program sends, as named to `opt_in`; may be given several
    /// times.
    #[arg(long, value_name = "KEY", value_parser = key)]
    pub opt_in: Vec<String>,
}

/// How a program asks its users.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Asks {
    /// Nothing is recorded until the person says yes.
    #[default]
    OptIn,
    /// A notice on the first run, and nothing recorded for 24 hours.
    FirstRun,
    /// A notice on the first run, and nothing recorded in that run.
    NextRun,
    /// A library: its documentation tells.
    Documented,
    /// A server: its operator's settings hold the yes.
    Given,
}

impl Asks {
    /// From when on something is recorded.
    pub fn begins(self) -> CollectionStart {
        match self {
            Self::OptIn => CollectionStart::AfterYes,
            Self::FirstRun => CollectionStart::AfterNotice(Wait::Day),
            Self::NextRun => CollectionStart::AfterNotice(Wait::NextRun),
            Self::Documented => CollectionStart::Already,
            Self::Given => CollectionStart::BySettings,
        }
    }

    /// As the option is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::OptIn => "opt-in",
            Self::FirstRun => "first-run",
            Self::NextRun => "next-run",
            Self::Documented => "documented",
            Self::Given => "given",
        }
    }
}

impl Program {
    /// What the library's notice is made of. The names live as long as the process, as they do in a program: call it
    /// once.
    pub fn ways<'a>(&'a self, wider: &'a [String]) -> NoticeContext<'a> {
        let leak = |name: &String| -> &'static str { name.clone().leak() };
        let variables: Vec<&'static str> = self.variables.iter().map(leak).collect();
        NoticeContext {
            endpoint: self.endpoint.as_deref(),
            command: self.command.as_deref(),
            variables: variables.leak(),
            telemetry: self.telemetry_variable.as_ref().map(leak),
            begins: self.preset.begins(),
            opt_in: &self.opt_in,
            wider,
        }
    }

    /// The options that say the same again, each with a blank before it.
    pub fn options(&self) -> String {
        let mut out = String::new();
        let mut option = |name: &str, value: &str| {
            let quote = if value.contains(' ') { "\"" } else { "" };
            // Writing to a string does not fail.
            let _ = write!(out, " --{name} {quote}{value}{quote}");
        };
        self.command.iter().for_each(|command| option("command", command));
        self.variables.iter().for_each(|name| option("opt-out-variable", name));
        self.telemetry_variable.iter().for_each(|name| option("telemetry-variable", name));
        if self.preset != Asks::default() {
            option("preset", self.preset.word());
        }
        self.endpoint.iter().for_each(|endpoint| option("endpoint", endpoint));
        self.opt_in.iter().for_each(|key| option("opt-in", key));
        out
    }
}

/// Words that a person types at a shell: nothing that a shell reads as more than a word.
fn words(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ' | '/');
    let sound = !text.is_empty() && text.trim() == text && text.chars().all(plain);
    if sound { Ok(text.to_owned()) } else { Err("write the command's words, as in \"words telemetry\"".to_owned()) }
}

fn variable(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let sound = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(plain);
    if sound { Ok(text.to_owned()) } else { Err("write a variable's name, as in WORDS_TELEMETRY".to_owned()) }
}

fn key(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.');
    let sound = text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(plain);
    if sound { Ok(text.to_owned()) } else { Err("write an attribute's key, as in words.language".to_owned()) }
}

/// An OTLP base URL, as the library takes it.
pub(crate) fn endpoint(text: &str) -> Result<String, String> {
    admit_endpoint(text).map_err(|why| format!("{} {why}", escaped(text)))?;
    Ok(text.to_owned())
}

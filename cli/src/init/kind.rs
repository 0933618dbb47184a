//! The kinds of programs that `init` knows: the words of the registry, and the settings in code, that differ.

use clap::ValueEnum;

use crate::program::{Asks, Program};

/// The kind of the crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// A program that runs, and ends: a notice on the first run.
    CommandLine,
    /// A program that answers requests: its operator consents, and nothing is kept on disk.
    Server,
    /// A program with windows: it asks in its settings.
    Window,
    /// A library: its documentation says what is collected, until an opt-out.
    Library,
}

impl Kind {
    /// The lines for `Cargo.toml` and the code.
    pub(super) fn lines(self) -> &'static str {
        match self {
            Self::CommandLine => include_str!("lines.txt"),
            Self::Server => include_str!("server.txt"),
            Self::Window => include_str!("window.txt"),
            Self::Library => include_str!("library.txt"),
        }
    }

    /// The settings in these lines, as options of `scruple notice` and `scruple docs`.
    pub(super) fn settings(self, name: &str, variable: &str, has_clap: bool) -> Program {
        let own = Program { telemetry_variable: Some(variable.to_owned()), ..Program::default() };
        match self {
            Self::CommandLine => {
                let command = has_clap.then(|| format!("{name} telemetry"));
                Program { preset: Some(Asks::FirstRun), command, ..own }
            }
            Self::Server => Program { preset: Some(Asks::OperatorConsent), ..own },
            Self::Window => Program { preset: Some(Asks::OptIn), place: Some("Settings > Privacy".to_owned()), ..own },
            Self::Library => {
                let variables = vec![format!("{variable}_OFF")];
                Program { preset: Some(Asks::Documented), variables, ..Program::default() }
            }
        }
    }

    /// Whether a person is shown a notice: otherwise the page alone tells what is collected.
    pub(super) fn has_notice(self) -> bool {
        matches!(self, Self::CommandLine | Self::Window)
    }

    /// The values of the registry's template.
    pub(super) fn words(self, docs: &str) -> Vec<(&'static str, String)> {
        let publish = format!("Publish its page with each release:\n# `{docs}`.");
        let ask = "If more is sent than people agreed to,\n# the program asks them again.".to_owned();
        let (kind, run, signal, span_kind) = match self {
            Self::CommandLine => ("program", "run", "command", "internal"),
            Self::Server => ("server", "request", "request", "server"),
            Self::Window => ("program", "action", "action", "internal"),
            Self::Library => ("library", "call", "call", "internal"),
        };
        let rotate = match self {
            Self::CommandLine | Self::Window => {
                "rotate: monthly # or daily, yearly: how often the keys of hashes and random ids change"
            }
            Self::Server => "# rotate: monthly # needed with a hash; each process of a server has keys of its own",
            Self::Library => "# No `rotate`: nothing of a library rotates.",
        };
        let told = if self.has_notice() {
            "The notice shows this before anything is recorded. People are asked again when the receiver changes."
        } else {
            "The public page shows this."
        };
        let limit = |number: &str| format!("annotations: {{privacy: {{at_most: {number}}}}} # by one process");
        let (records, errors) = match self {
            Self::CommandLine => (limit("1"), limit("10")),
            Self::Server => (String::new(), String::new()),
            Self::Window | Self::Library => (limit("100"), limit("10")),
        };
        // A library can't ask a person: it must not have hashes, an installation id or locations.
        let own = match self {
            Self::Library => "",
            _ => {
                "#   type: string, privacy: {from: hash}                 a keyed hash; its key stays on the machine and \
                 rotates\n\
                 #   type: string, privacy: {from: location}             a line of the program's own source"
            }
        };
        let wider = if self.has_notice() { ask } else { publish };
        let fixed = [
            ("kind", kind),
            ("run", run),
            ("signal", signal),
            ("span_kind", span_kind),
            ("rotate", rotate),
            ("told", told),
            ("own", own),
        ];
        let fixed = fixed.map(|(name, value)| (name, value.to_owned()));
        fixed.into_iter().chain([("wider", wider), ("limit", records), ("error_limit", errors)]).collect()
    }
}

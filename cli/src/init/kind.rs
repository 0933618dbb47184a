//! The kinds of programs that `init` knows: the words of the registry, and the program's settings, that differ.

use clap::ValueEnum;

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

    /// The program's settings, as lines of the registry.
    fn settings(self, name: &str, variable: &str, has_clap: bool) -> String {
        let telemetry =
            format!("telemetry_variable: {variable} # `0` opts out, `log` prints each record instead of sending it");
        let lines = match self {
            Self::CommandLine => {
                let comment = if has_clap { "" } else { "# " };
                vec![
                    "preset: first-run # a notice on the terminal, and nothing recorded for 24 hours".to_owned(),
                    format!("{comment}command: {name} telemetry # the notice names `{name} telemetry off`"),
                    telemetry,
                ]
            }
            Self::Server => {
                let preset =
                    "preset: operator-consent # the operator consents in the settings; nothing is kept on disk";
                vec![preset.to_owned(), telemetry]
            }
            Self::Window => vec![
                "preset: opt-in # nothing is recorded before an opt-in".to_owned(),
                "place: Settings > Privacy # the place of your switch, which the notice names".to_owned(),
                telemetry,
            ],
            Self::Library => vec![
                "preset: documented # on until an opt-out: your documentation must say what is collected".to_owned(),
                format!("opt_out_variables: [{variable}_OFF]"),
            ],
        };
        lines.join("\n")
    }

    /// Whether a person is shown a notice: otherwise the page alone tells what is collected.
    pub(super) fn has_notice(self) -> bool {
        matches!(self, Self::CommandLine | Self::Window)
    }

    /// The values of the registry's template.
    pub(super) fn words(self, name: &str, variable: &str, has_clap: bool) -> Vec<(&'static str, String)> {
        let publish = "Publish its page with each release:\n# `scruple docs telemetry`.".to_owned();
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
        let settings = self.settings(name, variable, has_clap);
        let own = [("wider", wider), ("limit", records), ("error_limit", errors), ("settings", settings)];
        fixed.into_iter().chain(own).collect()
    }
}

//! How a program asks its users for consent, and how they say no: settings of the program, which are no data.

use super::construct::setters;

/// How a program informs its users and asks for consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preset {
    /// Nothing is recorded until the person says yes. The default.
    #[default]
    OptIn,
    /// A notice is shown on a terminal, once for each registry that collects more; nothing is recorded until the wait
    /// is over, and then until the person says no. Later versions keep the wait that a notice promised. No notice is
    /// shown, or counts, while the clock is behind the build of the program.
    FirstRun(Wait),
    /// For libraries: the documentation informs the users, and telemetry is on until a source says no. The registry
    /// must not have an installation id, a hash or a SHA-256.
    Documented,
    /// For servers: the operator consents in the settings of the host, and every no still counts. Nothing is kept on
    /// disk, so an exporter must be set that sends while the program runs; and the owner of the session is not asked:
    /// a service may have no home folder, or another user's, and then no stored answer is read. If it is off,
    /// `Builder::build` writes the reason to standard error, once.
    OperatorConsent,
}

/// How long a person has to say no before anything is recorded. Ordered by length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Wait {
    /// Until the run after the notice.
    NextRun,
    /// 24 hours after the notice. The default.
    #[default]
    Day,
}

impl Wait {
    /// The wait in nanoseconds.
    pub const fn nanoseconds(self) -> u64 {
        match self {
            Self::Day => 24 * 3_600 * 1_000_000_000,
            Self::NextRun => 0,
        }
    }
}

/// The settings that `scruple::start` begins with. The notice and the public page show them; they are no data, so the canonical
/// text is without them, and a change of them needs no new notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProgramSettings<'a> {
    /// How the program asks; `None` for the default.
    pub preset: Option<Preset>,
    /// The command that leads to the telemetry subcommands, as in `words telemetry`.
    pub command: Option<&'a str>,
    /// The place of the switch in a program with windows, as in `Settings > Privacy`.
    pub place: Option<&'a str>,
    /// The variable that turns telemetry off with a `0`, and with `log` prints the records.
    pub telemetry_variable: Option<&'a str>,
    /// The variables that turn telemetry off with a `1`.
    pub opt_out_variables: &'a [&'a str],
}

#[doc(hidden)]
impl<'a> ProgramSettings<'a> {
    pub const fn new() -> Self {
        Self { preset: None, command: None, place: None, telemetry_variable: None, opt_out_variables: &[] }
    }

    setters!(
        opt_out_variables: &'a [&'a str];
        preset: Preset, command: &'a str, place: &'a str, telemetry_variable: &'a str
    );
}

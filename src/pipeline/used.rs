//! Which arguments and which subcommand a run uses: their names, never a value.

use std::collections::BTreeSet;

/// Which arguments and which subcommand a run uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    pub(super) arguments: BTreeSet<String>,
    pub(super) command: Vec<String>,
    pub(super) kind: UsedCommand,
}

/// What kind of subcommand a run uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UsedCommand {
    /// None.
    Bare,
    /// One of the program's own.
    Own,
    /// One that the program does not know: its name is not looked at.
    External,
}

impl UsedCommand {
    /// As a registry may declare it: `bare`, `own` or `external`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Own => "own",
            Self::External => "external",
        }
    }
}

impl Used {
    /// Nothing, as before the arguments were parsed.
    pub(super) const NOTHING: Self = Self { arguments: BTreeSet::new(), command: Vec::new(), kind: UsedCommand::Bare };

    /// The names of the arguments in use: `--long`, else `-s`, else `<id>` of one that is told by its place, where `id` is
    /// what clap calls it (with derive, the field's name). Sorted, each once. What comes from a default or from a
    /// variable is not in use.
    pub fn arguments(&self) -> Vec<&str> {
        self.arguments.iter().map(String::as_str).collect()
    }

    /// The path of the subcommand in use, as in `remote add`, by its names and not its aliases; empty for none. It ends
    /// before one that the program does not know.
    pub fn command(&self) -> String {
        self.command.join(" ")
    }

    /// What kind of subcommand that is.
    pub fn kind(&self) -> UsedCommand {
        self.kind
    }
}

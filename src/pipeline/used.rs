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
    /// No subcommand.
    Bare,
    /// A subcommand of the program.
    Own,
    /// A subcommand that the program does not know: its name is not read.
    External,
}

impl UsedCommand {
    /// The word that a registry may declare: `bare`, `own` or `external`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Own => "own",
            Self::External => "external",
        }
    }
}

impl Used {
    /// The value before the arguments are parsed.
    pub(super) const NOTHING: Self = Self { arguments: BTreeSet::new(), command: Vec::new(), kind: UsedCommand::Bare };

    /// The names of the arguments in use: `--long`, else `-s`, else `<id>` for a positional argument, where `id` is
    /// clap's id (with derive, the field's name). Sorted, without duplicates. An argument set by a default or a
    /// variable is not in use.
    pub fn arguments(&self) -> Vec<&str> {
        self.arguments.iter().map(String::as_str).collect()
    }

    /// The path of the subcommand in use, as in `remote add`, by names and not aliases; empty without a subcommand. It
    /// ends before a subcommand that the program does not know.
    pub fn command(&self) -> String {
        self.command.join(" ")
    }

    /// The kind of that subcommand.
    pub fn kind(&self) -> UsedCommand {
        self.kind
    }
}

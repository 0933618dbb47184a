//! The exit codes of the subcommands, beside 0.

/// The exit code for a registry with mistakes, and for anything else that stops a command.
pub const BROKEN: u8 = 2;

/// The exit code for input that could be read and is not valid: undeclared records, a refused request, an invalid policy.
pub(crate) const OBJECTIONABLE: u8 = 1;

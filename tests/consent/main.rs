//! Laws 2, 3 and 7: off is off, what can't be read is a no, and what was agreed to is what is sent.

/// Coding agents and hosts are members of a closed list, and nothing of what an agent calls itself is sent.
mod agent;
/// Of a program's arguments their names are used, and never a value.
mod arguments;
/// What each file, answer and notice leads to, in the next process and in one that runs.
mod asked;
/// What `Debug` prints of a program's handles.
mod debugged;
/// Who wins, and how the environment is read.
mod decide;
/// A program's own arguments are parsed as if there were no subcommand `telemetry`.
mod parsing;
/// The order of the rules is in one table, which decides, and which the documentation holds.
mod rules;
/// What a person reads about a decision, a loss or an error.
mod sentences;
/// The variants of an enum, read from its source.
#[path = "../support/variants.rs"]
mod variants;

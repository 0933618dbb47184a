//! Law 1, noninterference, and law 4, no harm: what is not declared changes nothing that is sent, and what is sent changes
//! nothing for the program.

/// The same program through both doors gives the same records, whatever else it does.
mod doors;
/// What the gates let through of what an OpenTelemetry pipeline can hand over.
mod gate;
/// The program is not harmed, and its own doings do not show.
mod host;
/// Two runs that differ only in undeclared content send identical requests; and what a `fork` changes.
mod law;
/// Which spans and events become records, with which parents, ids, status and values.
mod layer;
/// Where the line stops: open spans, signals, opting in, and the wait at the end.
mod limits;
/// Draws from one of several strategies.
#[path = "../support/one_of.rs"]
mod one_of;
/// Where a way in can stand in a program's subscriber.
#[path = "../support/stacks.rs"]
mod stacks;
/// What each treatment leaves of a value.
mod treatments;

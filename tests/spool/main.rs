//! Law 6 between the disk and the wire: what is written, what is taken, and what is readmitted.

/// Draws from one of several strategies.
#[path = "../support/one_of.rs"]
mod one_of;
/// The tables of registries with every treatment.
#[path = "../support/otlp/mod.rs"]
#[expect(dead_code, reason = "the tables only")]
mod otlp;
/// What is written, what is taken and what is left alone, within one process.
mod queue;
/// A line is the encoder's own or refused, and only what is declared now leaves.
mod readmit;

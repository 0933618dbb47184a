//! What is read of a Collector's files, and what is counted.

/// A client that says what it is told.
#[path = "../../../fixtures/src/caller.rs"]
mod caller;
/// The pairs that a registry names are counted.
mod charts;
/// What a real Collector writes.
mod collected;
/// The real Collector as a process.
#[path = "../../../fixtures/src/collector.rs"]
#[expect(dead_code, reason = "other tests look into its folder while it runs")]
mod collector;
/// The counts of random records are those of a plain count.
mod counts;
/// DuckDB recounts every cell.
mod duckdb;
/// A full disk, folders without rights, and wide registries.
#[cfg(unix)]
mod extremes;
/// Bad input, compressed input, and what an error says.
mod inputs;
/// What the retention keeps.
mod kept;
/// Random records.
mod made;
/// Many records within a limit of memory.
mod many;
/// From files of records to a published page.
mod published;
/// The rows of the operator.
mod rows;
/// The end of a process.
#[path = "../../../fixtures/src/signals.rs"]
mod signals;

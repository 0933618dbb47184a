//! What is read of a Collector's files, and what is counted.

/// The counts of random records are those of a plain count.
mod counts;
/// DuckDB recounts every cell.
mod duckdb;
/// Bad input, compressed input, and what an error says.
mod inputs;
/// Random records.
mod made;

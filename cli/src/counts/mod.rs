//! What the records of a registry are counted by: the columns of each signal, and the buckets of numbers and durations.
//!
//! `scruple sql` and `scruple report` read the same declarations here, so that their numbers are the same.

pub mod buckets;
pub mod columns;
pub mod pairs;

/// The key under which a span's status is counted. No attribute of a registry is below `otel.`.
pub const STATUS_KEY: &str = "otel.status_code";

/// The words of a span's status code, by its OTLP number.
pub const STATUS_WORDS: [&str; 3] = ["unset", "ok", "error"];

/// The key under which a span's duration is counted.
pub const DURATION_KEY: &str = "otel.duration";

/// The length of a period of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum PeriodLength {
    /// A day.
    Day,
    /// An ISO 8601 week: seven days from Monday.
    Week,
    /// A month.
    Month,
}

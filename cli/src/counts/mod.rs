//! What the records of a registry are counted by: the columns of each signal, and the buckets of numbers and durations.
//!
//! `scruple sql` and `scruple report` read the same declarations here, so that their numbers are the same.

pub mod buckets;
pub mod columns;

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

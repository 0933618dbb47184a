//! The numbers that a report is made of: the counts of one signal in one period, by no, one or two attributes.
//!
//! All tables of a signal and a period are about the same records. The table without attributes has one cell, the total.
//! The cells of a table with one or two attributes are parts of the total that don't overlap, and add up to its records;
//! a record without the attribute stands in the cell with the empty label. The exception is a table that [`overlaps`]:
//! an attribute with a list of values, whose records may stand in several cells.
//!
//! A declared member that no record has is a cell of 0 records. A table of two attributes may leave such cells out.
//!
//! [`overlaps`]: Table::overlaps

use chrono::{Days, NaiveDate};

/// A range of whole days in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    /// The first day.
    pub start: NaiveDate,
    /// The number of days, at least 1.
    pub days: u32,
}

impl Period {
    /// The first day after it, or the last day that there is.
    pub fn end(&self) -> NaiveDate {
        self.start.checked_add_days(Days::new(self.days.into())).unwrap_or(NaiveDate::MAX)
    }

    /// Whether a day is in both.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end() && other.start < self.end()
    }
}

/// The records and units of one signal in one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The name of the span or event.
    pub signal: String,
    /// The keys of the attributes: none (the total), one or two.
    pub attributes: Vec<String>,
    /// When the records were recorded.
    pub period: Period,
    /// A record may stand in several cells: the attribute is a list. Such a table has one attribute.
    pub overlaps: bool,
    /// One a combination of values, in the order in which they are shown; no two have the same labels.
    pub cells: Vec<Cell>,
}

/// The records that have the same values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The value of each attribute; empty for a record without it.
    pub labels: Vec<String>,
    /// The number of records.
    pub records: u64,
    /// The number of distinct units (installations or sessions) that these records come from, exact.
    pub units: u64,
    /// The same for the signal's records of the period that are *not* in this cell; read only of a table that overlaps,
    /// because the total minus the cell tells their number of records.
    pub units_elsewhere: u64,
}

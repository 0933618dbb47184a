//! The numbers that a report is made of: the counts of one signal in one period, by no, one or two attributes.
//!
//! All tables of a signal and a period are about the same records. The table without attributes has one cell, the total.
//! The cells of a table with one or two attributes are parts of the total that don't overlap, and add up to its records;
//! a record without the attribute stands in the cell with the empty label. The exception is a table that [`overlaps`]:
//! an attribute with a list of values, whose records may stand in several cells.
//!
//! A signal without a record in a period has a total of 0 records and no other table, which looks as a hidden one does. A
//! declared member that no record has is a cell of 0 records. A table of two attributes may leave such cells out.
//!
//! [`overlaps`]: Table::overlaps

use std::fmt;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use scruple_registry::SignalKind;

/// What is published at once.
#[derive(Debug, Clone)]
pub struct Report {
    /// The heading of the page: the program's name, and that its use is reported.
    pub title: String,
    /// What is counted, in the plural: installations or sessions.
    pub unit: String,
    /// How long a unit's id lasts, in a sentence.
    pub rotation: Option<String>,
    /// The days that records are kept, if the registry says it as a duration.
    pub retention: Option<u32>,
    /// k: no number of fewer distinct units is published.
    pub threshold: u64,
    /// The licence of the published data.
    pub licence: String,
    /// The schema URLs of the registries by which records are counted, whether one has a record or not.
    pub registries: Vec<String>,
    /// One for each signal and attributes that have a table, in the order of the page. The first of a signal has no
    /// attributes.
    pub questions: Vec<Question>,
    /// The numbers.
    pub tables: Vec<Table>,
}

/// Which span or event. What it is called on the page depends on the others, so that is no key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignalName {
    /// Its own name.
    pub name: String,
    /// An event may have the name of a span.
    pub kind: SignalKind,
}

impl SignalName {
    /// `span` or `event`.
    pub fn word(&self) -> &'static str {
        match self.kind {
            SignalKind::Span => "span",
            SignalKind::Event => "event",
        }
    }
}

impl fmt::Display for SignalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} `{}`", self.word(), self.name)
    }
}

/// What a table answers.
#[derive(Debug, Clone)]
pub struct Question {
    /// The span or event.
    pub signal: SignalName,
    /// What it is called: its name, with its kind behind it if a span and an event have this name.
    pub called: String,
    /// The attributes of the table.
    pub attributes: Vec<String>,
    /// From the registry: what the signal or the attribute is.
    pub brief: String,
    /// The order of the cells means something, as that of ranges does; else they are sorted by their records.
    pub ordered: bool,
    /// All values are declared, by all versions alike, and have a cell: then it is no secret how many are hidden.
    pub closed: bool,
}

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

impl fmt::Display for Period {
    /// As words: the day, the week of its Monday, the month, or days from the first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = self.start;
        let is_month = start.day() == 1 && self.days >= 28 && self.end().day() == 1;
        match self.days {
            1 => write!(f, "{start}"),
            7 if start.weekday() == Weekday::Mon => write!(f, "the week of {start}"),
            28..=31 if is_month => write!(f, "{}", start.format("%B %Y")),
            days => write!(f, "the {days} days from {start}"),
        }
    }
}

/// The records and units of one signal in one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The span or event.
    pub signal: SignalName,
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

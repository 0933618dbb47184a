//! What records are counted by: an attribute, a span's status, or its duration.

use scruple_registry::SignalKind;

use crate::codes::Codes;
use scruple_cli::counts::buckets::{DURATION_BUCKETS, duration_text, number_text, of_number};
use scruple_cli::counts::columns::{ColumnForm, SignalColumns};
use scruple_cli::counts::{DURATION_KEY, STATUS_KEY, STATUS_WORDS};

/// The code of a record without a value.
pub const ABSENT: i32 = -1;

/// What records are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// The column with this index.
    Column(usize),
    /// The status of a span.
    Status,
    /// The duration of a span, in buckets.
    Duration,
}

/// All that the records of a signal are counted by.
pub fn dimensions(signal: &SignalColumns) -> Vec<Dimension> {
    let of_span = if signal.kind == SignalKind::Span { &[Dimension::Status, Dimension::Duration][..] } else { &[] };
    let tabled = signal.columns.iter().enumerate().filter(|(_, column)| column.is_tabled);
    of_span.iter().copied().chain(tabled.map(|(index, _)| Dimension::Column(index))).collect()
}

impl Dimension {
    /// The attribute's key.
    pub fn key(self, signal: &SignalColumns) -> String {
        match self {
            Self::Column(index) => signal.columns.get(index).map(|column| column.key.clone()).unwrap_or_default(),
            Self::Status => STATUS_KEY.to_owned(),
            Self::Duration => DURATION_KEY.to_owned(),
        }
    }

    /// The question that its table answers.
    pub fn brief(self, signal: &SignalColumns) -> String {
        match self {
            Self::Column(index) => signal.columns.get(index).map(|column| column.brief.clone()).unwrap_or_default(),
            Self::Status => "How many of these failed: their status is error.".to_owned(),
            Self::Duration => "How long these took, rounded as the registry says.".to_owned(),
        }
    }

    /// Whether a record may have several values.
    pub fn is_list(self, signal: &SignalColumns) -> bool {
        let column = if let Self::Column(index) = self { signal.columns.get(index) } else { None };
        column.is_some_and(|column| column.form == ColumnForm::Texts)
    }

    /// The number of declared values: codes from 0.
    pub fn declared(self, signal: &SignalColumns) -> usize {
        match self {
            Self::Column(index) => signal.columns.get(index).map_or(0, |column| match column.form {
                ColumnForm::Boolean => 2,
                ColumnForm::Int => of_number(column.max) + 1,
                _ => column.members.len(),
            }),
            Self::Status => STATUS_WORDS.len(),
            Self::Duration => DURATION_BUCKETS,
        }
    }

    /// Whether every value is declared, so that each has a cell. Where versions differ, a value may be declared by one alone:
    /// the number of hidden ones could tell of those who have that version.
    pub fn is_closed(self, signal: &SignalColumns) -> bool {
        let differs =
            matches!(self, Self::Column(index) if signal.columns.get(index).is_some_and(|column| !column.is_alike));
        self.declared(signal) > 0 && !differs
    }

    /// Whether the order of the values has a meaning.
    pub fn is_ordered(self, signal: &SignalColumns) -> bool {
        match self {
            Self::Column(index) => signal.columns.get(index).is_some_and(|column| column.is_ordered),
            Self::Status => false,
            Self::Duration => true,
        }
    }

    /// The text of a code; empty for a record without a value.
    pub fn label(self, signal: &SignalColumns, codes: &[Codes], code: i32) -> String {
        let Ok(place) = usize::try_from(code) else { return String::new() };
        match self {
            Self::Status => STATUS_WORDS.get(place).copied().unwrap_or_default().to_owned(),
            Self::Duration => duration_text(place),
            Self::Column(index) => {
                let Some(column) = signal.columns.get(index) else { return String::new() };
                match column.form {
                    ColumnForm::Boolean => (place == 1).to_string(),
                    ColumnForm::Int => number_text(place, column.max),
                    _ => codes.get(index).map_or("", |codes| codes.text(code)).to_owned(),
                }
            }
        }
    }
}

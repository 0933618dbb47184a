//! The demo's real work: it profiles the columns of a data set, and counts the rows that have an outlier.
//!
//! A column's profile is its five-number summary, with quartiles interpolated between the two nearest values (R's type
//! 7), and the number of its different values. A value is an outlier if it lies more than one and a half
//! interquartile ranges below the first quartile or above the third (Tukey's fences).

use std::fmt;

use scruple::registry::count;

use super::dataset::Dataset;

/// The version of the library that reads the file.
pub const LIBRARY_VERSION: &str = "1.4.0";

/// The minimum number of rows: fewer have no quartiles.
const MIN_ROWS: usize = 4;

/// The profile of a data set's columns.
pub struct Profile {
    /// One for each column of numbers.
    pub columns: Vec<Column>,
}

/// The profile of a column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The column's name.
    pub name: String,
    /// The smallest value, the three quartiles, and the largest value.
    pub summary: [f64; 5],
    /// The number of different values.
    pub distinct: usize,
}

/// The number of rows with an outlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outliers {
    /// The number of rows of the data set, at least one.
    pub rows: usize,
    /// The number of rows with an outlier.
    pub outside: usize,
}

impl Outliers {
    /// The share of rows with an outlier, in per cent, rounded down.
    pub fn per_cent(self) -> usize {
        (self.outside * 100).checked_div(self.rows).unwrap_or(0)
    }
}

/// The data set is too small.
#[derive(Debug)]
pub struct TooFewRows {
    /// The number of rows.
    pub rows: usize,
}

impl Profile {
    /// Profiles each column of numbers.
    ///
    /// # Errors
    /// If there are fewer than four rows.
    pub fn of(dataset: &Dataset) -> Result<Self, TooFewRows> {
        if dataset.rows() < MIN_ROWS {
            return Err(TooFewRows { rows: dataset.rows() });
        }
        let columns = dataset.features.iter().zip(&dataset.values).map(|(name, values)| Column::of(name, values));
        Ok(Self { columns: columns.collect() })
    }

    /// The maximum number of different values in a column.
    pub fn distinct(&self) -> usize {
        self.columns.iter().map(|column| column.distinct).max().unwrap_or(0)
    }

    /// Counts the rows with an outlier.
    pub fn outliers(&self, dataset: &Dataset) -> Outliers {
        let mut outside = vec![false; dataset.rows()];
        for (column, values) in self.columns.iter().zip(&dataset.values) {
            let inside = column.fences();
            for (row, value) in outside.iter_mut().zip(values) {
                *row |= !inside.contains(value);
            }
        }
        Outliers { rows: dataset.rows(), outside: outside.into_iter().filter(|outside| *outside).count() }
    }
}

impl Column {
    fn of(name: &str, values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let summary = [0, 1, 2, 3, 4].map(|quarter| quantile(&sorted, quarter));
        sorted.dedup();
        Self { name: name.to_owned(), summary, distinct: sorted.len() }
    }

    fn fences(&self) -> std::ops::RangeInclusive<f64> {
        let [_, first, _, third, _] = self.summary;
        let reach = 1.5 * (third - first);
        first - reach..=third + reach
    }
}

/// A quartile of sorted values, from 0 (the smallest) to 4 (the largest).
fn quantile(sorted: &[f64], quarter: usize) -> f64 {
    let place = sorted.len().saturating_sub(1) * quarter;
    let (below, rest) = (place / 4, (place % 4) as f64 / 4.0);
    let at = |index: usize| sorted.get(index).copied().unwrap_or_default();
    // Not `below + rest * (above - below)`: the difference of two finite numbers may be infinite.
    if rest == 0.0 { at(below) } else { at(below) * (1.0 - rest) + at(below + 1) * rest }
}

/// One line a column.
impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.columns.iter().try_for_each(|column| writeln!(f, "{column}"))
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [smallest, first, _, third, largest] = self.summary.map(short);
        write!(
            f,
            "{}: {smallest} to {largest}, the middle half {first} to {third}; {} distinct",
            self.name, self.distinct
        )
    }
}

/// A number with at most three decimals, or with an exponent if it is very small or large.
fn short(value: f64) -> String {
    if value != 0.0 && !(0.01..1e9).contains(&value.abs()) {
        return format!("{value:.2e}");
    }
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl std::error::Error for TooFewRows {}

impl fmt::Display for TooFewRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: quartiles need at least {MIN_ROWS}", count(self.rows, "row"))
    }
}

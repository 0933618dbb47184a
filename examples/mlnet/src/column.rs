//! Encodes a column as numbers: unchanged, or as one number for each of its different texts.

use crate::table::{Fault, Mistake, Table, number};
use serde::{Deserialize, Serialize};
use smartcore::linalg::basic::matrix::DenseMatrix;

/// The maximum number of different texts in a column.
pub const MOST_TEXTS: usize = 50;

#[derive(Serialize, Deserialize)]
pub enum Column {
    Number(String),
    OneOf(String, Vec<String>),
}

impl Column {
    /// A column of numbers if all its values are numbers, else a column of texts.
    ///
    /// # Errors
    /// If it has too many different texts.
    pub fn guess(table: &Table, name: &str) -> Result<Self, Mistake> {
        let index = table.index(name)?;
        if table.rows.iter().all(|row| number(&row.cells[index]).is_some()) {
            return Ok(Self::Number(name.to_owned()));
        }
        Self::texts(table, name, MOST_TEXTS)
    }

    /// A column of texts, even if they look like numbers: people and items.
    ///
    /// # Errors
    /// If there are more than `most` different ones.
    pub fn texts(table: &Table, name: &str, most: usize) -> Result<Self, Mistake> {
        Ok(Self::OneOf(name.to_owned(), table.texts(name, most)?))
    }

    /// Appends the numbers of each row. A text that the training did not have becomes all zeros.
    fn append(&self, table: &Table, rows: &mut [Vec<f64>]) -> Result<(), Mistake> {
        match self {
            Self::Number(name) => {
                for (row, number) in rows.iter_mut().zip(table.numbers(name)?) {
                    row.push(number);
                }
            }
            Self::OneOf(name, texts) => {
                let index = table.index(name)?;
                for (row, from) in rows.iter_mut().zip(&table.rows) {
                    row.extend(texts.iter().map(|text| f64::from(*text == from.cells[index])));
                }
            }
        }
        Ok(())
    }
}

/// The rows of a table as numbers, by these columns, with a constant one as the intercept.
///
/// # Errors
/// If the table lacks a column or a number, or has no row.
pub fn matrix(columns: &[Column], table: &Table) -> Result<DenseMatrix<f64>, Mistake> {
    let mut rows = vec![vec![1.0]; table.rows.len()];
    for column in columns {
        column.append(table, &mut rows)?;
    }
    DenseMatrix::from_2d_vec(&rows).map_err(|_| Fault::TooFewRows { found: 0, wanted: 1 }.alone())
}

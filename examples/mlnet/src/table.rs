//! A table of texts, read from comma-separated values with a line of column names (RFC 4180).

use std::fmt;
use std::fs::File;
use std::io;

/// The maximum size of a file.
pub const MAX_BYTES: u64 = 1 << 30;

pub struct Table {
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
}

pub struct Row {
    /// The line in the file, from 1.
    pub line: u64,
    pub cells: Vec<String>,
}

/// A mistake in a data set, with its place.
#[derive(Debug)]
pub struct Mistake {
    pub line: Option<u64>,
    pub column: Option<String>,
    pub what: Fault,
}

#[derive(Debug)]
pub enum Fault {
    Unreadable(io::Error),
    TooLarge,
    NotText,
    NoColumns,
    NoName,
    SameName,
    NoSuchColumn(Vec<String>),
    Ragged { found: u64, wanted: u64 },
    NoValue,
    NotANumber(String),
    TooManyTexts(usize),
    TooFewRows { found: usize, wanted: usize },
}

impl Fault {
    /// A mistake in the file as a whole.
    pub fn alone(self) -> Mistake {
        Mistake { line: None, column: None, what: self }
    }

    /// A mistake in this column and line.
    pub fn at(self, line: Option<u64>, column: &str) -> Mistake {
        Mistake { line, column: Some(column.to_owned()), what: self }
    }
}

impl Table {
    /// # Errors
    /// If the file can't be read, or is not such a table.
    pub fn read(file: File) -> Result<Self, Mistake> {
        let metadata = file.metadata().map_err(|error| Fault::Unreadable(error).alone())?;
        if metadata.len() > MAX_BYTES {
            return Err(Fault::TooLarge.alone());
        }
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
        let columns: Vec<String> = reader.headers().map_err(mistake)?.iter().map(str::to_owned).collect();
        for (index, name) in columns.iter().enumerate() {
            let fault = match () {
                () if name.is_empty() => Fault::NoName,
                () if columns.iter().take(index).any(|earlier| earlier == name) => Fault::SameName,
                () => continue,
            };
            return Err(fault.at(Some(1), name));
        }
        if columns.is_empty() {
            return Err(Fault::NoColumns.alone());
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(mistake)?;
            let line = record.position().map_or(0, csv::Position::line);
            if let Some(empty) = record.iter().position(str::is_empty) {
                return Err(Fault::NoValue.at(Some(line), &columns[empty]));
            }
            rows.push(Row { line, cells: record.iter().map(str::to_owned).collect() });
        }
        Ok(Self { columns, rows })
    }

    /// # Errors
    /// If there is no column with this name.
    pub fn index(&self, column: &str) -> Result<usize, Mistake> {
        let found = self.columns.iter().position(|name| name == column);
        found.ok_or_else(|| Fault::NoSuchColumn(self.columns.clone()).at(None, column))
    }

    /// A column as numbers.
    ///
    /// # Errors
    /// If one of them is not a finite number.
    pub fn numbers(&self, column: &str) -> Result<Vec<f64>, Mistake> {
        let index = self.index(column)?;
        let number = |row: &Row| {
            number(&row.cells[index])
                .ok_or_else(|| Fault::NotANumber(row.cells[index].clone()).at(Some(row.line), column))
        };
        self.rows.iter().map(number).collect()
    }

    /// The different texts of a column, in the order of their first row.
    ///
    /// # Errors
    /// If there are more than `most`.
    pub fn texts(&self, column: &str, most: usize) -> Result<Vec<String>, Mistake> {
        let index = self.index(column)?;
        let mut texts = Vec::new();
        for row in &self.rows {
            if !texts.contains(&row.cells[index]) {
                if texts.len() == most {
                    return Err(Fault::TooManyTexts(most).at(Some(row.line), column));
                }
                texts.push(row.cells[index].clone());
            }
        }
        Ok(texts)
    }
}

/// Parses a finite number.
pub fn number(cell: &str) -> Option<f64> {
    cell.parse().ok().filter(|number: &f64| number.is_finite())
}

fn mistake(error: csv::Error) -> Mistake {
    let line = error.position().map(csv::Position::line);
    let what = match error.into_kind() {
        csv::ErrorKind::Io(error) => Fault::Unreadable(error),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => Fault::Ragged { found: len, wanted: expected_len },
        _ => Fault::NotText,
    };
    Mistake { line, column: None, what }
}

impl std::error::Error for Mistake {}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}, ")?;
        }
        if let Some(column) = &self.column {
            write!(f, "column {column:?}, ")?;
        }
        match &self.what {
            Fault::Unreadable(error) => write!(f, "{error}: name a file that you may read"),
            Fault::TooLarge => write!(f, "over {} MiB: take a part of its rows", MAX_BYTES >> 20),
            Fault::NotText => f.write_str("not UTF-8 text: save it as comma-separated values in UTF-8"),
            Fault::NoColumns => f.write_str("it is empty: write a line of column names, and rows under it"),
            Fault::NoName => f.write_str("a column without a name: give it one"),
            Fault::SameName => f.write_str("a second column of this name: give it another"),
            Fault::NoSuchColumn(columns) => write!(f, "there is none: name one of {}", columns.join(", ")),
            Fault::Ragged { found, wanted } => {
                write!(
                    f,
                    "{found} values for {wanted} columns: write {wanted}, and quote a text that has a comma in it"
                )
            }
            Fault::NoValue => f.write_str("there is nothing: write a value, or leave the row out"),
            Fault::NotANumber(text) => write!(f, "{text:?} is no number: write one such as 5.1"),
            Fault::TooManyTexts(most) => {
                write!(f, "over {most} different texts: write numbers, or leave the column out with --ignore-cols")
            }
            Fault::TooFewRows { found, wanted } => {
                write!(f, "too few rows, {found}: write at least {wanted}, of which every fifth is kept for the score")
            }
        }
    }
}

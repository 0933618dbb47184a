//! A table of numbers with a class for each row, read from comma-separated values (RFC 4180).
//!
//! The first line names the columns. One column holds the class of its row: the last one, or the one that the caller
//! names. All others hold finite numbers. Lines may end in LF or CRLF. A byte order mark, blanks around a value, and
//! empty lines are skipped. Everything else is a mistake with its place and a remedy; no value is guessed or filled in.
//!
//! A file is read whole and profiled in seconds, so it has limits: [`MAX_BYTES`], [`MAX_COLUMNS`], [`MAX_VALUES`],
//! [`MAX_CLASSES`].

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use scruple::registry::count;

/// The maximum size of a file, in bytes.
pub const MAX_BYTES: usize = 16 << 20;

/// The maximum number of columns.
pub const MAX_COLUMNS: usize = 1_000;

/// The maximum number of numbers: rows times columns, without the classes.
pub const MAX_VALUES: usize = 200_000;

/// The maximum number of classes.
pub const MAX_CLASSES: usize = 50;

/// Fisher's iris: 150 flowers, four measurements each, three species.
const IRIS: &[u8] = include_bytes!("../../data/iris.csv");

/// Rows of numbers, each with its class.
pub struct Dataset {
    /// The file's name, without its folder.
    pub name: String,
    /// The file's size, in bytes.
    pub bytes: usize,
    /// The names of the columns that hold numbers.
    pub features: Vec<String>,
    /// The classes that occur, in the order of their first row.
    pub classes: Vec<String>,
    /// For each of `features`, its numbers in the order of the rows.
    pub values: Vec<Vec<f64>>,
    /// The class of each row, as an index into `classes`.
    pub targets: Vec<usize>,
}

impl Dataset {
    /// The built-in data set.
    ///
    /// # Errors
    /// If it has no column `label`.
    pub fn bundled(label: Option<&str>) -> Result<Self, Mistake> {
        Self::parse("iris.csv", IRIS, label)
    }

    /// Reads a file; `label` is the column with the classes, by default the last.
    ///
    /// # Errors
    /// If the file does not exist, is not a regular file, exceeds a limit, or is not such a table.
    pub fn open(path: &Path, label: Option<&str>) -> Result<Self, Mistake> {
        let shown = path.display().to_string();
        let bytes = read(path).map_err(|what| Mistake { file: shown.clone(), line: None, column: None, what })?;
        let mut dataset = Self::parse(&shown, &bytes, label)?;
        if let Some(name) = path.file_name() {
            dataset.name = name.to_string_lossy().into_owned();
        }
        Ok(dataset)
    }

    /// Reads a table from memory; `file` is its name in mistakes.
    ///
    /// # Errors
    /// As [`Dataset::open`].
    pub fn parse(file: &str, bytes: &[u8], label: Option<&str>) -> Result<Self, Mistake> {
        DatasetBuilder::read(bytes, label)
            .map(|table| table.finish(file, bytes.len()))
            .map_err(|(place, what)| place.mistake(file, what))
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.targets.len()
    }

    /// The number of columns, with the one of the classes.
    pub fn columns(&self) -> usize {
        self.features.len() + 1
    }
}

/// A mistake in a data set, with its place.
#[derive(Debug, PartialEq)]
pub struct Mistake {
    /// The file, as the caller named it.
    pub file: String,
    /// The line, from 1.
    pub line: Option<u64>,
    /// The column, from 1, and its name.
    pub column: Option<(usize, String)>,
    /// The kind of mistake.
    pub what: DatasetFault,
}

/// The kinds of mistakes in a data set.
#[derive(Debug, PartialEq)]
pub enum DatasetFault {
    /// It could not be opened or read.
    Unreadable(io::ErrorKind),
    /// It is a folder, a device or a pipe.
    NotAFile,
    /// It has more than [`MAX_BYTES`].
    TooLarge,
    /// All its lines are empty.
    Empty,
    /// It is not UTF-8 text, or contains a NUL.
    Binary,
    /// Its first line has numbers.
    NoHeader,
    /// It has one column; this may be its separator.
    OneColumn(Option<char>),
    /// It has more than [`MAX_COLUMNS`].
    TooManyColumns(usize),
    /// A column has no name.
    NoName,
    /// Two columns have this name.
    SameName,
    /// No column has the requested name; the columns of the file.
    NoSuchColumn(String, Vec<String>),
    /// A line has fewer or more values than the first: found, wanted.
    Ragged(usize, usize),
    /// A value is empty.
    NoValue,
    /// A value is not a number.
    NotANumber(String),
    /// It has more than [`MAX_VALUES`].
    TooManyValues,
    /// It has more than [`MAX_CLASSES`].
    TooManyClasses,
    /// It has no rows, or all rows have the same class.
    TooFewClasses(usize),
}

impl std::error::Error for Mistake {}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some((number, name)) = &self.column {
            write!(f, ", column {number}")?;
            if !name.is_empty() {
                write!(f, " ({})", excerpt(name))?;
            }
        }
        write!(f, ": {}", self.what)
    }
}

impl fmt::Display for DatasetFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(kind) => write!(f, "{kind}: name a file that you may read"),
            Self::NotAFile => write!(f, "not a regular file: name a file of comma-separated values"),
            Self::TooLarge => write!(f, "over {} MiB: take a part of its rows", MAX_BYTES >> 20),
            Self::Empty => {
                write!(
                    f,
                    "empty: it needs a line of column names, and under it a line of numbers and a class for each row"
                )
            }
            Self::Binary => write!(f, "not UTF-8 text: save it as comma-separated values in UTF-8"),
            Self::NoHeader => write!(
                f,
                "numbers where the names of the columns should be: add a first line such as width,height,kind"
            ),
            Self::OneColumn(None) => write!(f, "a single column: it needs numbers and a class, separated by commas"),
            Self::OneColumn(Some(separator)) => {
                write!(f, "a single column: its values seem to be separated by {separator:?}, separate them by commas")
            }
            Self::TooManyColumns(found) => write!(f, "{found} columns: leave at most {MAX_COLUMNS}"),
            Self::NoName => write!(f, "a column without a name: give it one"),
            Self::SameName => write!(f, "a second column of this name: give it another"),
            Self::NoSuchColumn(label, columns) => {
                write!(f, "no column {}: --label takes one of ", excerpt(label))?;
                for (index, column) in columns.iter().take(12).enumerate() {
                    write!(f, "{}{}", if index == 0 { "" } else { ", " }, excerpt(column))?;
                }
                if columns.len() > 12 { write!(f, ", …") } else { Ok(()) }
            }
            Self::Ragged(found, wanted) => {
                write!(
                    f,
                    "{} where the first line names {wanted} columns: write {wanted}, and quote a text that has a comma in it",
                    count(*found, "value")
                )
            }
            Self::NoValue => write!(f, "nothing: write a value, or leave the row out"),
            Self::NotANumber(text) => {
                write!(
                    f,
                    "{} where a number should be: write one such as 5.1, or name the column with the classes with --label",
                    excerpt(text)
                )
            }
            Self::TooManyValues => write!(f, "over {MAX_VALUES} numbers: take a part of the rows"),
            Self::TooManyClasses => {
                write!(
                    f,
                    "over {MAX_CLASSES} different classes: name a column with fewer different values with --label"
                )
            }
            Self::TooFewClasses(0) => {
                write!(f, "no rows: under the names, write a line of numbers and a class for each row")
            }
            Self::TooFewClasses(_) => {
                write!(f, "the same class in each row: name a column with at least two different values with --label")
            }
        }
    }
}

/// A value for a message: short, on one line, quoted.
fn excerpt(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("{short:?}")
}

fn read(path: &Path) -> Result<Vec<u8>, DatasetFault> {
    // Checked first, since opening a pipe waits for its other end.
    let kind = std::fs::metadata(path).map_err(|error| DatasetFault::Unreadable(error.kind()))?;
    if !kind.is_file() {
        return Err(DatasetFault::NotAFile);
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| DatasetFault::Unreadable(error.kind()))?;
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|error| DatasetFault::Unreadable(error.kind()))?;
    if bytes.len() > MAX_BYTES { Err(DatasetFault::TooLarge) } else { Ok(bytes) }
}

/// The place of a mistake in the text.
struct DatasetPlace {
    line: Option<u64>,
    column: Option<(usize, String)>,
}

impl DatasetPlace {
    const NONE: Self = Self { line: None, column: None };

    fn line(line: u64) -> Self {
        Self { line: Some(line), column: None }
    }

    fn cell(line: u64, index: usize, name: &str) -> Self {
        Self { line: Some(line), column: Some((index + 1, name.to_owned())) }
    }

    fn mistake(self, file: &str, what: DatasetFault) -> Mistake {
        Mistake { file: file.to_owned(), line: self.line, column: self.column, what }
    }
}

/// A table under construction.
struct DatasetBuilder {
    names: Vec<String>,
    label: usize,
    classes: Vec<String>,
    targets: Vec<usize>,
    /// The numbers of each column; empty for the column with the classes.
    values: Vec<Vec<f64>>,
}

impl DatasetBuilder {
    fn read(bytes: &[u8], label: Option<&str>) -> Result<Self, (DatasetPlace, DatasetFault)> {
        let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
        let text = text.ok_or((DatasetPlace::NONE, DatasetFault::Binary))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let mut table: Option<Self> = None;
        let mut record = csv::StringRecord::new();
        // The reader fails only if its source fails or is not UTF-8; a `str` in memory does neither.
        while lines.read_record(&mut record).unwrap_or(false) {
            let line = line_of(text, &record);
            match &mut table {
                None => table = Some(Self::header(line, &record, label)?),
                Some(table) => table.row(line, &record)?,
            }
        }
        let table = table.ok_or((DatasetPlace::NONE, DatasetFault::Empty))?;
        match table.classes.len() {
            0 => Err((DatasetPlace::NONE, DatasetFault::TooFewClasses(0))),
            1 => Err((DatasetPlace { line: None, column: table.name(table.label) }, DatasetFault::TooFewClasses(1))),
            _ => Ok(table),
        }
    }

    fn header(
        line: u64,
        record: &csv::StringRecord,
        label: Option<&str>,
    ) -> Result<Self, (DatasetPlace, DatasetFault)> {
        if record.iter().any(|name| name.parse::<f64>().is_ok()) {
            return Err((DatasetPlace::line(line), DatasetFault::NoHeader));
        }
        let names: Vec<String> = record.iter().map(str::to_owned).collect();
        match names.as_slice() {
            [only] => {
                let separator = [';', '\t', '|', ' '].into_iter().find(|separator| only.contains(*separator));
                return Err((DatasetPlace::line(line), DatasetFault::OneColumn(separator)));
            }
            more if more.len() > MAX_COLUMNS => {
                return Err((DatasetPlace::line(line), DatasetFault::TooManyColumns(more.len())));
            }
            _ => {}
        }
        for (index, name) in names.iter().enumerate() {
            if name.is_empty() {
                return Err((DatasetPlace::cell(line, index, name), DatasetFault::NoName));
            }
            if names.iter().take(index).any(|earlier| earlier == name) {
                return Err((DatasetPlace::cell(line, index, name), DatasetFault::SameName));
            }
        }
        let label = match label {
            None => names.len() - 1,
            Some(label) => match names.iter().position(|name| name == label) {
                Some(index) => index,
                None => return Err((DatasetPlace::line(line), DatasetFault::NoSuchColumn(label.to_owned(), names))),
            },
        };
        let values = vec![Vec::new(); names.len()];
        Ok(Self { names, label, classes: Vec::new(), targets: Vec::new(), values })
    }

    fn row(&mut self, line: u64, record: &csv::StringRecord) -> Result<(), (DatasetPlace, DatasetFault)> {
        if record.len() != self.names.len() {
            return Err((DatasetPlace::line(line), DatasetFault::Ragged(record.len(), self.names.len())));
        }
        for (index, ((cell, name), values)) in record.iter().zip(&self.names).zip(&mut self.values).enumerate() {
            let fault = |what| (DatasetPlace::cell(line, index, name), what);
            if cell.is_empty() {
                return Err(fault(DatasetFault::NoValue));
            }
            if index == self.label {
                let class = self.classes.iter().position(|class| class == cell).unwrap_or(self.classes.len());
                if class == MAX_CLASSES {
                    return Err(fault(DatasetFault::TooManyClasses));
                }
                if class == self.classes.len() {
                    self.classes.push(cell.to_owned());
                }
                self.targets.push(class);
            } else {
                match cell.parse::<f64>() {
                    Ok(value) if value.is_finite() => values.push(value),
                    _ => return Err(fault(DatasetFault::NotANumber(cell.to_owned()))),
                }
            }
        }
        if self.targets.len() * (self.names.len() - 1) > MAX_VALUES {
            Err((DatasetPlace::line(line), DatasetFault::TooManyValues))
        } else {
            Ok(())
        }
    }

    fn name(&self, index: usize) -> Option<(usize, String)> {
        self.names.get(index).map(|name| (index + 1, name.clone()))
    }

    fn finish(mut self, file: &str, bytes: usize) -> Dataset {
        self.names.remove(self.label);
        self.values.remove(self.label);
        Dataset {
            name: file.to_owned(),
            bytes,
            features: self.names,
            classes: self.classes,
            values: self.values,
            targets: self.targets,
        }
    }
}

/// The line of a record's first value: the reader's position is before the empty lines.
fn line_of(text: &str, record: &csv::StringRecord) -> u64 {
    let Some(position) = record.position() else { return 1 };
    let rest = usize::try_from(position.byte()).ok().and_then(|start| text.get(start..)).unwrap_or_default();
    let skipped = rest.chars().take_while(|c| matches!(c, '\r' | '\n')).filter(|c| *c == '\n').count();
    position.line() + skipped as u64
}

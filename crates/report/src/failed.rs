//! Why there is no report.

use std::fmt;
use std::io;
use std::path::Path;

use arrow::error::ArrowError;
use parquet::errors::ParquetError;

/// A result of this crate.
pub type Result<T, E = ReportError> = std::result::Result<T, E>;

/// Why there is no report.
#[derive(Debug)]
pub enum ReportError {
    /// A file or folder can't be read or written; the text names it.
    File(io::Error),
    /// The input or an option is wrong; the text says what to do.
    Input(String),
    /// Arrow refuses a batch.
    Arrow(ArrowError),
    /// A Parquet file can't be read or written.
    Parquet(ParquetError),
}

impl ReportError {
    /// A file or folder can't be read or written.
    pub fn at(path: &Path, error: &io::Error) -> Self {
        Self::File(io::Error::new(error.kind(), format!("{}: {error}", path.display())))
    }
}

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => error.fmt(f),
            Self::Input(text) => f.write_str(text),
            Self::Arrow(error) => error.fmt(f),
            Self::Parquet(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReportError {}

impl From<io::Error> for ReportError {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl From<ArrowError> for ReportError {
    fn from(error: ArrowError) -> Self {
        Self::Arrow(error)
    }
}

impl From<ParquetError> for ReportError {
    fn from(error: ParquetError) -> Self {
        Self::Parquet(error)
    }
}

//! Why there is no report.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use arrow::error::ArrowError;
use parquet::errors::ParquetError;

/// A result of this crate.
pub type Result<T, E = ReportError> = std::result::Result<T, E>;

/// Why there is no report.
#[derive(Debug)]
pub enum ReportError {
    /// A file or folder can't be read or written.
    File(PathBuf, io::Error),
    /// Standard output or standard error can't be written to.
    Output(io::Error),
    /// The input or an option is wrong; the text says what to do.
    Input(String),
    /// Arrow refuses a batch.
    Arrow(ArrowError),
    /// A Parquet file can't be read or written.
    Parquet(PathBuf, ParquetError),
}

impl ReportError {
    /// A file or folder can't be read or written.
    pub fn at(path: &Path, error: io::Error) -> Self {
        Self::File(path.to_owned(), error)
    }

    /// A Parquet file can't be read or written.
    pub fn parquet(path: &Path, error: ParquetError) -> Self {
        Self::Parquet(path.to_owned(), error)
    }
}

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Output(error) => write!(f, "the output can't be written: {error}"),
            Self::Input(text) => f.write_str(text),
            Self::Arrow(error) => error.fmt(f),
            Self::Parquet(path, ParquetError::External(error)) => write!(f, "{}: {error}", path.display()),
            Self::Parquet(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for ReportError {}

impl From<ArrowError> for ReportError {
    fn from(error: ArrowError) -> Self {
        Self::Arrow(error)
    }
}

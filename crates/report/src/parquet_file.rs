//! Parquet files on the disk: temporary ones, and those of the operator.
//!
//! They hold ids, so they are private: a file and its folder are the owner's alone. A file appears under its name when it is
//! complete.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::failed::{ReportError, Result};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

/// A file that is not complete yet.
pub struct PartialParquet {
    writer: ArrowWriter<File>,
    partial: PathBuf,
    path: PathBuf,
}

impl PartialParquet {
    /// A file that only this process reads.
    ///
    /// # Errors
    /// The file can't be created.
    pub fn temporary(path: &Path, schema: &SchemaRef) -> Result<Self> {
        // What is read once is not worth the time of a better compression.
        Self::create(path, schema, Compression::LZ4_RAW, 1 << 17)
    }

    /// The operator's file.
    ///
    /// # Errors
    /// The file can't be created.
    pub fn flat(path: &Path, schema: &SchemaRef) -> Result<Self> {
        Self::create(path, schema, Compression::ZSTD(ZstdLevel::default()), 1 << 18)
    }

    fn create(path: &Path, schema: &SchemaRef, compression: Compression, rows: usize) -> Result<Self> {
        let properties =
            WriterProperties::builder().set_compression(compression).set_max_row_group_row_count(Some(rows)).build();
        let partial = path.with_extension("partial");
        let file = create(&partial).map_err(|error| ReportError::at(&partial, error))?;
        let writer = ArrowWriter::try_new(file, Arc::clone(schema), Some(properties));
        let writer = writer.map_err(|error| ReportError::parquet(&partial, error))?;
        Ok(Self { writer, partial, path: path.to_owned() })
    }

    /// Adds rows.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.writer.write(batch).map_err(|error| ReportError::parquet(&self.partial, error))
    }

    /// Completes the file and gives it its name.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn finish(self) -> Result<()> {
        self.writer.close().map_err(|error| ReportError::parquet(&self.partial, error))?;
        fs::rename(&self.partial, &self.path).map_err(|error| ReportError::at(&self.path, error))
    }
}

/// Creates a file for its owner alone; one that an interrupted run has left is replaced.
fn create(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Creates a folder for its owner alone, if there is none. Whom one that is there is for, is the operator's decision.
///
/// # Errors
/// The folder can't be created, or the path leads to something else.
pub fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

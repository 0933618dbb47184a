//! The folder of a report while a run writes to it: one run at a time, with a private folder for what is not complete.
//!
//! A run that is killed leaves its private folder. The next one removes it, which is safe because it holds the lock.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

use tempfile::TempDir;

use crate::failed::{ReportError, Result};
use crate::parquet_file::private_folder;

/// The name of the private folder. Earlier versions had the number of the process behind it.
const NAME: &str = ".partial";

/// The private folder, which is removed at the end. No other run writes to the same report until then.
pub struct PartialFolder {
    folder: TempDir,
    _lock: File,
}

impl PartialFolder {
    /// Makes the report's folder if it is not there, and the private one in it. `on_temporary` gets the private one's path
    /// before it is made.
    ///
    /// # Errors
    /// Another run writes to the report, or a folder can't be written to.
    pub fn create(out: &Path, on_temporary: &dyn Fn(&Path)) -> Result<Self> {
        let named = |error: io::Error| ReportError::at(out, error);
        private_folder(out).map_err(named)?;
        let lock = lock(out)?;
        remove_old(out).map_err(named)?;
        // Known before it is there, so that no moment is without someone who removes it.
        on_temporary(&out.join(NAME));
        let mut builder = tempfile::Builder::new();
        builder.prefix(NAME).rand_bytes(0);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        Ok(Self { folder: builder.tempdir_in(out).map_err(named)?, _lock: lock })
    }

    /// The private folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

fn lock(out: &Path) -> Result<File> {
    let path = out.join("report.lock");
    let open = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = open.map_err(|error| ReportError::at(&path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let why = "another report is being written to this folder; wait for its end";
            Err(ReportError::Input(format!("{}: {why}", out.display())))
        }
        Err(TryLockError::Error(error)) => Err(ReportError::at(&path, error)),
    }
}

/// Removes what killed runs have left.
fn remove_old(out: &Path) -> io::Result<()> {
    for entry in fs::read_dir(out)? {
        let entry = entry?;
        let name = entry.file_name();
        let rest = name.to_str().and_then(|name| name.strip_prefix(NAME));
        let is_number =
            |rest: &str| rest.strip_prefix('-').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
        if rest.is_some_and(|rest| rest.is_empty() || is_number(rest)) && entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        }
    }
    let records = match fs::read_dir(out.join("records")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        records => records?,
    };
    for entry in records {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "partial") {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

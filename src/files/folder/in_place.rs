//! Overwrites a file in place: for a no, when no other write succeeds.

use super::{CAREFUL, Folder, file_error, fits, is_regular};
use crate::files::FileError;
use rustix::fs::{Mode, OFlags};
use std::fs::File;
use std::io::Write as _;

impl Folder {
    /// Writes a file in place, without a lock, also in a folder that others may write to. It needs no space for a
    /// second file, and no space at all if the file exists. Only for content whose every beginning, even an empty one,
    /// has the meaning of the whole: a killed process and a full disk leave a beginning, which counts as success.
    pub(crate) fn write_in_place(&self, name: &str, content: &[u8]) -> Result<(), FileError> {
        let flags = OFlags::WRONLY | OFlags::CREATE | CAREFUL;
        let mode = Mode::RUSR | Mode::WUSR;
        let opened = rustix::fs::openat(self.get()?, name, flags, mode);
        let mut file: File = opened.map_err(file_error)?.into();
        let found = rustix::fs::fstat(&file).map_err(file_error)?;
        // A file with a second name may be a backup.
        if !is_regular(&found) || found.st_nlink != 1 {
            return Err(FileError::NotAFile);
        }
        if found.st_uid != rustix::process::getuid().as_raw() {
            return Err(FileError::Owner);
        }
        rustix::fs::fchmod(&file, mode).map_err(file_error)?;
        file.set_len(0)?;
        if fits(content.len() as u64).is_ok() {
            // A failed write leaves a beginning.
            let _ = file.write_all(content);
        }
        file.sync_all()?;
        self.sync();
        Ok(())
    }
}

//! A file that is written where it is, for a no that fits nowhere else.

use super::{CAREFUL, Folder, file_error, fits, is_regular};
use crate::files::FileError;
use rustix::fs::{Mode, OFlags};
use std::fs::File;
use std::io::Write as _;

impl Folder {
    /// Writes a file in place, without a lock, in a folder that others may write to as well. It needs no room for a second
    /// file, and none at all where the file is there already. For content of which every beginning, an empty file too, is
    /// understood as the whole is: a killed process and a full disk leave only a beginning, which counts as success.
    pub(crate) fn write_in_place(&self, name: &str, content: &[u8]) -> Result<(), FileError> {
        let flags = OFlags::WRONLY | OFlags::CREATE | CAREFUL;
        let mode = Mode::RUSR | Mode::WUSR;
        let opened = rustix::fs::openat(self.get()?, name, flags, mode);
        let mut file: File = opened.map_err(file_error)?.into();
        let found = rustix::fs::fstat(&file).map_err(file_error)?;
        // What has a second name is a backup too, say.
        if !is_regular(&found) || found.st_nlink != 1 {
            return Err(FileError::NotAFile);
        }
        if found.st_uid != rustix::process::getuid().as_raw() {
            return Err(FileError::Owner);
        }
        rustix::fs::fchmod(&file, mode).map_err(file_error)?;
        file.set_len(0)?;
        if fits(content.len() as u64).is_ok() {
            // What can't be written whole leaves a beginning.
            let _ = file.write_all(content);
        }
        file.sync_all()?;
        // There are file systems that know no such thing.
        let _ = self.get().map(File::sync_all);
        Ok(())
    }
}

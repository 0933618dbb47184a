//! Replaces and deletes files, and overwrites the old content.

use super::{CAREFUL, FileError, Folder, file_error, fits, is_regular};
use crate::limits::MAX_OWN_FILE;
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io::Write as _;

/// A file that was replaced or deleted, still open.
pub(in crate::files) struct OldFile(File);

impl Folder {
    /// Renames a file over another, and returns the other, if it could be opened.
    pub(in crate::files) fn rename_over(&self, from: &str, to: &str) -> Result<Option<OldFile>, FileError> {
        let old = self.held(to);
        self.rename(from, to)?;
        Ok(old)
    }

    /// Deletes a file, and overwrites its content; returns whether there was one.
    pub(in crate::files) fn discard(&self, name: &str) -> Result<bool, FileError> {
        let old = self.held(name);
        match rustix::fs::unlinkat(self.get()?, name, AtFlags::empty()) {
            Ok(()) => {
                old.into_iter().for_each(|old| self.overwrite(old));
                Ok(true)
            }
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(file_error(error)),
        }
    }

    /// Opens a file before it is deleted or replaced, if possible.
    fn held(&self, name: &str) -> Option<OldFile> {
        let flags = OFlags::WRONLY | CAREFUL;
        let old = rustix::fs::openat(self.get().ok()?, name, flags, Mode::empty()).ok()?;
        Some(OldFile(old.into()))
    }

    /// Overwrites a file that has lost its only name, and syncs it: the system may never write back the content of a
    /// deleted file.
    #[expect(clippy::unused_self, reason = "on Windows, the file is in the folder")]
    pub(in crate::files) fn overwrite(&self, OldFile(mut file): OldFile) {
        let Ok(found) = rustix::fs::fstat(&file) else { return };
        if is_regular(&found) && found.st_nlink == 0 {
            let length = u64::try_from(found.st_size).unwrap_or_default().min(MAX_OWN_FILE);
            let zeros = vec![0; usize::try_from(length).unwrap_or_default()];
            if fits(length).is_ok() {
                let _ = file.write_all(&zeros).and_then(|()| file.sync_data());
            }
        }
    }
}

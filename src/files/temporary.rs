//! Temporary files, which are written whole and then renamed into place.

use super::folder::{file_id, fits};
use super::{FileError, FileId, Folder};
use std::fs::File;
use std::io::{ErrorKind, Write as _};

/// A temporary name for `name`.
pub(super) fn name(name: &str) -> Result<String, FileError> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|_| FileError::System(ErrorKind::Other))?;
    Ok(format!(".{name}.{:016x}", u64::from_ne_bytes(random)))
}

/// Whether `found` is a temporary name for `name`.
fn is_of(found: &str, name: &str) -> bool {
    let random =
        found.strip_prefix('.').and_then(|rest| rest.strip_prefix(name)).and_then(|rest| rest.strip_prefix('.'));
    random.is_some_and(|random| random.len() == 16 && u64::from_str_radix(random, 16).is_ok())
}

impl Folder {
    /// Whether files can be written here: writes a test file.
    pub(crate) fn is_writable(&self) -> Result<(), FileError> {
        self.temporary("probe", |_| vec![b'\n'], |_, temporary| self.remove(temporary))
    }

    /// Whether the names of all entries are such; false if that can't be found out.
    pub(crate) fn has_only(&self, is_such: impl Fn(&[u8]) -> bool) -> bool {
        let mut has_only = true;
        let read = self.names(|name| {
            has_only = [b".".as_slice(), b".."].contains(&name) || is_such(name);
            has_only
        });
        read.is_ok() && has_only
    }

    /// Whether a file of this name exists, or a temporary one of a killed process.
    pub(super) fn has(&self, name: &str) -> Result<bool, FileError> {
        Ok(self.exists(name)? || !self.temporaries(name)?.is_empty())
    }

    /// The temporary files of a name that killed processes left.
    pub(super) fn temporaries(&self, name: &str) -> Result<Vec<String>, FileError> {
        let mut names = Vec::new();
        self.names(|found| {
            names.extend(str::from_utf8(found).ok().filter(|found| is_of(found, name)).map(str::to_owned));
            true
        })?;
        Ok(names)
    }

    /// Replaces a file, in a folder that may be anyone's: without its lock.
    #[cfg_attr(
        not(feature = "clap"),
        expect(dead_code, reason = "the subcommand alone writes files of a person's choice")
    )]
    pub(crate) fn replace(&self, name: &str, content: Vec<u8>) -> Result<(), FileError> {
        self.temporary(name, |_| content, |_, temporary| self.rename(temporary, name))
    }

    /// Makes a file under a temporary name, and has it placed.
    pub(super) fn temporary(
        &self,
        name: &str,
        content: impl FnOnce(FileId) -> Vec<u8>,
        place: impl FnOnce(&File, &str) -> Result<(), FileError>,
    ) -> Result<(), FileError> {
        let temporary = self::name(name)?;
        let mut file = self.create(&temporary)?;
        let placed = file_id(&file).and_then(|mark| {
            let content = content(mark);
            fits(content.len() as u64)?;
            file.write_all(&content)?;
            place(&file, &temporary)
        });
        if placed.is_err() {
            let _ = self.remove(&temporary);
        }
        placed
    }
}

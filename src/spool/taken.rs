//! A file that an uploader has locked: its lines, and its end.

use super::name::Name;
use crate::files::{FileError, Folder, Found, Locked, REPLACES_OPEN_FILES, fits};
use crate::limits::{MAX_LINE, READ_BUFFER};
use crate::registry::SignalKind;
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::time::SystemTime;

/// A finished file, locked so that no other process takes it. Dropping it leaves it unchanged.
pub struct LockedFile<'q> {
    disk: &'q Folder,
    name: Name,
    found: Found,
    file: BufReader<Held>,
    line: Vec<u8>,
    /// The start of the line that was returned last.
    began: u64,
    /// The number of bytes read, and of bytes delivered.
    read: u64,
    delivered: u64,
    dropped: Dropped,
}

/// The file, shared with a watcher.
struct Held(Arc<Locked>);

impl Read for Held {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.get()?.read(bytes)
    }
}

impl Seek for Held {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.get()?.seek(to)
    }
}

/// Lines that were skipped, by reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Dropped {
    /// More than [`MAX_LINE`] bytes.
    pub too_long: u64,
    /// A NUL byte in it: a process continued after a short write, or a file system left this after a crash.
    pub nul: u64,
    /// The last line, without its LF: the process was killed meanwhile, or the disk was full.
    pub incomplete: u64,
}

impl<'q> LockedFile<'q> {
    pub(super) fn take(disk: &'q Folder, name: Name) -> Option<Self> {
        let (file, found) = disk.try_lock_ours(&name.to_string())?;
        let file = BufReader::with_capacity(READ_BUFFER, Held(Arc::new(file)));
        let dropped = Dropped::default();
        Some(Self { disk, name, found, file, line: Vec::new(), began: 0, read: 0, delivered: 0, dropped })
    }

    /// The signal of its records.
    pub fn kind(&self) -> SignalKind {
        self.name.kind
    }

    /// The number in its name, which both files of one process share.
    pub fn stem(&self) -> u64 {
        self.name.stem
    }

    /// The time of its last write.
    pub fn modified(&self) -> SystemTime {
        self.found.modified
    }

    /// Returns a check of whether another process deleted the file while it is locked here: then nothing in it may be
    /// sent any more.
    pub fn watch(&self) -> impl Fn() -> bool + Send + use<> {
        let (file, is_deleted) = (Arc::downgrade(&self.file.get_ref().0), self.disk.watch(&self.name.to_string()));
        move || file.upgrade().is_some_and(|file| is_deleted(&file))
    }

    /// The lines skipped so far.
    pub fn dropped(&self) -> Dropped {
        self.dropped
    }

    /// The next line without its LF: not empty, at most [`MAX_LINE`] bytes, without NUL; `None` at the end. It may be
    /// neither JSON nor text.
    ///
    /// # Errors
    /// If the disk can't be read.
    pub fn next_line(&mut self) -> Result<Option<&[u8]>, FileError> {
        loop {
            self.line.clear();
            self.began = self.read;
            let most = MAX_LINE as u64 + 1;
            let read = self.file.by_ref().take(most).read_until(b'\n', &mut self.line)? as u64;
            self.read += read;
            if self.line.pop_if(|last| *last == b'\n').is_none() {
                if read == 0 {
                    return Ok(None);
                }
                if read < most {
                    self.dropped.incomplete += 1;
                } else {
                    self.dropped.too_long += 1;
                    self.skip_line()?;
                }
            } else if self.line.contains(&0) {
                self.dropped.nul += 1;
            } else if !self.line.is_empty() {
                break;
            }
        }
        Ok(Some(&self.line))
    }

    /// Skips the rest of a line.
    fn skip_line(&mut self) -> Result<(), FileError> {
        loop {
            let chunk = self.file.fill_buf()?;
            let end = chunk.iter().position(|&byte| byte == b'\n');
            let len = end.map_or(chunk.len(), |end| end + 1);
            self.file.consume(len);
            self.read += len as u64;
            if end.is_some() || len == 0 {
                return Ok(());
            }
        }
    }

    /// Marks every line that was returned so far as delivered or permanently refused.
    pub fn deliver(&mut self) {
        self.delivered = self.read;
    }

    /// Like [`Self::deliver`], except for the line that was returned last.
    pub fn deliver_before(&mut self) {
        self.delivered = self.began;
    }

    /// Deletes the file: every line is delivered or permanently refused.
    ///
    /// # Errors
    /// If it can't be deleted: then it will be sent again.
    pub fn finish(self) -> Result<(), FileError> {
        match self.disk.remove(&self.name.to_string()) {
            Err(FileError::System(ErrorKind::NotFound)) | Ok(()) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Keeps the undelivered rest for another run, with its age.
    ///
    /// # Errors
    /// If the rest can't be written: then the whole file stays, and the delivered part will be sent again.
    pub fn keep(mut self) -> Result<(), FileError> {
        if self.delivered == 0 {
            return Ok(());
        }
        if self.delivered >= self.found.size {
            return self.finish();
        }
        let temporary = self.name.temporary();
        // The temporary file of a killed process. No other process makes one while this file is locked.
        let _ = self.disk.remove(&temporary);
        let disk = self.disk;
        let written = self.write_rest(&temporary).and_then(|rest| self.replace(&temporary, rest));
        match written {
            // The queue was deleted.
            Ok(()) | Err(FileError::System(ErrorKind::NotFound)) => Ok(()),
            Err(error) => {
                let _ = disk.remove(&temporary);
                Err(error)
            }
        }
    }

    /// Puts the rest in the place of the file, whose lock is held until then where the system allows it. Otherwise another
    /// process may take the file in between, and both are sent.
    fn replace(self, temporary: &str, _rest: Locked) -> Result<(), FileError> {
        let (disk, name) = (self.disk, self.name.to_string());
        let _held = REPLACES_OPEN_FILES.then_some(self.file);
        disk.rename(temporary, &name)
    }

    fn write_rest(&mut self, temporary: &str) -> Result<Locked, FileError> {
        let held = Locked::take(self.disk.create(temporary)?)?;
        let mut rest = held.get()?;
        fits(self.found.size.saturating_sub(self.delivered))?;
        self.file.seek(SeekFrom::Start(self.delivered))?;
        io::copy(&mut self.file, &mut rest)?;
        rest.set_modified(self.found.modified)?;
        // An uploader may wait for the disk: a power loss must not leave an empty file in place of a full one.
        rest.sync_all()?;
        Ok(held)
    }
}

//! The reading side of the spool: the files of all processes of one app.

use super::disk;
use super::name::Name;
use super::{LockedFile, Receiver};
use crate::files::{FileError, Folder};
use crate::limits::{MAX_COUNTED, MAX_LISTED};
use std::collections::BinaryHeap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The queue of one app for one receiver. Entries with other names, links, pipes, folders, files with several hard
/// links and files that another user owns or may write to are neither read nor removed.
pub struct Queue {
    pub(super) disk: Folder,
    state: PathBuf,
    receiver: Receiver,
}

/// The queued files, finished or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Waiting {
    /// The number of files.
    pub files: u64,
    /// Their size in bytes.
    pub bytes: u64,
    /// The number of their lines, which are records; not counted above 8 MiB.
    pub records: Option<u64>,
    /// The last write to the oldest file.
    pub oldest: Option<SystemTime>,
}

/// A file before it is locked, ordered by age.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct QueuedFile {
    pub(super) modified: SystemTime,
    pub(super) name: Name,
    pub(super) size: u64,
}

impl Queue {
    /// Opens the queue below a state folder; `None` if there is none. Makes nothing.
    ///
    /// # Errors
    /// If it can't be opened, or another user could write to it.
    pub fn open(state: &Path, receiver: &Receiver) -> Result<Option<Self>, FileError> {
        let disk = disk::open(state, receiver)?;
        Ok(disk.map(|disk| Self { disk, state: state.to_owned(), receiver: *receiver }))
    }

    /// The folders of other receivers.
    pub(super) fn others(&self) -> Result<Vec<Folder>, FileError> {
        disk::others(&self.state, &self.receiver)
    }

    /// The finished files, oldest first by the time of their last record, then by name. If there are more than
    /// [`MAX_LISTED`], the oldest of them.
    ///
    /// # Errors
    /// If the folder can't be listed.
    pub fn finished(&self) -> Result<Finished<'_>, FileError> {
        let mut oldest = BinaryHeap::new();
        each(&self.disk, |entry| {
            oldest.push(entry);
            if oldest.len() > MAX_LISTED {
                oldest.pop();
            }
        })?;
        Ok(Finished { disk: &self.disk, entries: oldest.into_sorted_vec().into_iter() })
    }

    /// Like [`Queue::finished`], but starts after the last file with this number; the files before it come at the end.
    ///
    /// # Errors
    /// As [`Queue::finished`].
    pub fn finished_after(&self, stem: Option<u64>) -> Result<Finished<'_>, FileError> {
        let Finished { disk, entries } = self.finished()?;
        let mut order: Vec<_> = entries.collect();
        let at = order.iter().rposition(|entry| Some(entry.name.stem) == stem);
        order.rotate_left(at.map_or(0, |at| at + 1));
        Ok(Finished { disk, entries: order.into_iter() })
    }

    /// The queued files. None is locked.
    ///
    /// # Errors
    /// If the folder can't be listed.
    pub fn waiting(&self) -> Result<Waiting, FileError> {
        waiting(std::slice::from_ref(&self.disk))
    }

    /// The queued files of other receivers: they are never sent to this one.
    ///
    /// # Errors
    /// If a folder can't be listed.
    pub fn waiting_elsewhere(state: &Path, receiver: &Receiver) -> Result<Waiting, FileError> {
        waiting(&disk::others(state, receiver)?)
    }
}

fn waiting(disks: &[Folder]) -> Result<Waiting, FileError> {
    let mut waiting = Waiting { records: Some(0), ..Waiting::default() };
    let mut buffer = vec![0; 64 * 1024];
    for disk in disks {
        each(disk, |entry| {
            let bytes = waiting.bytes.saturating_add(entry.size);
            if let Some(records) = waiting.records.filter(|_| bytes <= MAX_COUNTED) {
                // Another process removed it meanwhile, or it is foreign: an open file shows more than a listed one.
                let Some(file) = disk.open_ours(&entry.name.to_string()) else { return };
                waiting.records = lines(file.take(entry.size), &mut buffer).map(|lines| records + lines);
            } else {
                waiting.records = None;
            }
            waiting.files += 1;
            waiting.bytes = bytes;
            waiting.oldest = Some(waiting.oldest.map_or(entry.modified, |oldest| oldest.min(entry.modified)));
        })?;
    }
    Ok(waiting)
}

fn lines(mut file: impl Read, buffer: &mut [u8]) -> Option<u64> {
    let mut lines: u64 = 0;
    loop {
        let read = file.read(buffer).ok()?;
        let bytes = buffer.get(..read).filter(|bytes| !bytes.is_empty());
        let Some(bytes) = bytes else { return Some(lines) };
        lines += bytes.iter().filter(|&&byte| byte == b'\n').count() as u64;
    }
}

/// Every file with a final name, in any order.
pub(super) fn each(disk: &Folder, mut each: impl FnMut(QueuedFile)) -> Result<(), FileError> {
    disk.names(|name| {
        if let Some(name) = Name::parse(name)
            && let Some(found) = disk.look(&name.to_string())
        {
            each(QueuedFile { modified: found.modified, name, size: found.size });
        }
        true
    })
}

/// Finished files; each is locked when the iterator reaches it.
pub struct Finished<'q> {
    disk: &'q Folder,
    entries: std::vec::IntoIter<QueuedFile>,
}

impl<'q> Iterator for Finished<'q> {
    type Item = LockedFile<'q>;

    fn next(&mut self) -> Option<Self::Item> {
        self.entries.find_map(|entry| LockedFile::take(self.disk, entry.name))
    }
}

//! The taking side of the spool: the files of all processes of one app.

use super::disk;
use super::name::Name;
use super::{LockedFile, Receiver};
use crate::files::{FileError, Folder};
use crate::limits::{MAX_COUNTED, MAX_LISTED};
use std::collections::BinaryHeap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The queue of one app for one receiver. Names of another form than ours, links, pipes, folders, files with several names and files that
/// somebody else owns or may write to are not looked into and not removed.
pub struct Queue {
    pub(super) disk: Folder,
    state: PathBuf,
    receiver: Receiver,
}

/// What waits, finished or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Waiting {
    /// How many files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Their lines, which are records; not counted where there are more than 8 MiB to read.
    pub records: Option<u64>,
    /// When the file was last written to that has waited longest.
    pub oldest: Option<SystemTime>,
}

/// A file before it is taken: the order is that of age.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct QueuedFile {
    pub(super) modified: SystemTime,
    pub(super) name: Name,
    pub(super) size: u64,
}

impl Queue {
    /// Opens the queue below a state folder; `None` if there is none. Nothing is made.
    ///
    /// # Errors
    /// When it can't be opened, or somebody else could write to it.
    pub fn open(state: &Path, receiver: &Receiver) -> Result<Option<Self>, FileError> {
        let disk = disk::open(state, receiver)?;
        Ok(disk.map(|disk| Self { disk, state: state.to_owned(), receiver: *receiver }))
    }

    /// The folders of other receivers.
    pub(super) fn others(&self) -> Result<Vec<Folder>, FileError> {
        disk::others(&self.state, &self.receiver)
    }

    /// The finished files, oldest first by the time of their last record, of equal times by name. Of more than
    /// [`MAX_LISTED`] files these are the oldest.
    ///
    /// # Errors
    /// When the folder can't be listed.
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

    /// As [`Queue::finished`], but it begins behind the last file with this number; those before it come at the end.
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

    /// What waits. Nothing is taken for it.
    ///
    /// # Errors
    /// When the folder can't be listed.
    pub fn waiting(&self) -> Result<Waiting, FileError> {
        waiting(std::slice::from_ref(&self.disk))
    }

    /// What waits for other receivers than this one: it is never sent to this one.
    ///
    /// # Errors
    /// When a folder can't be listed.
    pub fn waiting_elsewhere(state: &Path, receiver: &Receiver) -> Result<Waiting, FileError> {
        waiting(&disk::others(state, receiver)?)
    }
}

fn waiting(disks: &[Folder]) -> Result<Waiting, FileError> {
    let mut waiting = Waiting { records: Some(0), ..Waiting::default() };
    let mut buffer = vec![0; 64 * 1024];
    for disk in disks {
        each(disk, |entry| {
            waiting.files += 1;
            waiting.bytes = waiting.bytes.saturating_add(entry.size);
            waiting.oldest = Some(waiting.oldest.map_or(entry.modified, |oldest| oldest.min(entry.modified)));
            let records = waiting.records.filter(|_| waiting.bytes <= MAX_COUNTED);
            waiting.records = records.and_then(|records| Some(records + lines(disk, entry, &mut buffer)?));
        })?;
    }
    Ok(waiting)
}

fn lines(disk: &Folder, entry: QueuedFile, buffer: &mut [u8]) -> Option<u64> {
    // It was taken meanwhile.
    let Some(file) = disk.open_ours(&entry.name.to_string()) else { return Some(0) };
    let mut file = file.take(entry.size);
    let mut lines: u64 = 0;
    loop {
        let read = file.read(buffer).ok()?;
        let bytes = buffer.get(..read).filter(|bytes| !bytes.is_empty());
        let Some(bytes) = bytes else { return Some(lines) };
        lines += bytes.iter().filter(|&&byte| byte == b'\n').count() as u64;
    }
}

/// Every file in its place, in no order.
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

/// Finished files, each taken when it is asked for.
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

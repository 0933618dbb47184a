//! The recording side: a file for each signal, and one write per record.

use super::disk;
use super::growing::{AppendError, OpenFile, TORN};
use super::name::Name;
use super::{Limits, Loss, Receiver, SpoolCounts, add_losses};
use crate::consent::Switch;
use crate::encode::{Encoder, Format};
use crate::files::{FOLDERS_STAY, FileError, Folder};
use crate::limits::{MAX_BATCH, MAX_LINE, MAX_WRITE_FAILURES, NAME_TRIES};
use crate::privacy::{Clean, DropCounts, LossReason, Record, Sink};
use crate::process::PerProcess;
use crate::registry::SignalKind;
use crate::sync::lock;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The recording side of the spool: a sink that writes each record to a file of this process.
///
/// It never lists the queue and never blocks except on the disk. Failures are counted in [`Spool::recorded`], and at the
/// end on disk, for `status`. Dropping it closes its files and writes nothing; [`Sink::close`] writes the buffered
/// records.
pub struct Spool {
    disk: Folder,
    state: PathBuf,
    switch: Switch,
    limits: Limits,
    batch: u64,
    on_full: Option<Box<dyn Fn() + Send + Sync>>,
    on_end: Option<Box<dyn Fn() + Send + Sync>>,
    on_close: Option<Box<dyn Fn(Duration) + Send + Sync>>,
    forked: Option<Box<OnFork>>,
    own: PerProcess<Own>,
    accepted: AtomicU64,
    recorded: SpoolCounts,
    withheld: Arc<DropCounts>,
    quiet: AtomicU8,
}

/// Makes the encoder and the file number of a forked process.
type OnFork = dyn Fn() -> Option<(Encoder, u64)> + Send + Sync;

/// The files of one process.
struct Own {
    encoder: Arc<Encoder>,
    sides: [Mutex<Side>; 2],
}

impl Own {
    fn new(encoder: Arc<Encoder>, stem: u64) -> Self {
        let side = |kind| Mutex::new(Side { kind, stem, file: None, buffer: TORN.to_vec(), lines: 0, failures: 0 });
        Self { encoder, sides: [side(SignalKind::Span), side(SignalKind::Event)] }
    }

    /// The state of a process that was forked from this one's. The parent's files are closed here: otherwise they would
    /// stay locked, and so unfinished, while this process lives. The parent keeps its buffer.
    fn forked(&self, forked: Option<&OnFork>) -> Self {
        for side in &self.sides {
            // A file that a thread of the parent was using at the fork stays open.
            if let Ok(mut side) = side.try_lock() {
                side.file = None;
            }
        }
        // The same number: its first name is taken, so another one is drawn.
        let stem = self.sides.iter().find_map(|side| side.try_lock().ok().map(|side| side.stem)).unwrap_or_default();
        match forked.and_then(|forked| forked()) {
            Some((encoder, stem)) => Self::new(Arc::new(encoder), stem),
            None => Self::new(Arc::clone(&self.encoder), stem),
        }
    }
}

/// The writer of one signal.
struct Side {
    kind: SignalKind,
    /// The number of the next file.
    stem: u64,
    file: Option<OpenFile>,
    /// The end of a torn line, then the buffered lines.
    buffer: Vec<u8>,
    lines: u64,
    failures: u32,
}

impl Spool {
    /// Opens the spool of an app in this state folder, for records to this receiver; missing folders are made, with
    /// mode 0700. It makes no file: the first record does.
    ///
    /// `stem` is the number in the files' names, and must be random, from the source of ids. Later files have the
    /// numbers after it.
    ///
    /// # Errors
    /// If the folder can't be made, or another user could write to it.
    pub fn open(
        state: &Path,
        receiver: &Receiver,
        encoder: Encoder,
        switch: &Switch,
        stem: u64,
        limits: Limits,
    ) -> Result<Self, FileError> {
        Ok(Self {
            disk: disk::make(state, receiver)?,
            state: state.to_owned(),
            switch: switch.clone(),
            limits,
            batch: 1,
            on_full: None,
            on_end: None,
            on_close: None,
            forked: None,
            own: PerProcess::new(Own::new(Arc::new(encoder), stem)),
            accepted: AtomicU64::new(0),
            recorded: SpoolCounts::default(),
            withheld: Arc::default(),
            quiet: AtomicU8::new(0),
        })
    }

    /// Buffers this many records of each signal and writes them together, and at the end: for servers. A killed process
    /// loses the buffer. Default: 1, no buffer.
    #[must_use]
    pub fn batch_appends(mut self, records: u64) -> Self {
        self.batch = records;
        self
    }

    /// Called when a full file was finished, on the thread that recorded: it must return soon.
    #[must_use]
    pub fn on_full(mut self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.on_full = Some(Box::new(hook));
        self
    }

    /// Called at the start of [`Sink::close`]: if it turns the switch off, the open files are deleted.
    #[must_use]
    pub fn on_end(mut self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.on_end = Some(Box::new(hook));
        self
    }

    /// Called at the end of [`Sink::close`], with its budget.
    #[must_use]
    pub fn on_close(mut self, hook: impl Fn(Duration) + Send + Sync + 'static) -> Self {
        self.on_close = Some(Box::new(hook));
        self
    }

    /// Makes the encoder and the file number of a process that is forked from this one: by default it has the same
    /// encoder, so that both share a session. Its files are its own in any case.
    #[must_use]
    pub fn on_fork(mut self, forked: impl Fn() -> Option<(Encoder, u64)> + Send + Sync + 'static) -> Self {
        self.forked = Some(Box::new(forked));
        self
    }

    /// Also notes what was withheld, when it notes losses.
    #[must_use]
    pub fn withheld(mut self, counts: &Arc<DropCounts>) -> Self {
        self.withheld = Arc::clone(counts);
        self
    }

    /// The counts of written and lost records, valid also after the spool was moved.
    pub fn recorded(&self) -> SpoolCounts {
        self.recorded.clone()
    }

    /// Writes the buffer and finishes the files, so that an uploader can take them; the next record begins another one.
    /// For a process that uploads while it runs. After a no the open files are removed instead.
    pub fn cut(&self) {
        for side in self.own().iter().flat_map(|own| &own.sides) {
            let mut side = lock(side);
            self.flush(&mut side);
            if !self.switch.is_on() {
                self.withdraw(&mut side);
            }
            side.file = None;
        }
        self.note_losses();
    }

    /// A loss that can't be written is noted later. Records that a no or a reset deleted are not losses.
    fn note_losses(&self) {
        let new = self.recorded.take_new();
        let noted = new.iter().filter(|(why, _)| *why != LossReason::Off);
        let noted = noted.map(|&(why, count)| (Loss::Records(why), count));
        let withheld = self.withheld.take_new();
        let noted: Vec<_> = noted.chain(withheld.iter().map(|&(why, count)| (Loss::Withheld(why), count))).collect();
        if add_losses(&self.state, &noted, &|| self.switch.ask()).is_err() {
            self.recorded.put_back(&new);
            self.withheld.put_back(&withheld);
        }
    }

    /// `None` if it is not available without blocking.
    fn own(&self) -> Option<&Own> {
        self.own.get(|own| {
            // The parent notes its own losses.
            let _ = (self.recorded.take_new(), self.withheld.take_new());
            own.forked(self.forked.as_deref())
        })
    }

    fn quiet(&self) -> Option<LossReason> {
        match self.quiet.load(Ordering::Relaxed) {
            0 => None,
            why => LossReason::ALL.get(usize::from(why) - 1).copied(),
        }
    }

    /// Stops this process's recording; the first reason stays.
    fn be_quiet(&self, why: LossReason) {
        let _ = self.quiet.compare_exchange(0, why as u8 + 1, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Adds a line to the buffer.
    fn push(&self, encoder: &Encoder, side: &mut Side, record: &Clean<Record>) {
        let start = side.buffer.len();
        encoder.request(Format::Json, side.kind, std::iter::once(record), &mut side.buffer);
        if side.buffer.len() - start > MAX_LINE {
            side.buffer.truncate(start);
            self.recorded.lose(LossReason::TooLong, 1);
        } else {
            side.buffer.push(b'\n');
            side.lines += 1;
        }
    }

    /// Writes the buffer; returns whether the file is full.
    fn flush(&self, side: &mut Side) -> bool {
        let lines = std::mem::take(&mut side.lines);
        if lines == 0 {
            return false;
        }
        let written = if self.switch.is_on() { self.write(side, lines) } else { Err(AppendError::Off) };
        side.buffer.truncate(TORN.len());
        let whole = written.as_ref().map_or(0, |whole| *whole);
        self.recorded.write(whole);
        if whole == lines {
            side.failures = 0;
            let full = side.file.as_ref().is_some_and(|growing| growing.size >= self.limits.file_bytes);
            if full {
                side.file = None;
            }
            return full;
        }
        let failed = written.err().unwrap_or(AppendError::Disk);
        self.recorded.lose(failed.into(), lines - whole);
        side.failures += 1;
        if failed == AppendError::Off {
            // If the folder is gone, this gives the rest of the process the reason.
            self.switch.ask();
            self.withdraw(side);
        }
        if failed.is_for_good() || side.failures == MAX_WRITE_FAILURES {
            self.be_quiet(failed.into());
        }
        false
    }

    /// Removes the open file.
    fn withdraw(&self, side: &mut Side) {
        if let Some(growing) = side.file.take() {
            let _ = self.disk.remove(&growing.name);
        }
    }

    /// The number of complete lines that were written.
    fn write(&self, side: &mut Side, lines: u64) -> Result<u64, AppendError> {
        let mut growing = match side.file.take() {
            Some(growing) => growing,
            None => self.make(side)?,
        };
        // The process's limit is read each time: the host may lower it.
        let mut taken = growing.append(&side.buffer);
        // If the host closed the file, the folder may still be ours; after a size limit, another file has room.
        if taken == Err(AppendError::Closed) || (taken == Err(AppendError::Large) && growing.size > 0) {
            growing = self.make(side)?;
            taken = growing.append(&side.buffer);
        }
        side.file = Some(growing);
        let taken = taken?;
        if taken == side.buffer.len() {
            return Ok(lines);
        }
        let before = side.buffer.get(TORN.len()..taken).unwrap_or_default();
        Ok(before.iter().filter(|&&byte| byte == b'\n').count() as u64)
    }

    /// Makes a file, which is locked as soon as it has its name.
    ///
    /// Consent is asked first. The folder was opened before: if a no is stored only after this, the folder is the one
    /// that is renamed and emptied until it can be removed, including files that are made in it meanwhile. Where folders
    /// stay, consent is asked when the file is there, and still empty: a no that is stored only after this finds it.
    fn make(&self, side: &mut Side) -> Result<OpenFile, AppendError> {
        if !FOLDERS_STAY && !self.switch.ask() {
            return Err(AppendError::Off);
        }
        for _ in 0..NAME_TRIES {
            let name = Name { stem: side.stem, kind: side.kind };
            side.stem = side.stem.wrapping_add(1);
            let (temporary, name) = (name.temporary(), name.to_string());
            if let Some(file) = self.disk.create_held(&temporary, &name)? {
                if FOLDERS_STAY && !self.switch.ask() {
                    let _ = self.disk.remove(&name);
                    return Err(AppendError::Off);
                }
                return Ok(OpenFile::new(file, name));
            }
            // The name belongs to a process that this one was forked from.
            let mut random = [0; 8];
            getrandom::fill(&mut random).map_err(|_| AppendError::Disk)?;
            side.stem = u64::from_ne_bytes(random);
        }
        Err(AppendError::Disk)
    }
}

impl Sink for Spool {
    fn accept(&self, record: &Clean<Record>) {
        let Some(own) = self.own() else { return self.recorded.lose(LossReason::Forked, 1) };
        let Some(side) = own.sides.get(record.kind() as usize) else { return };
        let mut side = lock(side);
        if let Some(why) = self.quiet() {
            self.recorded.lose(why, 1);
            return;
        }
        if self.accepted.fetch_add(1, Ordering::Relaxed) >= self.limits.records {
            self.recorded.lose(LossReason::Limit, 1);
            return;
        }
        self.push(&own.encoder, &mut side, record);
        let full = (side.lines >= self.batch || side.buffer.len() >= MAX_BATCH) && self.flush(&mut side);
        drop(side);
        if full && let Some(hook) = &self.on_full {
            hook();
        }
    }

    /// Writes the buffer and finishes the files. If telemetry was turned off in this process meanwhile, the open files
    /// are removed instead: no unsent record is sent.
    fn close(&self, budget: Duration) {
        if let Some(hook) = &self.on_end {
            hook();
        }
        let is_on = self.switch.is_on();
        self.be_quiet(if is_on { LossReason::Closed } else { LossReason::Off });
        for side in self.own().iter().flat_map(|own| &own.sides) {
            let mut side = lock(side);
            self.flush(&mut side);
            if !is_on {
                self.withdraw(&mut side);
            }
            side.file = None;
        }
        if is_on {
            self.note_losses();
        }
        if let Some(hook) = &self.on_close {
            hook(budget);
        }
    }

    /// Those that are not on disk yet.
    fn lost(&self) -> Vec<(LossReason, u64)> {
        self.recorded.unnoted()
    }

    fn finish_files(&self) {
        self.cut();
    }

    fn come_too_late(&self) {
        self.recorded.lose(LossReason::Closed, 1);
    }
}

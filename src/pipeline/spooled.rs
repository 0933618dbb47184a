//! The spool as a pipeline's way out, and the uploader that takes from it.
//!
//! Nothing waits for a network here. A process appends its records to files of its own; when it ends, and an upload is
//! due, it starts an uploader and goes. That one is the same executable again: its first act in `build()` is to upload and
//! to exit, so nothing of the program runs. This is done only where it can't go wrong: the pipeline was built on the
//! main thread, before any other thread was there, as the first line of `main` is; by the executable's own code, not by a
//! library that an interpreter has loaded; for the program's first pipeline alone; and not for a library
//! ([`Preset::Documented`]), whose host is not ours to run again. Everywhere else the uploader is a thread of the process. `spooled/host.rs` says what the processes have of each
//! other.
//!
//! A file that is full is uploaded while the program runs: by a process too, as long as there is one thread; by a thread
//! where there are others, since one of them may be waiting for any child. A process that adopts others, such as the first
//! one of a container, uploads from a thread, or not at its end.

mod bell;
#[cfg(feature = "grpc")]
mod called;
#[cfg_attr(not(target_os = "linux"), path = "spooled/host_nowhere.rs")]
mod host;
mod options;
mod send;

pub use options::Upload;
pub(super) use send::{next_upload, send};

use super::telemetry::lock;
use super::{Amount, ExportContext, streams};
use crate::consent::{Preset, Reason, Settings, Switch};
use crate::encode::Encoder;
use crate::files::{Deletion, FileError, Places};
use crate::identity::SystemRandom;
use crate::privacy::{Clean, Declarations, DropCounts, Record, Resource, Sink};
use crate::process::Process;
use crate::registry::Endpoint;
use crate::spool::{Queue, Receiver, Spool, Waiting, forget_losses, is_due, touch_stamp};
use crate::threads;
use crate::upload::LineReader;
use crate::upload::report;
use crate::upload::run::{self, FetchPolicy, NetworkConfig, Report, UploadConfig};
use bell::{Wakeup, Wakeups};
use host::Executable;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

/// The variable by which a process knows what it was started for, and whose upload it is.
const UPLOADER: &str = "SCRUPLE_UPLOADER";

/// What an uploader is told of the environment: where the person's files are, and the road.
const HANDED_DOWN: [&str; 10] = [
    "HOME",
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
];

/// What an uploader works on, whether it is a process or a thread.
pub(super) struct UploaderConfig {
    upload: Upload,
    settings: Settings,
    version: String,
    endpoint: Endpoint,
    places: Places,
    policy: Option<Policy>,
}

/// What is asked before anything is sent.
pub(super) type Policy = Arc<dyn FetchPolicy>;

impl UploaderConfig {
    pub(super) fn new(
        upload: Upload,
        settings: &Settings,
        terms: &Declarations<'_>,
        endpoint: Endpoint,
        places: Places,
        policy: Option<Policy>,
    ) -> Self {
        let version = terms.version.to_owned();
        Self { upload, settings: settings.clone(), version, endpoint, places, policy }
    }

    /// Whether nothing that is finished waits.
    fn is_idle(&self) -> bool {
        let Ok(Some(queue)) = Queue::open(&self.places.state, &self.settings.queue()) else { return true };
        queue.finished().map_or(true, |mut finished| finished.next().is_none())
    }

    /// Uploads once what is finished, as long as it is on; `None` where the system has no random bytes.
    fn run(&self, switch: &Switch, progress: &dyn Fn(&Report)) -> Option<Report> {
        // The host may have closed them since.
        streams::occupy();
        let Self { upload, settings, version, endpoint, places, policy } = self;
        let random = SystemRandom::new().ok()?;
        let _sending = switch.sending();
        let asked = switch.clone();
        Some(run::run(&UploadConfig {
            state: &places.state,
            terms: Declarations { registries: &settings.registries, opt_in: &settings.opt_in, version, narrow: None },
            endpoint,
            ask: Arc::new(move || asked.ask()),
            clock: &*settings.clock,
            random: &random,
            limits: upload.limits,
            format: upload.format,
            gzip: upload.gzip,
            progress,
            policy: policy.as_deref(),
            open: upload.open,
            road: NetworkConfig { certificate: upload.certificate.as_deref(), ..NetworkConfig::of_environment() },
        }))
    }
}

/// The way out of a program that names none.
pub(super) fn by_default() -> Option<Upload> {
    Some(Upload::new())
}

/// Deletes what waits, and the receipts too unless they are kept.
pub(super) fn forget(state: &Path, keep_receipts: bool, when: Deletion) -> Result<(), FileError> {
    let queue = crate::spool::forget(state);
    let pause = run::forget_pause(state, when);
    let receipts = if keep_receipts { Ok(()) } else { run::forget_receipts(state) };
    queue.and(pause).and(receipts).and(report::forget(state, when)).and(forget_losses(state, when))
}

/// Waits for the end of an uploader that is under way, in this process or another; none begins as long as what is returned
/// is there.
pub(super) fn wait_for_end(state: &Path, within: Duration) -> Result<impl Sized + use<>, FileError> {
    run::wait_for_end(state, within)
}

/// The file whose lock is held meanwhile.
pub(super) const LOCK: &str = run::LOCK;

/// Why nothing can be sent to a receiver from this environment, if so.
pub(super) fn impassable(upload: &Upload, receiver: &str) -> Option<String> {
    let endpoint = Endpoint::parse(receiver).ok()?;
    let road = NetworkConfig { certificate: upload.certificate.as_deref(), ..NetworkConfig::of_environment() };
    road.validate(&endpoint, upload.open.is_some()).map(|why| why.to_string())
}

/// How much waits.
pub(super) fn amount_waiting(state: &Path, receiver: &Receiver) -> Option<Amount> {
    amount(&Queue::open(state, receiver).ok()??.waiting().ok()?)
}

/// How much waits for other receivers.
pub(super) fn amount_elsewhere(state: &Path, receiver: &Receiver) -> Option<Amount> {
    amount(&Queue::waiting_elsewhere(state, receiver).ok()?)
}

fn amount(waiting: &Waiting) -> Option<Amount> {
    (waiting.files > 0).then_some(Amount { records: waiting.records, bytes: waiting.bytes })
}

/// How much was sent, by the receipts.
pub(super) fn amount_sent(state: &Path) -> Option<Amount> {
    let sent = run::receipts(state);
    let bytes = sent.iter().map(|line| line.len() as u64 + 1).sum();
    (!sent.is_empty()).then_some(Amount { records: Some(sent.len() as u64), bytes })
}

/// What would be sent next: every record that waits in a finished file, as it would be sent. Nothing is taken.
pub(super) fn waiting(
    state: &Path,
    receiver: &Receiver,
    terms: &Declarations<'_>,
    mut each: impl FnMut(&Resource, &Record),
) {
    let Ok(Some(queue)) = Queue::open(state, receiver) else { return };
    let Ok(finished) = queue.finished() else { return };
    let mut desk = LineReader::default();
    for mut file in finished {
        while let Ok(Some(line)) = file.next_line() {
            if let Ok((resource, record)) = desk.line(line, terms, &DropCounts::default()) {
                each(&resource, &record);
            }
        }
    }
}

/// What was sent, as far as there are receipts.
pub(super) fn sent(state: &Path, terms: &Declarations<'_>, mut each: impl FnMut(&Resource, &Record)) {
    let mut desk = LineReader::default();
    for line in run::receipts(state) {
        if let Ok((resource, record)) = desk.line(&line, terms, &DropCounts::default()) {
            each(&resource, &record);
        }
    }
}

/// Whether this process was started to upload for this app: `Some(false)` if for another one. A library starts no process,
/// so there is none to upload for it.
pub(super) fn is_uploader(settings: &Settings) -> Option<bool> {
    let app_id = host::uploader_of()?;
    match (app_id == settings.app_id(), settings.preset) {
        (true, Preset::Documented) => None,
        (is_own, _) => Some(is_own),
    }
}

/// What an uploader does, all of it.
pub(super) fn be_uploader(errand: &UploaderConfig) {
    errand.run(&Switch::new(errand.settings.clone(), true), &|_| {});
}

/// What a process does before anything else that was started for an upload; one that only starts the uploader ends here.
pub(super) fn begin() {
    host::begin();
}

/// Whether nothing but the beginning of `main` has run in this process, as far as that can be told.
pub(super) fn is_first_line() -> bool {
    host::is_alone()
}

/// Opens the spool of an app, and gets an uploader ready.
pub(super) fn open(
    errand: UploaderConfig,
    opening: &ExportContext<'_>,
    (stem, forked): (u64, impl Fn() -> Option<(Encoder, u64)> + Send + Sync + 'static),
    is_first_line: bool,
) -> Result<Box<dyn Sink>, Reason> {
    let encoder = Encoder::new(opening.resource, opening.registries);
    let state = &errand.places.state;
    let spool = Spool::open(state, &errand.settings.queue(), encoder, opening.switch, stem, errand.upload.limits);
    let spool = spool.map_err(Reason::Spool)?.batch_appends(errand.upload.batch).on_fork(forked);
    let is_of_library = errand.settings.preset == Preset::Documented;
    let may_be_started = is_first_line && !errand.upload.in_thread && !is_of_library && !host::adopts();
    let executable = may_be_started.then(Executable::of_this_code).flatten();
    let (switch, bell) = (opening.switch.clone(), Wakeups::default());
    let uploads = Uploads { process: Process::this(), errand, switch, bell, executable, running: Mutex::new(None) };
    if uploads.executable.is_none() {
        return Ok(Box::new(Spooled::with_thread(spool, uploads)?));
    }
    let uploads = Arc::new(uploads);
    let full = Arc::clone(&uploads);
    let spool = spool.on_full(move || full.start_while_running());
    Ok(Box::new(Spooled { spool: Arc::new(spool), uploads }))
}

/// The spool as a sink, and what starts its uploads.
struct Spooled {
    spool: Arc<Spool>,
    uploads: Arc<Uploads>,
}

/// What starts uploads.
struct Uploads {
    /// Where the thread is, if there is one. One that is forked from it has none, and leaves uploads to others.
    process: Process,
    errand: UploaderConfig,
    switch: Switch,
    bell: Wakeups,
    /// What is started for an upload; `None` where a thread uploads.
    executable: Option<Executable>,
    /// The thread that uploads what is full, in a process that starts an uploader when it ends.
    running: Mutex<Option<JoinHandle<()>>>,
}

impl Spooled {
    /// With a thread that uploads at most so often as it may, and when a file is full.
    fn with_thread(spool: Spool, uploads: Uploads) -> Result<Self, Reason> {
        let uploads = Arc::new(uploads);
        let full = Arc::clone(&uploads);
        let spool = Arc::new(spool.on_full(move || full.ring(Wakeup::Full)));
        let (cut, work) = (Arc::clone(&spool), Arc::clone(&uploads));
        let spawned = spawn(move || {
            // What other processes left; of this one there is next to nothing yet.
            if work.is_due() {
                work.run();
            }
            loop {
                let rung = work.bell.wait(work.errand.upload.every);
                // After a no nothing is finished any more, and nothing is to be sent.
                if rung == Wakeup::End || !work.switch.ask() {
                    break;
                }
                if rung == Wakeup::Full || work.is_due() {
                    // What this process has recorded so far is finished, and can be taken.
                    cut.cut();
                    work.run();
                }
            }
        });
        spawned.map_err(|_| Reason::NoExporter)?;
        Ok(Self { spool, uploads })
    }
}

impl Sink for Spooled {
    fn accept(&self, record: &Clean<Record>) {
        self.spool.accept(record);
    }

    fn close(&self, budget: Duration) {
        self.spool.close(budget);
        if self.uploads.executable.is_none() {
            self.uploads.ring(Wakeup::End);
        } else if self.spool.recorded().written() > 0 {
            self.uploads.start_if_due();
        }
    }
}

impl Uploads {
    fn ring(&self, ring: Wakeup) {
        if self.process.is_this() {
            self.bell.ring(ring);
        }
    }

    fn is_due(&self) -> bool {
        is_due(&self.errand.places.state, SystemTime::now(), self.errand.upload.every)
    }

    /// In a thread of this process. Where nothing is finished nothing is tried: the hour is left to the next process, or
    /// programs that are shorter than an upload would use up each hour with an empty queue.
    fn run(&self) {
        if self.errand.is_idle() {
            return;
        }
        if touch_stamp(&self.errand.places.state, SystemTime::now()).is_ok() {
            self.errand.run(&self.switch, &|_| {});
        }
    }

    fn start_if_due(&self) {
        if self.is_due() {
            self.start();
        }
    }

    /// Starts an uploader process. It fails silently: the next process starts another. It is asked here, since an uploader
    /// knows neither the host's working directory nor its environment, in which somebody may have said no meanwhile.
    fn start(&self) {
        let may_start = |executable: &&Executable| !host::adopts() && executable.may_start();
        let Some(executable) = self.executable.as_ref().filter(may_start) else { return };
        if self.switch.ask() && touch_stamp(&self.errand.places.state, SystemTime::now()).is_ok() {
            executable.start(self.errand.settings.app_id());
        }
    }

    fn start_while_running(self: &Arc<Self>) {
        if host::is_alone() && !host::adopts() {
            return self.start();
        }
        if !self.process.is_this() {
            return;
        }
        let mut running = lock(&self.running);
        if running.as_ref().is_none_or(JoinHandle::is_finished) && self.switch.ask() {
            let work = Arc::clone(self);
            *running = spawn(move || work.run()).ok();
        }
    }
}

/// A thread that uploads. Nothing on it writes to `tracing`, so that it needs no subscriber of its own.
fn spawn(work: impl FnOnce() + Send + 'static) -> std::io::Result<JoinHandle<()>> {
    threads::start("scruple-upload", |thread| thread.spawn(work))
}

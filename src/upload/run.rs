//! One run of an uploader: every finished file, oldest first, until none is left, telemetry is off, or the receiver
//! stops accepting.
//!
//! - One at a time: an uploader exits at once if another one holds the lock of `upload.lock`.
//! - Consent is asked before anything is opened, when the lock is held, before each file, before each piece of a
//!   request that is sent, and at least every 50 ms during any wait; with it, whether the file in progress was deleted
//!   meanwhile, as a reset does. After a no the connection is reset.
//! - A process that stores a no waits for the lock (`wait_for_end`), and deletes while it holds it: then nothing is
//!   sent and nothing is restored. After a timeout of that wait, this run may still write: only under the lock of the
//!   folder, which the deletion takes too, and only after consent was asked under it.
//! - An empty queue opens no socket: the client is made for the first request.
//! - A policy is fetched in the same run before anything is sent, and only if there are records to send. Without a
//!   valid one, nothing is sent. Queued records that it disables are deleted.
//! - A request holds records of one file, which is one process and one signal, so that the resource of one session is
//!   never in one request with another's. At most 512 records and 512 KiB of lines.
//! - Records of two periods of the installation's secret never leave in one run: a receiver could conclude that they
//!   come from one machine. The first file's period goes first.
//! - A file with a foreign line is deleted, with its unsent records.
//! - Accepted records are noted in `sent/` and deleted. A run that is killed between the answer and the deletion sends
//!   those records again, with the same ids; it loses none.
//! - Records that can't be delivered now are kept, and the receiver is not asked again before a backoff is over. The
//!   other signal is still tried: a receiver may accept only one of them. The next run begins after the file that was
//!   not accepted, so that a file that is never accepted does not block the others.

mod batch;
mod client;
mod end;
mod in_hand;
mod lock;
mod network;
mod pause;
mod receipts;
mod report;
mod sent;

pub use client::{OpenTransport, SendOutcome, TransportContext, UploadTransport};
pub use end::{NetworkConfigError, RunEnd};
pub(crate) use lock::{LOCK, wait_for_end};
pub use network::NetworkConfig;
pub(crate) use pause::{forget as forget_pause, until as paused_until};
pub(crate) use receipts::{FOLDER as RECEIPTS, forget as forget_receipts};
pub use report::Report;
pub(crate) use sent::{amount_sent, sent};

use super::{LineReader, LineRefused};
use crate::encode::{Encoder, Format};
use crate::files::Folder;
use crate::http::MaySend;
use crate::identity::{Clock, Random};
use crate::limits::{CONSENT_EVERY, MAX_ATTEMPTS, MAX_PAUSE_IN_RUN, MAX_REQUEST, MAX_RUN};
use crate::privacy::{Declarations, DropCounts, DropReason, PolicyFilter};
use crate::registry::Endpoint;
use crate::spool::{Limits, LockedFile, PERIOD_BIT, Queue, Receiver, add_losses, end_attempt};
use batch::Batch;
use client::RunClient;
use in_hand::FileInHand;
use pause::Backoff;
use receipts::Receipts;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// The inputs of a run.
pub struct UploadConfig<'a> {
    /// The app's folder for state.
    pub state: &'a Path,
    /// Everything that the running program may send.
    pub terms: Declarations<'a>,
    /// The receiver.
    pub endpoint: &'a Endpoint,
    /// Whether telemetry is still on.
    pub ask: MaySend,
    /// The clock.
    pub clock: &'a dyn Clock,
    /// The source of jitter in pauses.
    pub random: &'a dyn Random,
    /// The caps.
    pub limits: Limits,
    /// The encoding of requests.
    pub format: Format,
    /// Whether requests are compressed.
    pub gzip: bool,
    /// The proxy and trust settings.
    pub network: NetworkConfig<'a>,
    /// Opens the transport, if it is not HTTP.
    pub open: Option<OpenTransport>,
    /// Called after each accepted request.
    pub progress: &'a dyn Fn(&Report),
    /// The policy, fetched before anything is sent.
    pub policy: Option<&'a dyn FetchPolicy>,
}

impl UploadConfig<'_> {
    /// Whose queue it is: no other receiver's records are looked at.
    fn receiver(&self) -> Receiver {
        let controller = self.terms.registries.first().map_or("", |registry| registry.service.controller);
        Receiver::new(self.endpoint.origin(), controller)
    }
}

/// A policy that must allow a run before anything is sent.
pub trait FetchPolicy: Send + Sync {
    /// The URL of its file.
    fn url(&self) -> &Endpoint;

    /// Checks the file; `None` is a file that could not be fetched.
    ///
    /// # Errors
    /// The end of the run, if nothing may be sent.
    fn judge(&self, file: Option<&[u8]>, job: &UploadConfig<'_>) -> Result<Arc<dyn PolicyFilter>, RunEnd>;
}

/// Runs one upload.
pub fn run(job: &UploadConfig<'_>) -> Report {
    let in_hand = FileInHand::default();
    let mut run = Run {
        job,
        may_send: in_hand.may_send(&job.ask),
        in_hand,
        client: None,
        deadline: Instant::now() + MAX_RUN,
        pause: Backoff::default(),
        narrow: None,
        report: Report::nothing(RunEnd::Done),
    };
    if let Err(end) = run.all() {
        run.report.end = end;
    }
    run.report
}

struct Run<'a> {
    job: &'a UploadConfig<'a>,
    /// Whether telemetry is still on, and the file in progress still exists.
    may_send: MaySend,
    in_hand: FileInHand,
    client: Option<Box<dyn UploadTransport>>,
    deadline: Instant,
    /// The backoff that was over when this run began.
    pause: Backoff,
    narrow: Option<Arc<dyn PolicyFilter>>,
    report: Report,
}

impl Run<'_> {
    fn all(&mut self) -> Result<(), RunEnd> {
        if !(self.may_send)() {
            return Err(RunEnd::Off);
        }
        let Some(queue) = Queue::open(self.job.state, &self.job.receiver()).map_err(RunEnd::Disk)? else {
            return Ok(());
        };
        let Some(folder) = Folder::open(self.job.state).map_err(RunEnd::Disk)? else { return Ok(()) };
        let Some(_lock) = lock::take(&folder).map_err(RunEnd::Disk)? else { return Err(RunEnd::Busy) };
        let ended = self.locked(&queue, &folder);
        self.report.end = ended.err().unwrap_or(RunEnd::Done);
        self.report.keep(self.job.state, self.job.clock.now(), &*self.may_send);
        // Failing is harmless: the attempt counts for a minute, and the backoff holds.
        let _ = end_attempt(self.job.state, SystemTime::now(), &*self.may_send);
        ended
    }

    /// The run while no other uploader runs.
    fn locked(&mut self, queue: &Queue, folder: &Folder) -> Result<(), RunEnd> {
        // A later no waits for this lock; this finds an earlier one.
        if !(self.may_send)() {
            return Err(RunEnd::Off);
        }
        // Also during a backoff, because the queue grows meanwhile.
        let cleaned = queue.clean(&self.job.limits, SystemTime::now()).map_err(RunEnd::Disk)?;
        let _ = add_losses(self.job.state, &cleaned.losses(), &*self.may_send);
        let now = self.job.clock.now();
        self.pause = Backoff::read(folder);
        if !self.pause.is_over(now) {
            return Err(RunEnd::Paused);
        }
        let receipts = Receipts::open(folder);
        let mut period = None;
        let mut refused = Vec::new();
        let mut files = queue.finished_after(self.pause.at()).map_err(RunEnd::Disk)?.peekable();
        if let (Some(ask), Some(first)) = (self.job.policy, files.peek()) {
            self.in_hand.take(first);
            self.narrow = Some(self.judged(ask, folder)?);
        }
        for file in files {
            // Files of another period wait for another run.
            let of = file.stem() >> PERIOD_BIT;
            if *period.get_or_insert(of) != of {
                continue;
            }
            if !(self.may_send)() {
                return Err(RunEnd::Off);
            }
            let kind = file.kind();
            if refused.contains(&kind) {
                continue;
            }
            match self.file(file, folder, &receipts) {
                Err(RunEnd::Unreachable) => refused.push(kind),
                done => done?,
            }
        }
        if !refused.is_empty() {
            return Err(RunEnd::Unreachable);
        }
        if self.client.is_some() {
            let _ = Backoff::end(folder);
        }
        Ok(())
    }

    /// Fetches the policy.
    fn judged(&self, ask: &dyn FetchPolicy, folder: &Folder) -> Result<Arc<dyn PolicyFilter>, RunEnd> {
        let file = client::get(&self.opening(ask.url()))?;
        if file.is_none() {
            let pause = self.pause;
            let pause = pause.longer(pause.at(), Duration::ZERO, self.job.clock.now(), self.job.random);
            pause.write(folder, &*self.may_send);
        }
        ask.judge(file.as_deref(), self.job)
    }

    /// Delivers one file.
    fn file(&mut self, mut file: LockedFile<'_>, folder: &Folder, receipts: &Receipts) -> Result<(), RunEnd> {
        self.in_hand.take(&file);
        let kind = file.kind();
        let narrow = self.narrow.clone();
        if narrow.as_ref().is_some_and(|narrow| !narrow.process(file.stem())) {
            while file.next_line().map_err(RunEnd::Disk)?.is_some() {
                self.withhold(DropReason::Policy);
            }
            return file.finish().map_err(RunEnd::Disk);
        }
        let terms = Declarations { narrow: narrow.as_deref(), ..self.job.terms };
        let (mut reader, drop_counts) = (LineReader::default(), DropCounts::default());
        let mut batch: Option<Batch> = None;
        while let Some(line) = file.next_line().map_err(RunEnd::Disk)? {
            let size = line.len();
            let (resource, record) = match reader.line(line, &terms, &drop_counts) {
                Ok(readmitted) => readmitted,
                Err(LineRefused::Withheld(why)) => {
                    self.withhold(why);
                    continue;
                }
                // The rest of that file can't be trusted either.
                Err(LineRefused::Foreign(_) | LineRefused::Contradicted) => {
                    self.report.foreign += 1;
                    return file.finish().map_err(RunEnd::Disk);
                }
            };
            if record.kind() != kind {
                self.report.foreign += 1;
                return file.finish().map_err(RunEnd::Disk);
            }
            let fits = batch.as_ref().is_none_or(|batch| batch.takes(&resource, size));
            if !fits && let Some(full) = batch.take() {
                if let Err(end) = self.deliver(&file, &full, folder, receipts) {
                    // Cuts off the delivered part; on failure that part is sent again, with the same ids.
                    let _ = file.keep();
                    return Err(end);
                }
                // Except the current line: it is in the next batch, and after a kill another run must find it again.
                file.deliver_before();
            }
            batch.get_or_insert_with(|| Batch::new(resource)).put(record, size);
        }
        if let Some(last) = batch
            && let Err(end) = self.deliver(&file, &last, folder, receipts)
        {
            let _ = file.keep();
            return Err(end);
        }
        file.finish().map_err(RunEnd::Disk)
    }

    fn withhold(&mut self, why: DropReason) {
        *self.report.withheld.entry(why).or_default() += 1;
    }

    fn opening<'o>(&'o self, endpoint: &'o Endpoint) -> TransportContext<'o> {
        let UploadConfig { network, gzip, .. } = self.job;
        let deadline = self.deadline.min(Instant::now() + MAX_REQUEST);
        TransportContext { endpoint, network, gzip: *gzip, ask: &self.may_send, deadline }
    }

    fn open(&self) -> Result<Box<dyn UploadTransport>, RunEnd> {
        let opening = self.opening(self.job.endpoint);
        match self.job.open {
            Some(open) => open(opening),
            None => Ok(Box::new(RunClient::new(&opening, self.job.format)?)),
        }
    }

    /// Waits; a no ends the wait.
    fn sleep(&self, pause: Duration) -> Result<(), RunEnd> {
        let end = Instant::now() + pause;
        loop {
            if !(self.may_send)() {
                return Err(RunEnd::Off);
            }
            match end.saturating_duration_since(Instant::now()) {
                Duration::ZERO => return Ok(()),
                left => thread::sleep(left.min(CONSENT_EVERY)),
            }
        }
    }

    /// Delivers one request, with a limited number of attempts.
    fn deliver(
        &mut self,
        of: &LockedFile<'_>,
        batch: &Batch,
        folder: &Folder,
        receipts: &Receipts,
    ) -> Result<(), RunEnd> {
        let kind = of.kind();
        let encoder = Encoder::new(&batch.resource, self.job.terms.registries);
        let mut body = Vec::new();
        let format = if self.job.open.is_some() { Format::Protobuf } else { self.job.format };
        encoder.request(format, kind, &batch.records, &mut body);
        let (mut asked, before) = (Duration::ZERO, self.report.status);
        for attempt in 1..=MAX_ATTEMPTS {
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(RunEnd::TimeOver);
            }
            if !(self.may_send)() {
                return Err(RunEnd::Off);
            }
            let client = match self.client.take() {
                Some(client) => client,
                None => self.open()?,
            };
            let answer = client.post(kind, &body, left);
            self.client = Some(client);
            match answer {
                SendOutcome::Accepted { rejected } => {
                    self.report.status = before;
                    let records = batch.records.len() as u64;
                    let rejected = rejected.min(records);
                    self.report.rejected += rejected;
                    self.report.sent += records - rejected;
                    (self.job.progress)(&self.report);
                    receipts.note(&encoder, kind, &batch.records, self.job.clock.now(), &*self.may_send);
                    return Ok(());
                }
                SendOutcome::Rejected(status) => {
                    self.report.status = status;
                    self.report.rejected += batch.records.len() as u64;
                    return Ok(());
                }
                SendOutcome::RetryAfter(after, status) => {
                    asked = after;
                    self.report.status = status;
                    let pause = Backoff::between(attempt, after, self.job.random);
                    let last = attempt == MAX_ATTEMPTS || pause > MAX_PAUSE_IN_RUN.min(left);
                    if last {
                        break;
                    }
                    self.sleep(pause)?;
                }
                SendOutcome::Unavailable(status) => {
                    self.report.status = status;
                    break;
                }
                SendOutcome::Off => return Err(RunEnd::Off),
            }
        }
        // A receiver that accepted something is available.
        let pause = if self.report.sent > 0 { Backoff::default() } else { self.pause };
        let pause = pause.longer(Some(of.stem()), asked, self.job.clock.now(), self.job.random);
        pause.write(folder, &*self.may_send);
        Err(RunEnd::Unreachable)
    }
}

//! The schedule of uploads: when one is due, and whether a new process or a thread of this one runs it.

use super::host::{self, Executable};
use super::job::Job;
use crate::consent::{Decision, PurposeSet, Reason, Switch};
use crate::privacy::Sink;
use crate::process::Process;
use crate::spool::{Spool, end_attempt, is_due};
use crate::sync::lock;
use crate::threads;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::SystemTime;

/// The uploads of one pipeline.
pub(super) struct Schedule {
    /// The process of the thread, if there is one. A forked process has no thread, and leaves uploads to others.
    process: Process,
    job: Job,
    switch: Switch,
    /// Whether the thread uploads.
    is_trying: AtomicBool,
}

impl Schedule {
    pub(super) fn new(job: Job, switch: Switch) -> Arc<Self> {
        Arc::new(Self { process: Process::this(), job, switch, is_trying: AtomicBool::new(false) })
    }

    /// Uploads in a thread, when an upload is due and when a file is full; also at the end, if one is due then, within the
    /// budget of the end.
    pub(super) fn in_thread(self: Arc<Self>, spool: Spool) -> Result<Box<dyn Sink>, Reason> {
        // The end of the pipeline drops the sender.
        let (sender, full) = sync_channel(1);
        let sender: Arc<Mutex<Option<SyncSender<()>>>> = Arc::new(Mutex::new(Some(sender)));
        // The end of the thread drops this one.
        let (working, ended) = sync_channel::<()>(0);
        let ended = Mutex::new(ended);
        let (on_full, schedule) = (Arc::clone(&sender), Arc::clone(&self));
        let spool = spool.on_full(move || {
            if schedule.process.is_this() {
                // One pending signal is enough.
                let _ = lock(&on_full).as_ref().map(|full| full.try_send(()));
            }
        });
        let schedule = Arc::clone(&self);
        let spool = spool.on_end(move || {
            // A no by a variable of the running program: the thread does not read the environment. It may send this
            // process's files as soon as they are finished.
            if schedule.process.is_this() {
                schedule.switch.ask_with(true);
            }
        });
        let (on_close, schedule) = (Arc::clone(&sender), Arc::clone(&self));
        let spool = Arc::new(spool.on_close(move |budget| {
            if schedule.process.is_this() {
                lock(&on_close).take();
                if lock(&ended).recv_timeout(budget) == Err(RecvTimeoutError::Timeout) {
                    schedule.give_up();
                }
            }
        }));
        let cut = Arc::clone(&spool);
        let spawned = spawn(move || {
            let _working = working;
            // Sends the files of other processes; this one has hardly any yet.
            let mut is_due = self.is_due();
            if is_due {
                self.run();
            }
            loop {
                let is_full = match full.recv_timeout(self.job.upload.every) {
                    Ok(()) => true,
                    Err(RecvTimeoutError::Timeout) => false,
                    Err(RecvTimeoutError::Disconnected) => break,
                };
                // After a no, no file is finished or sent.
                if lock(&sender).is_none() || !self.switch.ask() {
                    break;
                }
                if is_full || self.is_due() {
                    // Finishes the files of this process, so that the upload can take them.
                    cut.cut();
                    self.run();
                    is_due = false;
                }
            }
            // The end has finished this process's own. What was due at its start is due for them too.
            if is_due || self.is_due() {
                self.run();
            }
        });
        spawned.map_err(|_| Reason::NoExporter)?;
        Ok(Box::new(spool))
    }

    /// Uploads in a new process, at the end if an upload is due, and when a file is full.
    pub(super) fn in_process(self: Arc<Self>, executable: Executable, spool: Spool) -> Box<dyn Sink> {
        let starter = Arc::new(Starter { schedule: self, executable, running: Mutex::new(None) });
        let (on_full, recorded) = (Arc::clone(&starter), spool.recorded());
        let spool = spool.on_full(move || on_full.start_while_running());
        Box::new(spool.on_close(move |_| {
            if recorded.written() > 0 && starter.schedule.is_due() {
                starter.start();
            }
        }))
    }

    /// The end does not wait longer for the thread. That attempt counts as a whole one, so that the next process does not
    /// wait again in vain.
    fn give_up(&self) {
        if self.is_trying.load(Ordering::Acquire) {
            let _ = end_attempt(&self.job.places.state, SystemTime::now(), &|| self.switch.ask());
        }
    }

    fn is_due(&self) -> bool {
        is_due(&self.job.places.state, SystemTime::now(), self.job.upload.every)
    }

    /// In a thread of this process. Without a finished file, or after a no, this is not an attempt: the hour is left to
    /// the next process. Otherwise programs that are shorter than an upload would use up each hour with an empty queue.
    fn run(&self) {
        if !self.job.is_idle() && self.switch.ask() && self.job.begin_attempt().is_ok() {
            self.is_trying.store(true, Ordering::Release);
            let _ = self.job.run(&self.switch, &|_| {});
            self.is_trying.store(false, Ordering::Release);
        }
    }
}

/// Starts uploader processes.
struct Starter {
    schedule: Arc<Schedule>,
    executable: Executable,
    /// The thread that uploads full files, if no process can be started while the program runs.
    running: Mutex<Option<JoinHandle<()>>>,
}

impl Starter {
    /// Starts an uploader process. Errors are ignored: the next process starts another. Consent is asked here, since an
    /// uploader has neither the host's working directory nor its environment, either of which may contain a new no.
    fn start(&self) {
        let Schedule { job, switch, .. } = &*self.schedule;
        let may_start = !host::adopts() && self.executable.may_start();
        let Some(Decision { only, .. }) = may_start.then(|| switch.ask_why(true)).flatten() else { return };
        if job.begin_attempt().is_ok() {
            // Some of the sources that name purposes are not there either.
            let names = (only != PurposeSet::ALL).then(|| job.settings.names_of(only).join(","));
            self.executable.start(job.settings.app_id(), names.as_deref());
        }
    }

    fn start_while_running(&self) {
        if host::is_alone() && !host::adopts() {
            return self.start();
        }
        if !self.schedule.process.is_this() {
            return;
        }
        let mut running = lock(&self.running);
        if running.as_ref().is_none_or(JoinHandle::is_finished) && self.schedule.switch.ask() {
            let schedule = Arc::clone(&self.schedule);
            *running = spawn(move || schedule.run()).ok();
        }
    }
}

/// Starts an uploading thread. It writes nothing to `tracing`, so it needs no subscriber of its own.
fn spawn(work: impl FnOnce() + Send + 'static) -> std::io::Result<JoinHandle<()>> {
    threads::start("scruple-upload", |thread| thread.spawn(work))
}

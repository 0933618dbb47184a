//! When an upload is due, and who makes it: a process that is started for it, or a thread of this one.

use super::host::{self, Executable};
use super::job::Job;
use crate::consent::{Reason, Switch};
use crate::privacy::Sink;
use crate::process::Process;
use crate::spool::{Spool, is_due, touch_stamp};
use crate::sync::lock;
use crate::threads;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::SystemTime;

/// The uploads of one pipeline.
pub(super) struct Schedule {
    /// Where the thread is, if there is one. One that is forked from it has none, and leaves uploads to others.
    process: Process,
    job: Job,
    switch: Switch,
}

impl Schedule {
    pub(super) fn new(job: Job, switch: Switch) -> Arc<Self> {
        Arc::new(Self { process: Process::this(), job, switch })
    }

    /// With a thread that uploads at most so often as it may, and when a file is full.
    pub(super) fn in_thread(self: Arc<Self>, spool: Spool) -> Result<Box<dyn Sink>, Reason> {
        // The end of the pipeline takes the sender away.
        let (sender, full) = sync_channel(1);
        let sender: Arc<Mutex<Option<SyncSender<()>>>> = Arc::new(Mutex::new(Some(sender)));
        let (on_full, schedule) = (Arc::clone(&sender), Arc::clone(&self));
        let spool = spool.on_full(move || {
            if schedule.process.is_this() {
                // One that is not yet read is enough.
                let _ = lock(&on_full).as_ref().map(|full| full.try_send(()));
            }
        });
        let (on_close, schedule) = (Arc::clone(&sender), Arc::clone(&self));
        let spool = Arc::new(spool.on_close(move || {
            if schedule.process.is_this() {
                lock(&on_close).take();
            }
        }));
        let cut = Arc::clone(&spool);
        let spawned = spawn(move || {
            // What other processes left; of this one there is next to nothing yet.
            if self.is_due() {
                self.run();
            }
            loop {
                let is_full = match full.recv_timeout(self.job.upload.every) {
                    Ok(()) => true,
                    Err(RecvTimeoutError::Timeout) => false,
                    Err(RecvTimeoutError::Disconnected) => break,
                };
                // After a no nothing is finished any more, and nothing is to be sent.
                if lock(&sender).is_none() || !self.switch.ask() {
                    break;
                }
                if is_full || self.is_due() {
                    // What this process has recorded so far is finished, and can be taken.
                    cut.cut();
                    self.run();
                }
            }
        });
        spawned.map_err(|_| Reason::NoExporter)?;
        Ok(Box::new(spool))
    }

    /// With a process that is started at the end, if an upload is due then, and when a file is full.
    pub(super) fn in_process(self: Arc<Self>, executable: Executable, spool: Spool) -> Box<dyn Sink> {
        let starter = Arc::new(Starter { schedule: self, executable, running: Mutex::new(None) });
        let (on_full, recorded) = (Arc::clone(&starter), spool.recorded());
        let spool = spool.on_full(move || on_full.start_while_running());
        Box::new(spool.on_close(move || {
            if recorded.written() > 0 && starter.schedule.is_due() {
                starter.start();
            }
        }))
    }

    fn is_due(&self) -> bool {
        is_due(&self.job.places.state, SystemTime::now(), self.job.upload.every)
    }

    /// In a thread of this process. Where nothing is finished nothing is tried: the hour is left to the next process, or
    /// programs that are shorter than an upload would use up each hour with an empty queue.
    fn run(&self) {
        if !self.job.is_idle() && touch_stamp(&self.job.places.state, SystemTime::now()).is_ok() {
            let _ = self.job.run(&self.switch, &|_| {});
        }
    }
}

/// Starts uploader processes.
struct Starter {
    schedule: Arc<Schedule>,
    executable: Executable,
    /// The thread that uploads what is full, where no process can be started while the program runs.
    running: Mutex<Option<JoinHandle<()>>>,
}

impl Starter {
    /// Starts an uploader process. It fails silently: the next process starts another. It is asked here, since an uploader
    /// knows neither the host's working directory nor its environment, in which somebody may have said no meanwhile.
    fn start(&self) {
        let Schedule { job, switch, .. } = &*self.schedule;
        if !host::adopts()
            && self.executable.may_start()
            && switch.ask()
            && touch_stamp(&job.places.state, SystemTime::now()).is_ok()
        {
            self.executable.start(job.settings.app_id());
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

/// A thread that uploads. Nothing on it writes to `tracing`, so that it needs no subscriber of its own.
fn spawn(work: impl FnOnce() + Send + 'static) -> std::io::Result<JoinHandle<()>> {
    threads::start("scruple-upload", |thread| thread.spawn(work))
}

//! The upload as a pipeline's exporter: records go to the spool, and an uploader takes them from there.
//!
//! Nothing here waits for a network. A process appends its records to its own files; when it ends and an upload is due,
//! it starts an uploader process and exits. The uploader is the same executable: its `build()` uploads and exits, so
//! the program's code does not run. This is done only if it is safe: the pipeline was built on the main thread, before
//! any other thread existed, as the first line of `main` is; by the executable's own code, not by a library that an
//! interpreter has loaded; for the program's first pipeline alone; and not for a library ([`Preset::Documented`]),
//! which must not start its host again. In all other cases the uploader is a thread of the process. `uploader/host.rs`
//! says what the processes share.
//!
//! A full file is uploaded while the program runs: by a process as long as there is one thread; by a thread if there
//! are others, since one of them may be waiting for any child.
//!
//! The thread sends what other processes have left as soon as it starts, if an upload is due, and its own process's
//! records at the end, within the shutdown timeout; the next process that is due sends the rest. Otherwise hosts that end
//! within milliseconds would never deliver. An end waits at most once in the interval of uploads: an attempt that it gave
//! up counts as a whole one. `spool/stamp.rs` says what counts as an attempt.

#[cfg(feature = "grpc")]
mod grpc;
#[cfg_attr(windows, path = "uploader/host_windows.rs")]
mod host;
mod job;
mod options;
mod schedule;
mod send;

pub(super) use crate::upload::run::{LOCK, amount_sent, sent, wait_for_end};
pub(super) use host::{begin, is_first_line, uploader_of as started_for};
pub(super) use options::PolicyChoice;
pub use options::Upload;

use super::context::ExportContext;
use crate::consent::{Decision, Preset, Reason, Settings, Switch};
use crate::encode::Encoder;
use crate::files::{Deletion, FileError};
use crate::privacy::Sink;
use crate::registry::Endpoint;
use crate::spool::{self, Spool};
use crate::upload::report;
use crate::upload::run::{self, NetworkConfig};
use host::Executable;
use job::{Job, places};
use schedule::Schedule;
use std::path::Path;
use std::sync::Arc;

impl Upload {
    pub(super) fn by_default() -> Option<Self> {
        Some(Self::new())
    }

    pub(super) fn set_policy(&mut self, policy: PolicyChoice) {
        self.policy = Some(policy);
    }

    /// Whether a policy is set.
    pub(super) fn has_policy(&self) -> bool {
        self.policy.is_some()
    }

    /// Whether records can be uploaded at all.
    pub(super) fn check(&self, settings: &Settings) -> Result<(), Reason> {
        places(settings)?;
        self.policy.clone().transpose().map_or_else(|why| Err(Reason::PolicyAddress(why)), |_| Ok(()))
    }

    /// Opens the spool of an app, and prepares an uploader.
    pub(super) fn open(self, context: &ExportContext<'_>) -> Result<Box<dyn Sink>, Reason> {
        let ExportContext { settings, switch, forked, .. } = *context;
        let job = Job::new(self, settings, context.endpoint.clone(), context.version)?;
        let encoder = Encoder::new(context.resource, context.registries);
        let (state, limits, batch) = (&job.places.state, job.upload.limits, job.upload.batch);
        let spool = Spool::open(state, &settings.queue(), encoder, switch, (context.file_id)(), limits);
        let forked = Arc::clone(forked);
        let spool =
            spool.map_err(Reason::Spool)?.withheld(context.drop_counts).batch_appends(batch).on_fork(move || forked());
        let is_of_library = settings.preset == Preset::Documented;
        let may_be_started =
            context.is_first_line && !job.upload.in_thread && !is_of_library && host::may_leave_processes();
        let executable = may_be_started.then(Executable::to_start).flatten();
        let schedule = Schedule::new(job, switch.clone());
        match executable {
            Some(executable) => Ok(schedule.in_process(executable, spool)),
            None => schedule.in_thread(spool),
        }
    }

    /// The work of an uploader process: it uploads the finished files once.
    pub(super) fn run_once(self, settings: &Settings, decision: Decision, endpoint: Endpoint, version: &str) {
        if let Ok(job) = Job::new(self, settings, endpoint, version) {
            let _ = job.run(&Switch::new(settings.clone(), decision), &|_| {});
        }
    }

    /// The error in the environment's network settings that stops all sending to a receiver, if there is one.
    pub(super) fn network_error(&self, receiver: &str) -> Option<String> {
        let endpoint = Endpoint::parse(receiver).ok()?;
        let network = NetworkConfig { certificate: self.certificate.as_deref(), ..NetworkConfig::of_environment() };
        network.validate(&endpoint, self.open.is_some()).map(|why| why.to_string())
    }
}

/// The names in a state folder that a deletion at the start of a program leaves there.
pub(super) const KEPT: [&str; 3] = [run::LOCK, run::RECEIPTS, spool::STAMP];

/// Deletes the queue, and the receipts too unless they are kept.
pub(super) fn forget(state: &Path, keep_receipts: bool, when: Deletion) -> Result<(), FileError> {
    let queue = spool::forget(state);
    let pause = run::forget_pause(state, when);
    let receipts = if keep_receipts { Ok(()) } else { run::forget_receipts(state) };
    queue.and(pause).and(receipts).and(report::forget(state, when)).and(spool::forget_losses(state, when))
}

//! An upload on a person's request, and the time of the next scheduled one.

use super::job::Job;
use super::options::Upload;
use crate::consent::{Reason, Settings, Switch};
use crate::limits::{REQUESTED_UPLOAD_WAIT, SECOND};
use crate::registry::Endpoint;
use crate::spool::due_in;
use crate::upload::amount_waiting;
use crate::upload::report::{UploadEnd, UploadReport};
use crate::upload::run::{Report, RunEnd, paused_until, wait_for_end};
use std::path::Path;
use std::time::{Duration, SystemTime};

impl Upload {
    /// Uploads the finished files now. `taken` is called with the number of records accepted so far.
    pub(in crate::pipeline) fn send(
        &self,
        settings: &Settings,
        endpoint: &Endpoint,
        version: &str,
        switch: &Switch,
        taken: &dyn Fn(u64),
    ) -> Result<UploadReport, Reason> {
        Ok(send(&Job::new(self.clone(), settings, endpoint.clone(), version)?, switch, taken))
    }

    /// The time until the next upload is due, and the end of the receiver's backoff, in seconds since the epoch.
    pub(in crate::pipeline) fn next(&self, settings: &Settings, state: &Path) -> (Option<Duration>, Option<u64>) {
        let now = settings.clock.now();
        let paused = paused_until(state, now);
        let pause = paused.map(|until| Duration::from_secs(until.saturating_sub(now / SECOND)));
        (due_in(state, SystemTime::now(), self.every).max(pause), paused)
    }
}

/// Uploads the finished files now, in this thread. `taken` is called with the number of records accepted so far.
fn send(job: &Job, switch: &Switch, taken: &dyn Fn(u64)) -> UploadReport {
    let now = || job.settings.clock.now();
    let nothing = Report::nothing(RunEnd::Done);
    // A file that another uploader has locked does not count as finished here, but is still queued.
    let waits = || amount_waiting(&job.places.state, &job.settings.queue()).is_some();
    if !waits() {
        return nothing.at(now());
    }
    if !job.is_idle() && job.begin_attempt().is_err() {
        return UploadReport { end: UploadEnd::Disk, ..nothing.at(now()) };
    }
    // For the upload of another process, or of this one's thread.
    let _ = wait_for_end(&job.places.state, REQUESTED_UPLOAD_WAIT);
    let report = job.run(switch, &|report| taken(report.sent)).map(|report| report.at(now()));
    let report = report.unwrap_or_else(|| UploadReport { end: UploadEnd::Unknown, ..nothing.at(now()) });
    let end = match report.end {
        UploadEnd::Done if !job.is_idle() => UploadEnd::Rest,
        // The other uploader has sent it.
        UploadEnd::Busy if !waits() => UploadEnd::Done,
        end => end,
    };
    UploadReport { end, ..report }
}

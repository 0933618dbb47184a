//! An upload that a person asks for, and when the next one is due by itself.

use super::{Upload, UploaderConfig, amount_waiting};
use crate::consent::{Settings, Switch};
use crate::limits::SECOND;
use crate::spool::{due_in, touch_stamp};
use crate::upload::report::{UploadEnd, UploadReport};
use crate::upload::run::{End, Report, paused_until};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Uploads now what is finished, in this thread. `taken` is told how many records were taken so far.
pub(in crate::pipeline) fn send(config: &UploaderConfig, taken: &dyn Fn(u64)) -> UploadReport {
    let now = || config.settings.clock.now();
    let nothing = Report { end: End::Done, status: None, sent: 0, rejected: 0, withheld: 0, foreign: 0 };
    // A file that another uploader holds is no finished one here, and waits all the same.
    let waits = || amount_waiting(&config.places.state, &config.settings.queue()).is_some();
    if !waits() {
        return nothing.at(now());
    }
    if !config.is_idle() && touch_stamp(&config.places.state, SystemTime::now()).is_err() {
        return UploadReport { end: UploadEnd::Disk, ..nothing.at(now()) };
    }
    let switch = Switch::new(config.settings.clone(), true);
    let report = config.run(&switch, &|report| taken(report.sent)).map(|report| report.at(now()));
    let report = report.unwrap_or_else(|| UploadReport { end: UploadEnd::Unknown, ..nothing.at(now()) });
    let end = match report.end {
        UploadEnd::Done if !config.is_idle() => UploadEnd::Rest,
        // The other one has sent it.
        UploadEnd::Busy if !waits() => UploadEnd::Done,
        end => end,
    };
    UploadReport { end, ..report }
}

/// How long it is until the next upload is due, and until when the receiver is left alone, in seconds since the epoch.
pub(in crate::pipeline) fn next_upload(
    upload: &Upload,
    settings: &Settings,
    state: &Path,
) -> (Option<Duration>, Option<u64>) {
    let now = settings.clock.now();
    let paused = paused_until(state, now);
    let pause = paused.map(|until| Duration::from_secs(until.saturating_sub(now / SECOND)));
    (due_in(state, SystemTime::now(), upload.every).max(pause), paused)
}

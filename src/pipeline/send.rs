//! Sends what waits, now, because a person asks for it.

use super::telemetry::Telemetry;
use crate::consent::{Decision, Mode, Reason};
use crate::upload::report::UploadReport;

impl Telemetry {
    /// Uploads now what waits in finished files, as an uploader does: for a button, or a command `send`. It takes up to a
    /// minute, and `taken` is told how many records the receiver has taken so far. Files that a process still writes to
    /// wait, this one's too. Where the report's `end` is not `Done`, something else waits too, for that reason.
    ///
    /// # Errors
    /// The decision, where it is not on, or where this pipeline does not upload: then nothing is sent.
    pub fn send(&self, taken: impl Fn(u64)) -> Result<UploadReport, Decision> {
        let decision = self.shared.standing();
        if decision.mode != Mode::On {
            return Err(decision);
        }
        let no_transport = Decision { mode: Mode::Off, reason: Reason::NoTransport };
        let (shared, upload) = (&self.shared, self.shared.upload.as_ref().zip(self.shared.endpoint.as_ref()));
        let (upload, endpoint) = upload.ok_or(no_transport)?;
        upload.send(&shared.settings, endpoint, shared.version(), &taken).map_err(|_| no_transport)
    }
}

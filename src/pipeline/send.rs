//! Sends the queue now, on a person's request.

use super::telemetry::Telemetry;
use crate::consent::{BUILT_OFF, Decision, Mode, Reason, Switch};
use crate::upload::report::UploadReport;

impl Telemetry {
    /// Uploads the finished files now, as an uploader does: for a button, or a command `send`. It takes up to a minute,
    /// and calls `taken` with the number of records that the receiver has accepted so far. Files that a process is
    /// still writing are not sent, this process's included. If the report's `end` is not `Done`, other records were not
    /// sent either, for that reason.
    ///
    /// # Errors
    /// The decision, if it is not on, or if this pipeline does not upload: then nothing is sent.
    pub fn send(&self, taken: impl Fn(u64)) -> Result<UploadReport, Decision> {
        let decision = match self.shared.decision() {
            // Final in this process, even if the facts say yes.
            no @ Decision { mode: Mode::Off, reason: Reason::Disabled | Reason::SaidNo } => no,
            _ => self.shared.standing(),
        };
        if BUILT_OFF || decision.mode != Mode::On {
            return Err(decision);
        }
        let no_transport = Decision { mode: Mode::Off, reason: Reason::NoTransport };
        let (shared, upload) = (&self.shared, self.shared.upload.as_ref().zip(self.shared.endpoint.as_ref()));
        let (upload, endpoint) = upload.ok_or(no_transport)?;
        // The pipeline's own switch, so that `disable` ends this upload too, and waits for it.
        let own = self.pipeline().map(|pipeline| pipeline.switch.clone()).filter(Switch::is_on);
        let switch = own.unwrap_or_else(|| Switch::new(shared.settings.clone(), true));
        upload.send(&shared.settings, endpoint, shared.version(), &switch, &taken).map_err(|_| no_transport)
    }
}

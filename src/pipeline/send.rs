//! Sends the queue now, on a person's request.

use super::telemetry::Telemetry;
use crate::consent::{BUILT_OFF, Decision, Mode, Reason, Switch};
use crate::upload::report::UploadReport;

impl Telemetry {
    /// Uploads the queue now, as an uploader does: for a button, or a command `send`. It takes up to a minute, and waits
    /// up to five seconds more for another upload that is running. It calls `taken` with the number of records that the
    /// receiver has accepted so far. This process's finished records are sent too; files that another process is still
    /// writing are not. If the report's `end` is not `Done`, other records were not sent either, for that reason. After
    /// a failure the receiver is not asked again before [`Status::paused_until`](crate::Status::paused_until).
    ///
    /// ```no_run
    /// # fn shown(telemetry: &scruple::Telemetry) -> String {
    /// match telemetry.send(|sent| println!("{sent} records so far")) {
    ///     Ok(report) => report.to_string(),                // as in: sent 3 records
    ///     Err(decision) => format!("not sent: {decision}"), // as in: not sent: off: the stored answer is no
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// The decision, if it is not on, or if this pipeline does not upload: then nothing is sent.
    pub fn send(&self, taken: impl Fn(u64)) -> Result<UploadReport, Decision> {
        let decision = match self.shared.decision() {
            // Final in this process, even if the facts say yes.
            no @ Decision { mode: Mode::Off, reason: Reason::Disabled | Reason::SaidNo, .. } => no,
            _ => self.shared.standing(),
        };
        if BUILT_OFF || decision.mode != Mode::On {
            return Err(decision);
        }
        let no_transport = Decision::off(Reason::NoTransport);
        let (shared, upload) = (&self.shared, self.shared.upload.as_ref().zip(self.shared.endpoint.as_ref()));
        let (upload, endpoint) = upload.ok_or(no_transport)?;
        // The pipeline's own switch, so that `disable` ends this upload too, and waits for it.
        let switch = match self.pipeline().filter(|pipeline| pipeline.switch.is_on()) {
            Some(pipeline) => {
                pipeline.recorder.finish_files();
                pipeline.switch.clone()
            }
            None => Switch::new(shared.settings.clone(), decision),
        };
        upload.send(&shared.settings, endpoint, shared.version(), &switch, &taken).map_err(|_| no_transport)
    }
}

//! `forward` as a pipeline's way out.

use super::Builder;
use crate::forward::Forward;

impl Builder {
    /// Sends records while the program runs, through the OpenTelemetry SDK's batch processors: for servers and for
    /// demonstrations. What is still waiting at the end is sent within the [budget](Builder::budget).
    pub fn forward(self, forward: Forward) -> Self {
        self.way_out(move |opening| forward.open(opening.endpoint, opening.resource, opening.switch, opening.rehearsal))
    }
}

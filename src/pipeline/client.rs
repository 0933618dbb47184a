//! The pipelines of this process, for any part of the program.

use super::shared::{Shared, running};
use crate::consent::{Decision, Reason};
use std::fmt;
use std::sync::Arc;

/// A pipeline of this process that is on, for use by any part of the program.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

/// The first pipeline of this process that is on; `None` means that nothing is recorded. Each call reads the
/// environment and the files again, for each pipeline, as [`Telemetry::is_on`](crate::Telemetry::is_on) does: a library
/// that calls it before it records need not know whose pipeline it runs in.
pub fn client() -> Option<Client> {
    // Each is asked, so that each applies a new no.
    let on: Vec<_> = running().into_iter().filter(|shared| shared.is_on(true)).collect();
    on.into_iter().next().map(Client)
}

impl Client {
    /// The app id of the pipeline's program.
    pub fn app_id(&self) -> &'static str {
        self.0.settings.app_id()
    }

    /// The decision, with its reason.
    pub fn decision(&self) -> Decision {
        self.0.decision()
    }

    /// Whether records are made and sent now. See [`Telemetry::is_on`](crate::Telemetry::is_on).
    pub fn is_on(&self) -> bool {
        self.0.is_on(true)
    }

    /// The same without the environment. See [`Telemetry::is_on_by_files`](crate::Telemetry::is_on_by_files).
    pub fn is_on_by_files(&self) -> bool {
        self.0.is_on(false)
    }

    /// Off, at once and for good in this process. See [`Telemetry::disable`](crate::Telemetry::disable).
    pub fn disable(&self) {
        self.0.disable(Reason::Disabled);
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (app_id, decision) = (self.app_id(), self.decision());
        f.debug_struct("Client").field("app_id", &app_id).field("decision", &decision).finish()
    }
}

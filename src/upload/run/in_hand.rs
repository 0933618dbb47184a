//! The file whose records are being sent: what was deleted meanwhile may not be sent any more.

use crate::http::MaySend;
use crate::spool::LockedFile;
use std::sync::{Arc, Mutex, PoisonError};

/// The file that a run has taken last, if it still holds it.
#[derive(Clone, Default)]
pub(super) struct FileInHand(Arc<Mutex<Option<Watch>>>);

/// Whether a file was deleted by another process.
type Watch = Box<dyn Fn() -> bool + Send>;

impl FileInHand {
    /// What is asked before each piece that is sent: consent, and whether the file is still there. A reset, and the start
    /// of a process that is told no by its environment, delete what waits and store nothing that consent could read.
    pub(super) fn may_send(&self, ask: &MaySend) -> MaySend {
        let (ask, in_hand) = (Arc::clone(ask), self.clone());
        Arc::new(move || ask() && !in_hand.is_deleted())
    }

    pub(super) fn take(&self, file: &LockedFile<'_>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(file.watch()));
    }

    fn is_deleted(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(|is_deleted| is_deleted())
    }
}

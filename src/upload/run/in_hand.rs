//! The file in progress: if it is deleted meanwhile, its records may not be sent any more.

use crate::http::MaySend;
use crate::spool::LockedFile;
use crate::sync::lock;
use std::sync::{Arc, Mutex};

/// The file that a run has locked last, while it is locked.
#[derive(Clone, Default)]
pub(super) struct FileInHand(Arc<Mutex<Option<Watch>>>);

/// A check of whether another process has deleted a file.
type Watch = Box<dyn Fn() -> bool + Send>;

impl FileInHand {
    /// The check before each piece that is sent: consent, and whether the file still exists. A reset, and the start of
    /// a process whose environment says no, delete the queue without storing anything that consent could read.
    pub(super) fn may_send(&self, ask: &MaySend) -> MaySend {
        let (ask, in_hand) = (Arc::clone(ask), self.clone());
        Arc::new(move || ask() && !in_hand.is_deleted())
    }

    pub(super) fn take(&self, file: &LockedFile<'_>) {
        *lock(&self.0) = Some(Box::new(file.watch()));
    }

    fn is_deleted(&self) -> bool {
        lock(&self.0).as_ref().is_some_and(|is_deleted| is_deleted())
    }
}

//! The two ends of a pipeline: where clean records go, and where spans wait for their end.

use super::clean::Clean;
use super::record::{Ids, Record};
use std::sync::Arc;
use std::time::Duration;

/// Where clean records go.
pub trait Sink: Send + Sync {
    /// Takes one record. It must not block, panic, or record spans or events of its own.
    fn accept(&self, record: &Clean<Record>);

    /// Hands on what is still held, within the budget. Called once, when the pipeline is taken down.
    fn close(&self, budget: Duration) {
        let _ = budget;
    }
}

impl<S: Sink + ?Sized> Sink for Arc<S> {
    fn accept(&self, record: &Clean<Record>) {
        (**self).accept(record);
    }

    fn close(&self, budget: Duration) {
        (**self).close(budget);
    }
}

/// A way in that holds spans which have not ended.
pub(crate) trait OpenSpans: Send + Sync {
    /// Takes every open span, for a program that is about to exit.
    fn take_all(&self) -> Vec<Clean<Record>>;

    /// The declared span that the calling thread is in, where it is known without anything of the program's.
    fn innermost(&self) -> Option<Ids> {
        None
    }
}

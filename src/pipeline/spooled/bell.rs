//! Wakes the thread that uploads.

use crate::pipeline::telemetry::lock;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Wakes the thread that uploads.
#[derive(Default)]
pub(super) struct Wakeups {
    rung: Mutex<Wakeup>,
    heard: Condvar,
}

/// Why it was woken.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Wakeup {
    #[default]
    Not,
    Full,
    End,
}

impl Wakeups {
    pub(super) fn ring(&self, why: Wakeup) {
        let mut rung = lock(&self.rung);
        // An end is not taken back.
        if *rung != Wakeup::End {
            *rung = why;
        }
        drop(rung);
        self.heard.notify_all();
    }

    /// Waits until it rings, or for so long.
    pub(super) fn wait(&self, most: Duration) -> Wakeup {
        let rung = lock(&self.rung);
        let waited = self.heard.wait_timeout_while(rung, most, |rung| *rung == Wakeup::Not);
        let (mut rung, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if *rung == Wakeup::End { Wakeup::End } else { std::mem::take(&mut rung) }
    }
}

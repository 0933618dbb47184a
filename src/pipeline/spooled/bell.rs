//! Wakes the thread that uploads.

use crate::pipeline::telemetry::lock;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Wakes the thread that uploads.
#[derive(Default)]
pub(super) struct Bell {
    rung: Mutex<Ring>,
    heard: Condvar,
}

/// Why it was woken.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Ring {
    #[default]
    Not,
    Full,
    End,
}

impl Bell {
    pub(super) fn ring(&self, why: Ring) {
        let mut rung = lock(&self.rung);
        // An end is not taken back.
        if *rung != Ring::End {
            *rung = why;
        }
        drop(rung);
        self.heard.notify_all();
    }

    /// Waits until it rings, or for so long.
    pub(super) fn wait(&self, most: Duration) -> Ring {
        let rung = lock(&self.rung);
        let waited = self.heard.wait_timeout_while(rung, most, |rung| *rung == Ring::Not);
        let (mut rung, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if *rung == Ring::End { Ring::End } else { std::mem::take(&mut rung) }
    }
}

//! The backoff after a failure: the failures in a row, the end of the pause, and the file that failed.
//!
//! `pause` in the folder for state holds two or three words: the number of failures, the end in seconds since the
//! epoch, and the number of the file that was not accepted, in hexadecimal digits. The pause doubles from a minute to a
//! day, is at least the time that the receiver asks for, and has a random jitter of up to a quarter either way, so that
//! programs do not all retry at the same time. A malformed file means no pause, and so does an end more than two days
//! ahead: the clock was set back.
//!
//! The next run begins with the files after the failed one. So a file that a receiver always asks to retry blocks no
//! other, and is deleted by age.

use crate::files::{Access, Deletion, FileError, Folder};
use crate::identity::Random;
use crate::limits::{MAX_BACKOFF, MIN_BACKOFF, SECOND};
use std::path::Path;
use std::time::Duration;

/// The file's name.
const FILE: &str = "pause";

#[derive(Clone, Copy, Default)]
pub(super) struct Backoff {
    failures: u32,
    /// The end, in seconds since the epoch.
    until: u64,
    /// The number of the file that was not accepted.
    at: Option<u64>,
}

impl Backoff {
    pub(super) fn read(folder: &Folder) -> Self {
        let read = || {
            let (bytes, _) = folder.read(FILE, Access::Mine).ok()??;
            let mut words = std::str::from_utf8(&bytes).ok()?.split_ascii_whitespace();
            let (failures, until) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            Some(Self { failures, until, at: words.next().and_then(|at| u64::from_str_radix(at, 16).ok()) })
        };
        read().unwrap_or_default()
    }

    /// Whether the receiver may be asked at this time, in nanoseconds since the epoch.
    pub(super) fn is_over(self, now: u64) -> bool {
        let now = now / SECOND;
        now >= self.until || self.until - now > 2 * MAX_BACKOFF.as_secs()
    }

    /// The file that the receiver did not accept.
    pub(super) fn at(self) -> Option<u64> {
        self.at
    }

    /// The backoff after another failure, at this file.
    pub(super) fn longer(self, at: Option<u64>, asked: Duration, now: u64, random: &dyn Random) -> Self {
        let failures = self.failures.saturating_add(1);
        let doubled = MIN_BACKOFF.saturating_mul(1 << (failures - 1).min(11)).min(MAX_BACKOFF);
        let pause = varied(doubled, random).max(asked);
        Self { failures, until: (now / SECOND).saturating_add(pause.as_secs()), at }
    }

    /// The pause before the next attempt in the same run.
    pub(super) fn between(attempt: u32, asked: Duration, random: &dyn Random) -> Duration {
        varied(Duration::from_secs(1 << attempt.min(6)), random).max(asked)
    }

    /// Errors are ignored: then the stamp alone delays the next run. Consent is asked under the lock: a process that
    /// stores a no takes the same lock to delete this file.
    pub(super) fn write(self, folder: &Folder, ask: &dyn Fn() -> bool) {
        let at = self.at.map(|at| format!(" {at:x}")).unwrap_or_default();
        let line = format!("{} {}{at}\n", self.failures, self.until);
        let _ = folder.lock().and_then(|lock| if ask() { lock.write(FILE, |_| line.into_bytes()) } else { Ok(()) });
    }

    pub(super) fn end(folder: &Folder) -> Result<(), FileError> {
        folder.lock()?.erase(FILE)
    }
}

/// The end of the backoff, in seconds since the epoch, if it is after this time in nanoseconds.
pub(crate) fn until(state: &Path, now: u64) -> Option<u64> {
    let pause = Backoff::read(&Folder::open(state).ok()??);
    (!pause.is_over(now)).then_some(pause.until)
}

/// Deletes the backoff, which names a queued file.
pub(crate) fn forget(state: &Path, when: Deletion) -> Result<(), FileError> {
    Folder::erase(state, FILE, when)
}

/// Adds a random jitter of up to a quarter either way.
fn varied(pause: Duration, random: &dyn Random) -> Duration {
    let mut drawn = [0; 1];
    random.fill(&mut drawn);
    pause.mul_f64(0.75 + f64::from(drawn[0]) / 510.0)
}

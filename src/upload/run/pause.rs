//! The pause after a failure: how often it failed in a row, and when the receiver may be asked again.
//!
//! `pause` in the folder for state holds two numbers, the failures and the time in seconds since the epoch. It doubles
//! from a minute to a day, is at least what the receiver asks for, and is changed at random by up to a quarter either way,
//! so that not everybody comes back at once. What can't be read is no pause, and neither is one whose end is more than
//! a day ahead: the clock was set back.

use crate::files::{Folder, Whose};
use crate::identity::Random;
use std::time::Duration;

/// The file's name.
const FILE: &str = "pause";

const SHORTEST: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
const SECOND: u64 = 1_000_000_000;

#[derive(Clone, Copy, Default)]
pub(super) struct Pause {
    failures: u32,
    /// In seconds since the epoch.
    until: u64,
}

impl Pause {
    pub(super) fn read(folder: &Folder) -> Self {
        let read = || {
            let (bytes, _) = folder.read(FILE, Whose::Mine).ok()??;
            let (failures, until) = std::str::from_utf8(&bytes).ok()?.trim_end().split_once(' ')?;
            Some(Self { failures: failures.parse().ok()?, until: until.parse().ok()? })
        };
        read().unwrap_or_default()
    }

    /// Whether the receiver may be asked at this time, in nanoseconds since the epoch.
    pub(super) fn is_over(self, now: u64) -> bool {
        let now = now / SECOND;
        now >= self.until || self.until - now > 2 * LONGEST.as_secs()
    }

    /// The pause after another failure.
    pub(super) fn longer(self, asked: Duration, now: u64, random: &dyn Random) -> Self {
        let failures = self.failures.saturating_add(1);
        let doubled = SHORTEST.saturating_mul(1 << (failures - 1).min(11)).min(LONGEST);
        let pause = varied(doubled, random).max(asked);
        Self { failures, until: (now / SECOND).saturating_add(pause.as_secs()) }
    }

    /// The pause before the next attempt in the same run.
    pub(super) fn between(attempt: u32, asked: Duration, random: &dyn Random) -> Duration {
        varied(Duration::from_secs(1 << attempt.min(6)), random).max(asked)
    }

    /// What can't be written is forgotten: then the stamp alone keeps the next run away.
    pub(super) fn write(self, folder: &Folder) {
        let line = format!("{} {}\n", self.failures, self.until);
        let _ = folder.lock().and_then(|lock| lock.write(FILE, |_| line.into_bytes()));
    }

    pub(super) fn end(folder: &Folder) {
        let _ = folder.lock().and_then(|lock| lock.erase(FILE));
    }
}

/// Changed at random by up to a quarter either way.
fn varied(pause: Duration, random: &dyn Random) -> Duration {
    let mut drawn = [0; 1];
    random.fill(&mut drawn);
    pause.mul_f64(0.75 + f64::from(drawn[0]) / 510.0)
}

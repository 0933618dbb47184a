//! Rehearsals: pipelines for tests and demonstrations, which no environment turns off and which send nothing out.

#[cfg(feature = "clap")]
pub mod arguments;
mod covered;

pub use self::covered::coverage;
pub use crate::identity::{Clock, Random};

use crate::identity::Secret;
use crate::{Builder, Rehearsed};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// The settings of a rehearsal. Everything that is not set works as in a real run.
#[derive(Default)]
pub struct Rehearsal(Rehearsed);

/// Without the secret.
impl fmt::Debug for Rehearsal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rehearsal").field("asks", &self.0.asks).field("root", &self.0.root).finish_non_exhaustive()
    }
}

impl Rehearsal {
    /// A rehearsal without settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the clock.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.0.clock = Some(Arc::new(clock));
        self
    }

    /// Sets the build time of the program, in seconds since the Unix epoch: an earlier time of the clock is rejected.
    /// Without this, every time of a given [clock](Rehearsal::clock) is accepted.
    pub fn built(mut self, seconds: u64) -> Self {
        self.0.built = Some(seconds);
        self
    }

    /// Sets the source of the random ids.
    pub fn random(mut self, random: impl Random + 'static) -> Self {
        self.0.random = Some(Box::new(random));
        self
    }

    /// Sets the secret of the hashes.
    pub fn secret(mut self, secret: [u8; 32]) -> Self {
        self.0.secret = Some(Secret::new(secret));
        self
    }

    /// Makes the decision from the environment and files, as in a real run: to test how a program asks its users. With the
    /// default exporter it uploads as a real run does, to whatever endpoint it has: give it one on loopback.
    pub fn asking(mut self) -> Self {
        self.0.asks = true;
        self
    }

    /// Sets the folder for the organisation's files, instead of `/`.
    pub fn root(mut self, folder: impl Into<PathBuf>) -> Self {
        self.0.root = Some(folder.into());
        self
    }
}

impl Builder {
    /// Makes this a rehearsal. An endpoint of `Forward` beyond loopback turns it off. Variables and
    /// continuous integration do not, unless the rehearsal is [asking](Rehearsal::asking).
    pub fn rehearsal(self, rehearsal: Rehearsal) -> Self {
        self.rehearse(rehearsal.0)
    }
}

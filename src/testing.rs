//! Rehearsals: a pipeline for tests and demonstrations that no environment turns off and that can't leave the machine.

#[cfg(feature = "clap")]
pub mod arguments;

pub use crate::identity::{Clock, Random};

use crate::identity::Secret;
use crate::{Builder, Rehearsed};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// What a rehearsal fixes. What it leaves open is as in a real run.
#[derive(Default)]
pub struct Rehearsal(Rehearsed);

/// Without the secret.
impl fmt::Debug for Rehearsal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rehearsal").field("asks", &self.0.asks).field("root", &self.0.root).finish_non_exhaustive()
    }
}

impl Rehearsal {
    /// Fixes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the time from here.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.0.clock = Some(Arc::new(clock));
        self
    }

    /// When the program was built, in seconds since the Unix epoch: a clock that is behind it is not believed. Without
    /// this, any time of a given [clock](Rehearsal::clock) is.
    pub fn built(mut self, seconds: u64) -> Self {
        self.0.built = Some(seconds);
        self
    }

    /// Takes ids from here.
    pub fn random(mut self, random: impl Random + 'static) -> Self {
        self.0.random = Some(Box::new(random));
        self
    }

    /// Hashes under this secret.
    pub fn secret(mut self, secret: [u8; 32]) -> Self {
        self.0.secret = Some(Secret::new(secret));
        self
    }

    /// Decides as a real run does, by the environment and by files: to test how a program asks its users. It still
    /// can't leave the machine.
    pub fn asking(mut self) -> Self {
        self.0.asks = true;
        self
    }

    /// Looks for the organisation's files below this folder instead of `/`.
    pub fn root(mut self, folder: impl Into<PathBuf>) -> Self {
        self.0.root = Some(folder.into());
        self
    }
}

impl Builder {
    /// Makes this a rehearsal: an endpoint beyond loopback turns it off, and, unless it is [asking](Rehearsal::asking),
    /// no variable and no continuous integration does.
    pub fn rehearsal(self, rehearsal: Rehearsal) -> Self {
        self.rehearse(rehearsal.0)
    }
}

//! Rehearsals: a pipeline for tests and demonstrations that no environment turns off and that can't leave the machine.

#[cfg(feature = "clap")]
pub mod arguments;

use crate::identity::{Clock, Random, Secret};
use crate::{Builder, Rehearsed, Telemetry};
use std::path::PathBuf;
use std::sync::Arc;
use tracing::level_filters::LevelFilter;

/// What a rehearsal fixes. What it leaves open is as in a real run.
#[derive(Default)]
pub struct Rehearsal(Rehearsed);

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
    pub fn secret(mut self, secret: Secret) -> Self {
        self.0.secret = Some(secret);
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

/// Checks that no filter on the program's whole subscriber hides declared spans and events from the layer, as a global
/// `RUST_LOG=warn` does: for a test of the program, with its subscriber set.
///
/// # Errors
/// The most verbose level that is let through.
pub fn is_heard(telemetry: &Telemetry) -> Result<(), LevelFilter> {
    telemetry.status().hidden.map_or(Ok(()), Err)
}

impl Builder {
    /// Makes this a rehearsal: an endpoint beyond loopback turns it off, and, unless it is [asking](Rehearsal::asking),
    /// no variable and no continuous integration does.
    pub fn rehearsal(self, rehearsal: Rehearsal) -> Self {
        self.rehearse(rehearsal.0)
    }
}

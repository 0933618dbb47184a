//! Rehearsals: a pipeline for tests and demonstrations that no environment turns off and that can't leave the machine.

use crate::Builder;
use crate::identity::{Clock, Random, Secret};

/// What a rehearsal fixes. What it leaves open is as in a real run.
#[derive(Default)]
pub struct Rehearsal {
    clock: Option<Box<dyn Clock>>,
    random: Option<Box<dyn Random>>,
    secret: Option<Secret>,
}

impl Rehearsal {
    /// Fixes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the time from here.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Some(Box::new(clock));
        self
    }

    /// Takes ids from here.
    pub fn random(mut self, random: impl Random + 'static) -> Self {
        self.random = Some(Box::new(random));
        self
    }

    /// Hashes under this secret.
    pub fn secret(mut self, secret: Secret) -> Self {
        self.secret = Some(secret);
        self
    }
}

impl Builder {
    /// Makes this a rehearsal: no variable and no CI turns it off, and an endpoint beyond loopback does.
    pub fn rehearsal(self, rehearsal: Rehearsal) -> Self {
        self.rehearse(rehearsal.clock, rehearsal.random, rehearsal.secret)
    }
}

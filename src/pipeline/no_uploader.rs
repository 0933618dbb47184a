//! No upload: the replacement in a build without the feature `upload`.

use super::context::ExportContext;
use crate::consent::{Decision, Reason, Settings, Switch};
use crate::files::{Deletion, FileError};
use crate::privacy::{Declarations, Record, Resource, Sink};
use crate::registry::Endpoint;
use crate::spool;
use crate::upload::Amount;
use crate::upload::report::{self, UploadReport};
use std::convert::Infallible;
use std::path::Path;
use std::time::Duration;

/// The upload, which can't be constructed in this build.
#[derive(Debug, Clone)]
pub struct Upload(Infallible);

/// A policy, which can't be set in this build.
pub(super) type PolicyChoice = Infallible;

impl Upload {
    pub(super) fn by_default() -> Option<Self> {
        None
    }

    pub(super) fn set_policy(&mut self, policy: PolicyChoice) {
        match policy {}
    }

    pub(super) fn has_policy(&self) -> bool {
        match self.0 {}
    }

    pub(super) fn check(&self, _: &Settings) -> Result<(), Reason> {
        match self.0 {}
    }

    pub(super) fn open(self, _: &ExportContext<'_>) -> Result<Box<dyn Sink>, Reason> {
        match self.0 {}
    }

    pub(super) fn run_once(self, _: &Settings, _: Decision, _: Endpoint, _: &str) {
        match self.0 {}
    }

    pub(super) fn send(
        &self,
        _: &Settings,
        _: &Endpoint,
        _: &str,
        _: &Switch,
        _: &dyn Fn(u64),
    ) -> Result<UploadReport, Reason> {
        match self.0 {}
    }

    pub(super) fn next(&self, _: &Settings, _: &Path) -> (Option<Duration>, Option<u64>) {
        match self.0 {}
    }

    pub(super) fn network_error(&self, _: &str) -> Option<String> {
        match self.0 {}
    }
}

pub(super) fn begin() {}

pub(super) fn started_for() -> Option<&'static str> {
    None
}

pub(super) fn is_first_line() -> bool {
    false
}

/// The names in a state folder that a deletion at the start of a program leaves there.
pub(super) const KEPT: [&str; 3] = [LOCK, "sent", spool::STAMP];

/// Deletes files of another build of the same program.
pub(super) fn forget(state: &Path, _: bool, when: Deletion) -> Result<(), FileError> {
    spool::forget(state).and(report::forget(state, when)).and(spool::forget_losses(state, when))
}

/// The lock of an upload by another build of the same program: that upload ends by itself.
pub(super) const LOCK: &str = "upload.lock";

pub(super) fn wait_for_end(_: &Path, _: Duration) -> Result<(), FileError> {
    Ok(())
}

pub(super) fn amount_sent(_: &Path) -> Option<Amount> {
    None
}

pub(super) fn sent(_: &Path, _: &Declarations<'_>, _: impl FnMut(&Resource, &Record)) {}

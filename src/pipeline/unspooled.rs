//! No spool and no uploader: what a build without the feature `upload` has in their place.

use super::{Amount, ExportContext};
use crate::consent::{Reason, Settings};
use crate::files::{Deletion, FileError, Places};
use crate::privacy::{Declarations, Record, Resource, Sink};
use crate::registry::Endpoint;
use crate::spool::{Receiver, forget_losses};
use crate::upload::report::{self, UploadReport};
use std::path::Path;
use std::time::Duration;

/// Nothing is uploaded in this build.
#[derive(Clone)]
pub struct Upload(std::convert::Infallible);

/// Nothing is asked for in this build.
#[derive(Clone)]
pub(super) struct Policy(std::convert::Infallible);

/// Nothing is done in this build.
pub(super) struct UploaderConfig(Upload);

impl UploaderConfig {
    pub(super) fn new(
        upload: Upload,
        _: &Settings,
        _: &Declarations<'_>,
        _: Endpoint,
        _: Places,
        _: Option<Policy>,
    ) -> Self {
        Self(upload)
    }
}

pub(super) fn by_default() -> Option<Upload> {
    None
}

/// What another build of the same program may have left.
pub(super) fn forget(state: &Path, _: bool, when: Deletion) -> Result<(), FileError> {
    crate::spool::forget(state).and(report::forget(state, when)).and(forget_losses(state, when))
}

/// Nothing is uploaded in this build; what another build of the same program does ends by itself.
pub(super) const LOCK: &str = "upload.lock";

pub(super) fn wait_for_end(_: &Path, _: Duration) -> Result<(), FileError> {
    Ok(())
}

pub(super) fn impassable(upload: &Upload, _: &str) -> Option<String> {
    match upload.0 {}
}

pub(super) fn amount_waiting(_: &Path, _: &Receiver) -> Option<Amount> {
    None
}

pub(super) fn amount_elsewhere(_: &Path, _: &Receiver) -> Option<Amount> {
    None
}

pub(super) fn amount_sent(_: &Path) -> Option<Amount> {
    None
}

/// Nothing is sent in this build.
pub(super) fn send(config: &UploaderConfig, _: &dyn Fn(u64)) -> UploadReport {
    match config.0.0 {}
}

pub(super) fn next_upload(upload: &Upload, _: &Settings, _: &Path) -> (Option<Duration>, Option<u64>) {
    match upload.0 {}
}

pub(super) fn waiting(_: &Path, _: &Receiver, _: &Declarations<'_>, _: impl FnMut(&Resource, &Record)) {}

pub(super) fn sent(_: &Path, _: &Declarations<'_>, _: impl FnMut(&Resource, &Record)) {}

pub(super) fn begin() {}

pub(super) fn is_uploader(_: &Settings) -> Option<bool> {
    None
}

pub(super) fn be_uploader(errand: &UploaderConfig) {
    match errand.0.0 {}
}

pub(super) fn is_first_line() -> bool {
    false
}

pub(super) fn open<F>(
    errand: UploaderConfig,
    _: &ExportContext<'_>,
    _: (u64, F),
    _: bool,
) -> Result<Box<dyn Sink>, Reason> {
    match errand.0.0 {}
}

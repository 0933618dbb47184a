//! Whether the home folder is the person's own.

use super::facts::ForeignSession;
use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

pub(super) fn is_own(variable: &dyn Fn(&str) -> Option<OsString>) -> Result<(), ForeignSession> {
    let user = rustix::process::getuid();
    if user != rustix::process::geteuid() {
        return Err(ForeignSession::SetUid);
    }
    let home = variable("HOME").filter(|home| Path::new(home).is_absolute()).ok_or(ForeignSession::NoHome)?;
    let found = std::fs::metadata(home).map_err(|_| ForeignSession::HomeOfAnother)?;
    match found.is_dir() {
        // As accounts of services have: `/dev/null`.
        false => Err(ForeignSession::NoHome),
        true if found.uid() == user.as_raw() => Ok(()),
        true => Err(ForeignSession::HomeOfAnother),
    }
}

//! Whether there is a profile folder of a person: the system itself names it, so that it is never another's.
//!
//! An elevated process of the same person has the same profile.

use super::facts::ForeignSession;
use crate::files::{has_folders, home};
use std::ffi::OsString;

pub(super) fn is_own(variable: &dyn Fn(&str) -> Option<OsString>) -> Result<(), ForeignSession> {
    home(variable).ok_or(ForeignSession::NoHome)?;
    if has_folders(variable) { Ok(()) } else { Err(ForeignSession::HomeElsewhere) }
}

//! The places of an organisation's word on Windows: keys of the registry that only an administrator can write to.
//!
//! The text value `telemetry` of `HKEY_LOCAL_MACHINE\SOFTWARE\Policies\<app id>`, and of `…\Policies\scruple` for all
//! programs. No file: every user may make folders in the one for data of all users.

use super::settings::Settings;
use super::word::{OptOutFile, OptOutWord};
use std::fmt;
use std::path::Path;
use winreg::HKLM;
use winreg::enums::REG_SZ;
use winreg::types::FromRegValue as _;

/// What holds an organisation's word: no longer than the column for it in the status.
pub(crate) const HOLDER: &str = "organisation's value";

/// The value's name.
const VALUE: &str = "telemetry";

/// The code of a missing key or value.
const ERROR_FILE_NOT_FOUND: i32 = 2;

/// A key with an organisation's value.
pub(crate) struct OrganisationPlace(String);

impl OrganisationPlace {
    /// For this app, and for all.
    pub(super) fn all(app_id: &str, _: &Path) -> Vec<Self> {
        [app_id, "scruple"].map(|name| Self(key(name))).into()
    }

    /// What it says.
    pub(super) fn word(&self, settings: &Settings) -> Result<OptOutWord, OptOutFile> {
        match HKLM.open_subkey(&self.0).and_then(|key| key.get_raw_value(VALUE)) {
            Ok(value) if value.vtype == REG_SZ => {
                OptOutWord::of(&String::from_reg_value(&value).map_err(|_| OptOutFile::No)?, settings)
            }
            Ok(_) => Err(OptOutFile::No),
            Err(error) if error.raw_os_error() == Some(ERROR_FILE_NOT_FOUND) => Ok(OptOutWord::Absent),
            Err(error) => Err(OptOutFile::Unreadable(error.into())),
        }
    }
}

impl fmt::Display for OrganisationPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HKEY_LOCAL_MACHINE\\{}", self.0)
    }
}

fn key(name: &str) -> String {
    format!("SOFTWARE\\Policies\\{name}")
}

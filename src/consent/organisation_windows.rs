//! The places of an organisation's word on Windows: keys of the registry that only an administrator can write to.
//!
//! The text value `telemetry` of `HKEY_LOCAL_MACHINE\SOFTWARE\Policies\<app id>`, and of `…\Policies\scruple` for all
//! programs. No file: every user may make folders in the one for data of all users.

use super::settings::Settings;
use super::word::{OptOutFile, OptOutWord};
use crate::files::FileError;
use std::fmt;
use std::io::ErrorKind;
use std::path::Path;
use windows_registry::{LOCAL_MACHINE, Type};

/// What holds an organisation's word.
pub(crate) const HOLDER: &str = "organisation's registry value";

/// The value's name.
const VALUE: &str = "telemetry";

/// The code of a missing key or value (`ERROR_FILE_NOT_FOUND`), and of a denied access, as an `HRESULT`.
const NOT_FOUND: u32 = 0x8007_0002;
const DENIED: u32 = 0x8007_0005;

/// A key with an organisation's value.
pub(crate) struct OrganisationPlace(String);

impl OrganisationPlace {
    /// For this app, and for all.
    pub(super) fn all(app_id: &str, _: &Path) -> Vec<Self> {
        [app_id, "scruple"].map(|name| Self(key(name))).into()
    }

    /// What it says.
    pub(super) fn word(&self, settings: &Settings) -> Result<OptOutWord, OptOutFile> {
        let found = LOCAL_MACHINE.open(&self.0).and_then(|key| key.get_value(VALUE));
        match found {
            Ok(value) if value.ty() == Type::String => {
                OptOutWord::of(&String::try_from(value).map_err(|_| OptOutFile::No)?, settings)
            }
            Ok(_) => Err(OptOutFile::No),
            Err(error) => match error.code().0.cast_unsigned() {
                NOT_FOUND => Ok(OptOutWord::Absent),
                DENIED => Err(OptOutFile::Unreadable(FileError::Denied)),
                _ => Err(OptOutFile::Unreadable(FileError::System(ErrorKind::Other))),
            },
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

//! The places of an organisation's word: files in folders that only an administrator can write to.

use super::settings::Settings;
use super::word::{ORGANISATION, OptOutFile, OptOutWord, shortened, word};
use crate::files::Places;
use std::fmt;
use std::path::{Path, PathBuf};

/// What holds an organisation's word.
pub(crate) const HOLDER: &str = "organisation's file";

/// A folder with an organisation's file.
pub(crate) struct OrganisationPlace(PathBuf);

impl OrganisationPlace {
    /// For this app, and for all.
    pub(super) fn all(app_id: &str, root: &Path) -> Vec<Self> {
        Places::organisation(app_id, root).into_iter().flatten().map(Self).collect()
    }

    /// What it says.
    pub(super) fn word(&self, settings: &Settings) -> Result<OptOutWord, OptOutFile> {
        word(settings, &self.0, ORGANISATION)
    }
}

impl fmt::Display for OrganisationPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shortened(&self.0.join(ORGANISATION)))
    }
}

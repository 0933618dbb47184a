//! The registries of the command line: read, and joined version by version.

use std::fmt;
use std::io;
use std::path::Path;

use crate::check::show;
use crate::codegen::locations;
use crate::named;
use crate::registry::{Finding, NotJoined, Owned, joined};

/// Reads the registries, each a folder or REVISION:FOLDER, and shows the mistakes of all; `None` if one has a mistake.
///
/// # Errors
/// Standard error can't be written to.
pub fn read(all_named: &[String]) -> io::Result<Option<Vec<Owned>>> {
    let mut all = Vec::new();
    for name in all_named {
        match named::read(name) {
            Ok(owned) => {
                // A revision can't be changed: its warnings are for `scruple check` before a release.
                show(if Path::new(name).is_dir() { &owned.warnings } else { &[] })?;
                all.push(Some(owned));
            }
            Err(findings) => {
                show(&findings)?;
                all.push(None);
            }
        }
    }
    Ok(all.into_iter().collect())
}

/// Why registries are not the versions of one program.
pub enum NotVersions {
    /// A library declares a location.
    Located(Vec<Finding>),
    /// A version can't be joined with its libraries.
    NotJoined(NotJoined),
    /// Two versions have one schema URL.
    SameUrl(Box<Owned>),
}

impl fmt::Display for NotVersions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Located(_) => f.write_str("a library declares a location"),
            Self::NotJoined(error) => error.fmt(f),
            Self::SameUrl(version) => write!(
                f,
                "two of these registries have the app id {} and the schema URL {}: name each once, or give the changed \
                 one a new version in `manifest.yaml`",
                version.service.table.app_id, version.schema_url
            ),
        }
    }
}

/// The versions of a program: each registry with the app id of the first begins one, and the libraries after it belong to it.
pub fn versions(registries: Vec<Owned>) -> Result<Vec<Owned>, NotVersions> {
    let app_id = registries.first().map(|program| program.service.table.app_id);
    let mut each: Vec<Vec<Owned>> = Vec::new();
    let mut located = Vec::new();
    for owned in registries {
        match each.last_mut() {
            Some(version) if app_id != Some(owned.service.table.app_id) => {
                located.extend(locations(&owned));
                version.push(owned);
            }
            _ => each.push(vec![owned]),
        }
    }
    if !located.is_empty() {
        return Err(NotVersions::Located(located));
    }
    let mut all: Vec<Owned> = Vec::new();
    for version in each {
        let version = joined(version).map_err(NotVersions::NotJoined)?;
        if all.iter().any(|other| other.schema_url == version.schema_url) {
            return Err(NotVersions::SameUrl(Box::new(version)));
        }
        all.push(version);
    }
    Ok(all)
}

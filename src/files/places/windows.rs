//! The folders of all apps on Windows: known folders of the person's own, which no variable can lead elsewhere.
//!
//! They are private as far as they are in the person's profile, whose access they inherit.

use known_folders::{KnownFolder, get_known_folder_path};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The person's profile folder. The accounts of the system and of services have theirs in the folder of Windows, and are
/// no person.
pub(crate) fn home(_: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    static HOME: OnceLock<Option<PathBuf>> = OnceLock::new();
    let find = || {
        let windows = get_known_folder_path(KnownFolder::Windows)?;
        get_known_folder_path(KnownFolder::Profile).filter(|profile| !profile.starts_with(windows))
    };
    HOME.get_or_init(find).clone()
}

/// The folder for choices and its default, and the one for state and its default.
pub(super) fn bases(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<[PathBuf; 4]> {
    static FOUND: OnceLock<Option<[PathBuf; 2]>> = OnceLock::new();
    let home = home(variable)?;
    let find = || {
        let inside = |folder| get_known_folder_path(folder).filter(|found: &PathBuf| found.starts_with(&home));
        let local = inside(KnownFolder::LocalAppData)?;
        // An organisation may keep it on a server, whose access is unknown.
        let roaming = inside(KnownFolder::RoamingAppData).unwrap_or_else(|| local.join("roaming"));
        Some([roaming, local].map(|base| base.join("scruple")))
    };
    let [config, state] = FOUND.get_or_init(find).clone()?;
    Some([config.clone(), config, state.clone(), state])
}

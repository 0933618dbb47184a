//! The folders of all apps on Windows: below a known folder of the person's own, which no variable can lead elsewhere.
//!
//! They are private as far as they are in the person's profile, whose access they inherit. So the profile must be that of
//! a person, on a disk of this machine, and the folders must be below it with every link on their paths followed: a link
//! or a redirected folder may lead to where others read. The choice is beside the rest, and not in the folder that an
//! organisation may keep on a server: a no there would be lost while the server is away.

use super::profile::{is_its_local_data, is_persons, is_same, on_disk};
use known_folders::{KnownFolder, get_known_folder_path};
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use windows_registry::LOCAL_MACHINE;

/// The key with the profiles of this machine, by account.
const PROFILES: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList";

/// The person's profile folder: none for the accounts of the system and of services.
pub(crate) fn home(_: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    static HOME: OnceLock<Option<PathBuf>> = OnceLock::new();
    HOME.get_or_init(|| get_known_folder_path(KnownFolder::Profile).filter(|profile| is_a_persons(profile))).clone()
}

/// Whether this profile has a folder for local data that is known to be private.
pub(crate) fn has_folders(variable: &dyn Fn(&str) -> Option<OsString>) -> bool {
    bases(variable).is_some()
}

/// The folder for choices and its default, and the one for state and its default.
pub(super) fn bases(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<[PathBuf; 4]> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    let home = home(variable)?;
    let base = FOUND.get_or_init(|| base(&home, &get_known_folder_path(KnownFolder::LocalAppData)?)).as_ref()?;
    let [settings, state] = ["settings", "state"].map(|name| base.join(name));
    Some([settings.clone(), settings, state.clone(), state])
}

/// The folder of all apps in the one for local data, if that is where each profile has it. The system may put the process's
/// own `USERPROFILE` into that path: another folder of the profile would hide a no.
fn base(home: &Path, local: &Path) -> Option<PathBuf> {
    let (home, local) = (spelled_out(home)?, spelled_out(local)?);
    let base = Path::new(&local).join("scruple");
    let is_private = is_its_local_data(&local, &home)
        && match base.symlink_metadata() {
            // The folders in it are opened without following a link.
            Ok(_) => spelled_out(&base)? == *base.to_str()?,
            Err(error) => error.kind() == ErrorKind::NotFound,
        };
    is_private.then_some(base)
}

/// The path of what is there, with every link followed, if it is on a disk.
fn spelled_out(path: &Path) -> Option<String> {
    on_disk(path.canonicalize().ok()?.to_str()?).map(str::to_owned)
}

/// Whether a profile belongs to accounts of people alone.
fn is_a_persons(profile: &Path) -> bool {
    let found = || {
        let windows = get_known_folder_path(KnownFolder::Windows)?;
        let drive = windows.to_str()?.get(..2)?;
        let profiles = LOCAL_MACHINE.open(PROFILES).ok()?;
        let of_account = |account: &String| profiles.open(account).ok()?.get_string("ProfileImagePath").ok();
        let is_here = |account: &String| {
            of_account(account).zip(profile.to_str()).is_some_and(|(path, profile)| is_same(&path, profile, drive))
        };
        let mut accounts = profiles.keys().ok()?.filter(is_here).peekable();
        Some(accounts.peek().is_some() && accounts.all(|account| is_persons(&account)))
    };
    found() == Some(true)
}

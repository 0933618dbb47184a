//! The folders of all apps on Windows: below the profile of the person's logon, which no variable can lead elsewhere.
//!
//! They are private as far as they are in the person's profile, whose access they inherit. So the profile must be that of
//! a person, on a disk of this machine, and the folders must be below it with every link on their paths followed: a link
//! or a redirected folder may lead to where others read. The choice is beside the rest, and not in the folder that an
//! organisation may keep on a server: a no there would be lost while the server is away.
//!
//! The profile is named by the key that the system makes in the person's part of its registry at an interactive logon, and
//! that ends with it: a service and a task without one have no such key. `SHGetKnownFolderPath` names it too, but links the
//! host with shell32, whose programs for the console hear of no logoff and shutdown (`SetConsoleCtrlHandler`, "Remarks").

use super::profile::{is_its_local_data, is_persons, is_same, on_disk};
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use winreg::{HKCU, HKLM, RegKey};

/// The key with the profiles of this machine, by account.
const PROFILES: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList";

/// The key with the folders of the person's logon.
const LOGON: &str = "Volatile Environment";

/// The key with the folder of Windows.
const WINDOWS: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";

/// A value of a key.
fn text(key: &RegKey, name: &str) -> Option<String> {
    key.get_value(name).ok()
}

/// A folder of the person's logon.
fn of_logon(name: &str) -> Option<PathBuf> {
    Some(text(&HKCU.open_subkey(LOGON).ok()?, name)?.into())
}

/// The person's profile folder, looked for once: none without an interactive logon, nor for the accounts of the system and of
/// services.
pub(crate) fn home(_: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    static HOME: OnceLock<Option<PathBuf>> = OnceLock::new();
    HOME.get_or_init(|| of_logon("USERPROFILE").filter(|profile| profile.is_dir() && is_a_persons(profile))).clone()
}

/// Whether this profile has a folder for local data that is known to be private.
pub(crate) fn has_folders(variable: &dyn Fn(&str) -> Option<OsString>) -> bool {
    bases(variable).is_some()
}

/// The folder for choices and its default, and the one for state and its default.
pub(super) fn bases(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<[PathBuf; 4]> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    let home = home(variable)?;
    let base = FOUND.get_or_init(|| base(&home, &of_logon("LOCALAPPDATA")?)).as_ref()?;
    let [settings, state] = ["settings", "state"].map(|name| base.join(name));
    Some([settings.clone(), settings, state.clone(), state])
}

/// The folder of all apps in the one for local data, if that is where each profile has it: another folder would hide a no.
fn base(home: &Path, local: &Path) -> Option<PathBuf> {
    let (home, local) = (spelled_out(home)?, spelled_out(local)?);
    let base = Path::new(&local).join("scruple");
    let is_private = is_its_local_data(&local, &home)
        && match spelled_out(&base) {
            // The folders in it are opened without following a link.
            Some(found) => found == *base.to_str()?,
            None => base.symlink_metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound),
        };
    is_private.then_some(base)
}

/// Whether something is there, with this path and no other: no link is on it, and each name has the case of the disk.
pub(crate) fn is_spelled_out(path: &Path) -> bool {
    spelled_out(path).is_some_and(|found| Path::new(&found) == path)
}

/// The path of what is there, with every link followed, if it is on a disk.
fn spelled_out(path: &Path) -> Option<String> {
    on_disk(path.canonicalize().ok()?.to_str()?).map(str::to_owned)
}

/// Whether a profile belongs to accounts of people alone.
fn is_a_persons(profile: &Path) -> bool {
    let found = || {
        let windows = text(&HKLM.open_subkey(WINDOWS).ok()?, "SystemRoot")?;
        let drive = windows.get(..2)?;
        let profiles = HKLM.open_subkey(PROFILES).ok()?;
        let of_account = |account: &String| text(&profiles.open_subkey(account).ok()?, "ProfileImagePath");
        let is_here = |account: &String| {
            of_account(account).zip(profile.to_str()).is_some_and(|(path, profile)| is_same(&path, profile, drive))
        };
        let mut accounts: Vec<_> = profiles.enum_keys().collect::<Result<_, _>>().ok()?;
        accounts.retain(is_here);
        Some(!accounts.is_empty() && accounts.iter().all(|account| is_persons(account)))
    };
    found() == Some(true)
}

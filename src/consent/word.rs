//! An organisation's and a project's word: a file that can say no and, at most, not object.

use crate::files::{FileError, Inode, Places, read_anyones};
use std::fmt;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// The organisation's file, in either of its folders.
pub(crate) const ORGANISATION: &str = "telemetry.toml";

/// The project's file.
pub(crate) const PROJECT: &str = ".telemetry.toml";

/// How a file says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptOutFile {
    /// It is there, and says something other than `telemetry = "on"`.
    No,
    /// It can't be read, which counts as no.
    Unreadable(FileError),
    /// There is no telling which files apply: the working directory can't be told.
    Nowhere,
}

impl fmt::Display for OptOutFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::No => f.write_str("says no"),
            Self::Unreadable(why) => write!(f, "can't be read: {why}"),
            Self::Nowhere => f.write_str("can't be looked for: there is no working directory"),
        }
    }
}

/// What a file in a folder says; `Ok(false)` if it is not there, `Ok(true)` if it does not object.
pub(crate) fn word(folder: &Path, name: &str) -> Result<bool, OptOutFile> {
    match read_anyones(&folder.join(name)).map_err(OptOutFile::Unreadable)? {
        None => Ok(false),
        Some(bytes) if is_no_objection(&bytes) => Ok(true),
        Some(_) => Err(OptOutFile::No),
    }
}

/// What the organisation says first, in the order of its folders.
pub(super) fn organisation(places: &Places) -> Option<OptOutFile> {
    places.organisation.iter().find_map(|folder| word(folder, ORGANISATION).err())
}

/// What the project says first.
pub(super) fn project(directory: Option<&Path>, home: Option<&Path>) -> Option<OptOutFile> {
    let Some(directory) = directory else { return Some(OptOutFile::Nowhere) };
    projects(directory, home).find_map(|folder| word(folder, PROJECT).err())
}

/// The folders whose file counts: from the working directory upwards to the folder that holds `.git`, to the home folder,
/// or to the last on the same device, as git looks for its own. What is above may be a network's.
pub(crate) fn projects<'d>(directory: &'d Path, home: Option<&Path>) -> impl Iterator<Item = &'d Path> {
    let home = home.and_then(Inode::of);
    let mut below: Option<Inode> = None;
    let mut is_over = false;
    directory.ancestors().take_while(move |folder| {
        if is_over {
            return false;
        }
        let here = Inode::of(folder);
        if here.zip(below).is_some_and(|(here, below)| here.device != below.device) {
            return false;
        }
        below = here.or(below);
        // A worktree's or submodule's is a file.
        is_over = here.is_some() && here == home || std::fs::symlink_metadata(folder.join(".git")).is_ok();
        true
    })
}

/// The working directory, if it is still there.
pub(crate) fn working_directory() -> Option<PathBuf> {
    std::env::current_dir().ok()
}

/// Exactly `telemetry = "on"`: nothing else is understood, so that what a later version means by more is a no here.
fn is_no_objection(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(table) = DeTable::parse(text) else { return false };
    let mut entries = table.get_ref().iter();
    let (Some((key, value)), None) = (entries.next(), entries.next()) else { return false };
    key.get_ref() == "telemetry" && matches!(value.get_ref(), DeValue::String(word) if word == "on")
}

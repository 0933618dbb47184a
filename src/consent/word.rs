//! The opt-out files of organisations and projects, which can say no but never yes.

use crate::files::{FileError, Inode, home, read_anyones};
use std::fmt;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// The organisation's file, in either of its folders.
#[cfg_attr(windows, expect(dead_code, reason = "the word is in the registry there"))]
pub(super) const ORGANISATION: &str = "telemetry.toml";

/// The only word that is not a no.
pub(super) const ON: &str = "on";

/// The project's file.
pub(crate) const PROJECT: &str = ".telemetry.toml";

/// The no of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptOutFile {
    /// It exists, and its content is not `telemetry = "on"`.
    No,
    /// It can't be read, which counts as no.
    Unreadable(FileError),
    /// The working directory is unknown, so the files that apply are unknown.
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

/// The content of a file in a folder: `Ok(false)` if it is absent, `Ok(true)` if it does not say no.
pub(crate) fn word(folder: &Path, name: &str) -> Result<bool, OptOutFile> {
    match read_anyones(&folder.join(name)).map_err(OptOutFile::Unreadable)? {
        None => Ok(false),
        Some(bytes) if is_no_objection(&bytes) => Ok(true),
        Some(_) => Err(OptOutFile::No),
    }
}

/// The first no of the project.
pub(super) fn project(directory: Option<&Path>, home: Option<&Path>) -> Option<OptOutFile> {
    let Some(directory) = directory else { return Some(OptOutFile::Nowhere) };
    projects(directory, home).find_map(|folder| word(folder, PROJECT).err())
}

/// The folders whose file counts: from the working directory upwards to the folder with `.git`, to the home folder, or
/// to the last on the same device, as git searches for its own. Folders above may be on a network.
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
        // In a worktree or submodule, `.git` is a file.
        is_over = here.is_some() && here == home || std::fs::symlink_metadata(folder.join(".git")).is_ok();
        true
    })
}

/// A path with `~` for the home folder, whose name is often a person's name.
pub(crate) fn shortened(path: &Path) -> String {
    let home = home(&|name| std::env::var_os(name));
    match home.as_deref().and_then(|home| path.strip_prefix(home).ok()) {
        Some(inside) => Path::new("~").join(inside).display().to_string(),
        None => path.display().to_string(),
    }
}

/// The working directory, if it still exists.
pub(crate) fn working_directory() -> Option<PathBuf> {
    std::env::current_dir().ok()
}

/// Exactly `telemetry = "on"`: no other content is accepted, so that an extension of a later version is a no here.
fn is_no_objection(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(table) = DeTable::parse(text) else { return false };
    let mut entries = table.get_ref().iter();
    let (Some((key, value)), None) = (entries.next(), entries.next()) else { return false };
    key.get_ref() == "telemetry" && matches!(value.get_ref(), DeValue::String(word) if word == ON)
}

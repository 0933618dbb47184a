//! The opt-out files of organisations and projects, which can say no but never yes.

use super::purposes::{PurposeSet, names};
use super::settings::Settings;
use crate::files::{FileError, Inode, home, is_spelled_out, read_anyones};
use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// The organisation's file, in either of its folders.
#[cfg_attr(windows, expect(dead_code, reason = "the word is in the registry there"))]
pub(super) const ORGANISATION: &str = "telemetry.toml";

/// The word that agrees to everything.
const ON: &str = "on";

/// The project's file.
pub(crate) const PROJECT: &str = ".telemetry.toml";

/// The no of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptOutFile {
    /// It exists, and its content is neither `telemetry = "on"` nor a list of purposes.
    No,
    /// It agrees to purposes of which the program has none.
    OtherPurposes,
    /// It can't be read, which counts as no.
    Unreadable(FileError),
    /// The working directory is unknown, so the files that apply are unknown.
    Nowhere,
}

impl fmt::Display for OptOutFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::No => f.write_str("says no"),
            Self::OtherPurposes => f.write_str("agrees to no purpose of this program"),
            Self::Unreadable(why) => write!(f, "can't be read: {why}"),
            Self::Nowhere => f.write_str("can't be looked for: there is no working directory"),
        }
    }
}

/// What a file says that does not say no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OptOutWord {
    /// There is no file.
    Absent,
    /// Nothing against any purpose.
    On,
    /// Nothing against these purposes, of which the program has at least one.
    Only(PurposeSet),
}

impl OptOutWord {
    /// The word of a text: `on`, or the names of purposes.
    pub(super) fn of(text: &str, settings: &Settings) -> Result<Self, OptOutFile> {
        if text == ON {
            return Ok(Self::On);
        }
        let named = settings.purposes_named(names(text).ok_or(OptOutFile::No)?);
        if named.is_empty() { Err(OptOutFile::OtherPurposes) } else { Ok(Self::Only(named)) }
    }

    /// The purposes that it says nothing against.
    pub(super) fn purposes(self) -> PurposeSet {
        match self {
            Self::Absent | Self::On => PurposeSet::ALL,
            Self::Only(purposes) => purposes,
        }
    }
}

/// The content of a file in a folder.
pub(super) fn word(settings: &Settings, folder: &Path, name: &str) -> Result<OptOutWord, OptOutFile> {
    match read_anyones(&folder.join(name)).map_err(OptOutFile::Unreadable)? {
        None => Ok(OptOutWord::Absent),
        Some(bytes) => OptOutWord::of(text(&bytes).ok_or(OptOutFile::No)?.as_ref(), settings),
    }
}

/// The purposes that all of these say nothing against, or the first no.
pub(super) fn all_words(words: impl Iterator<Item = Result<OptOutWord, OptOutFile>>) -> Result<PurposeSet, OptOutFile> {
    words.map(|said| said.map(OptOutWord::purposes)).try_fold(PurposeSet::ALL, |all, said| Ok(all.and(said?)))
}

/// What the files of the project say.
pub(super) fn project(
    settings: &Settings,
    directory: Option<&Path>,
    home: Option<&Path>,
) -> Result<PurposeSet, OptOutFile> {
    let directory = directory.ok_or(OptOutFile::Nowhere)?;
    all_words(projects(directory, home).map(|folder| word(settings, folder, PROJECT)))
}

/// The folders whose file counts: from the working directory upwards to the folder with `.git`, to the home folder, or
/// to the last on the same device, as git searches for its own. Folders above may be on a network.
pub(crate) fn projects<'d>(directory: &'d Path, home: Option<&Path>) -> impl Iterator<Item = &'d Path> {
    // No link is on a path that is spelled out: its folders are on one device, and the home folder is known by its path.
    let is_by_path = is_spelled_out(directory) && home.is_none_or(is_spelled_out);
    let home_path = home.filter(|_| is_by_path).map(Path::to_owned);
    let home = home.filter(|_| !is_by_path).and_then(Inode::of);
    let mut below: Option<Inode> = None;
    let mut is_over = false;
    directory.ancestors().take_while(move |folder| {
        if is_over {
            return false;
        }
        let here = if is_by_path { None } else { Inode::of(folder) };
        if here.zip(below).is_some_and(|(here, below)| here.device != below.device) {
            return false;
        }
        below = here.or(below);
        let is_home = home_path.as_deref() == Some(folder);
        // In a worktree or submodule, `.git` is a file.
        is_over = is_home || here.is_some() && here == home || std::fs::symlink_metadata(folder.join(".git")).is_ok();
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

/// The value of `telemetry = "…"`. No other content is accepted, so that an extension of a later version is a no here.
fn text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let table = DeTable::parse(std::str::from_utf8(bytes).ok()?).ok()?;
    let mut entries = table.into_inner().into_iter();
    let (Some((key, value)), None) = (entries.next(), entries.next()) else { return None };
    match value.into_inner() {
        DeValue::String(word) if key.get_ref() == "telemetry" => Some(word),
        _ => None,
    }
}

//! Stores a no although a folder can't be written, and removes it for a later yes.
//!
//! A no is first written like every answer: whole, under the lock, to both folders for settings. If one of them fails
//! (full, read-only, locked by another process, writable by others), the no is also written in place to the folders for
//! state. Then the file with the yes is overwritten. A no that is written in place may be cut off at any byte, and
//! every beginning of it reads as no; it needs no lock, because no yes is ever written to a folder for state.
//!
//! The no holds everywhere only if one of the two folders that are read regardless of the variables has it.

use super::file::{ANSWERS, Answer, AnswerFile, put, read, understood, write};
use crate::consent::settings::Settings;
use crate::consent::stored::AnswerError;
use crate::files::{Access, FileError, Folder, Places};
use std::path::{Path, PathBuf};

/// Stores a no.
pub(super) fn refuse(settings: &Settings, places: &Places) -> Result<(), (AnswerError, PathBuf)> {
    let mut failed = Vec::new();
    for folder in places.config_folders() {
        if let Err(why) = put(settings, folder, &Answer::No, true) {
            failed.push((why, folder));
        }
    }
    let usual = places.config_folders().next_back();
    let mut is_stored = failed.iter().all(|(_, folder)| Some(*folder) != usual);
    let kept = AnswerFile { no: Some(settings.clock.now()), agreed: Vec::new() };
    let content = write(&kept, settings);
    for folder in places.state_folders() {
        // An incomplete no from an earlier failure is completed.
        if !failed.is_empty() || is_there(folder) == Ok(true) {
            let is_written = in_place(folder, &content).is_ok();
            is_stored |= is_written && Some(folder) == places.state_folders().next_back();
        }
    }
    for (why, folder) in &failed {
        // A file that can't be parsed is left unchanged: it counts as no.
        if !is_stored && matches!(why, AnswerError::File(_)) {
            let is_written = in_place(folder, &content).is_ok();
            is_stored |= is_written && Some(*folder) == usual;
        }
    }
    match failed.first() {
        Some((why, folder)) if !is_stored => Err((*why, folder.join(ANSWERS))),
        _ => Ok(()),
    }
}

/// Whether an entry has the file's name.
fn is_there(folder: &Path) -> Result<bool, FileError> {
    Folder::open(folder)?.map_or(Ok(false), |folder| Ok(folder.read(ANSWERS, Access::Mine) != Ok(None)))
}

fn in_place(folder: &Path, content: &[u8]) -> Result<(), FileError> {
    Folder::make_anyones(folder)?.write_in_place(ANSWERS, content)
}

/// Removes the no in the folders for state, for a yes.
pub(super) fn withdraw(places: &Places) -> Result<(), (AnswerError, PathBuf)> {
    places.state_folders().try_for_each(|folder| {
        let erase = || match Folder::open(folder)? {
            Some(open) if is_there(folder)? => open.lock()?.erase(ANSWERS),
            _ => Ok(()),
        };
        erase().map_err(|why| (AnswerError::File(why), folder.join(ANSWERS)))
    })
}

impl Settings {
    /// The files that say no, in the order of reading, each with its error.
    pub(crate) fn refusals(&self) -> Vec<(PathBuf, Option<AnswerError>)> {
        let refusal = |folder: &Path| match read(folder, self.app_id()).and_then(understood) {
            Ok(kept) => kept.no.map(|_| (folder.join(ANSWERS), None)),
            Err(why) => Some((folder.join(ANSWERS), Some(why))),
        };
        let refusals =
            |places: Places| places.config_folders().chain(places.state_folders()).filter_map(refusal).collect();
        self.own_places().map(refusals).unwrap_or_default()
    }
}

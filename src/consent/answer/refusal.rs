//! A no finds a place: where it is written if the folder for settings can't be, and where it is taken away again.
//!
//! A no is written like every answer first: whole, under the lock, to both folders for settings. Where one of them can't
//! take it (full, read-only, locked by another process, open to others), it is written in place to the folders for state
//! too. Last of all the file of a yes is overwritten. Written in place, a no may be cut off at any byte, which reads as no
//! all the same, and needs no lock: no yes is ever written to a folder for state.
//!
//! One of the two folders that are read whatever the variables say has to hold it: only then it counts everywhere.

use super::file::{ANSWERS, Answer, AnswerFile, put, read, understood, write};
use crate::consent::settings::Settings;
use crate::consent::stored::AnswerError;
use crate::files::{Access, FileError, Folder, Places};
use std::path::{Path, PathBuf};

/// Stores a no.
pub(super) fn refuse(settings: &Settings, places: &Places) -> Result<(), (AnswerError, PathBuf)> {
    let mut failed = Vec::new();
    for folder in places.config_folders() {
        if let Err(why) = put(settings, folder, Answer::No, true) {
            failed.push((why, folder));
        }
    }
    let usual = places.config_folders().next_back();
    let mut is_stored = failed.iter().all(|(_, folder)| Some(*folder) != usual);
    let kept = AnswerFile { no: Some(settings.clock.now()), agreed: Vec::new() };
    let content = write(&kept, settings);
    for folder in places.state_folders() {
        // Where there was no need for it, one that was cut off is completed.
        if !failed.is_empty() || is_there(folder) == Ok(true) {
            let is_written = in_place(folder, &content).is_ok();
            is_stored |= is_written && Some(folder) == places.state_folders().next_back();
        }
    }
    for (why, folder) in &failed {
        // A file that is not understood is left as it is: it says no as long as it is there.
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

/// Whether there is anything of the file's name.
fn is_there(folder: &Path) -> Result<bool, FileError> {
    Folder::open(folder)?.map_or(Ok(false), |folder| Ok(folder.read(ANSWERS, Access::Mine) != Ok(None)))
}

fn in_place(folder: &Path, content: &[u8]) -> Result<(), FileError> {
    Folder::make_anyones(folder)?.write_in_place(ANSWERS, content)
}

/// Takes away a no that had no place in the folder for settings, for a yes.
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
    /// The files that say no, in the order in which they are read, and why if they can't be used.
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

//! The queue's folders: one for each receiver, below the folder for state.

use super::Receiver;
use crate::files::{FileError, Folder};
use crate::limits::MAX_RECEIVERS;
use std::path::Path;

const QUEUE: &str = "queue";

/// Makes a receiver's folder and its missing parents, with mode 0700.
pub(super) fn make(state: &Path, receiver: &Receiver) -> Result<Folder, FileError> {
    Folder::make_inside(state, [QUEUE, &receiver.to_string()])
}

/// Opens a receiver's folder if it exists; makes nothing.
pub(super) fn open(state: &Path, receiver: &Receiver) -> Result<Option<Folder>, FileError> {
    queue(state)?.map_or(Ok(None), |queue| queue.own_below(&receiver.to_string()))
}

/// Opens the folders of all other receivers, if they have the form that this module makes.
pub(super) fn others(state: &Path, receiver: &Receiver) -> Result<Vec<Folder>, FileError> {
    let Some(queue) = queue(state)? else { return Ok(Vec::new()) };
    let own = receiver.to_string();
    let mut others = Vec::new();
    queue.names(|name| {
        if Receiver::is_name(name)
            && let Ok(name) = std::str::from_utf8(name)
            && name != own
            && let Ok(Some(folder)) = queue.own_below(name)
        {
            others.push(folder);
        }
        others.len() < MAX_RECEIVERS
    })?;
    Ok(others)
}

/// Links to the folder for state are followed: people keep it elsewhere.
fn queue(state: &Path) -> Result<Option<Folder>, FileError> {
    let Some(state) = Folder::open(state)? else { return Ok(None) };
    state.mine()?;
    state.own_below(QUEUE)
}

/// Deletes the queue with all its content, and the rest of an earlier deletion by a killed process.
///
/// Store the no first: a recording process asks for consent before it makes a file, and a file that it makes after a
/// yes is in the folder that is deleted here. The stamp stays.
///
/// # Errors
/// If an entry can't be deleted. All other entries are deleted nevertheless.
pub fn forget(state: &Path) -> Result<(), FileError> {
    Folder::open(state)?.map_or(Ok(()), |state| state.remove_tree(QUEUE))
}

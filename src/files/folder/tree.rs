//! Deletes a folder with its content, while other processes may still write to it.

use super::{CAREFUL, FileError, Folder, file_error};
use crate::limits::{DELETE_AT_A_TIME, MAX_STALLED_DELETIONS};
use rustix::fs::{AtFlags, Dir, Mode, OFlags};
use rustix::io::Errno;
use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::ErrorKind;

/// The prefix of a renamed folder; 16 hexadecimal digits follow.
const GONE: &str = "gone-";

impl Folder {
    /// Deletes a folder in this one with its content, and the remains of deletions that were killed.
    ///
    /// The folder is renamed first: from then on no process makes a file where the next reader would look. Its entries
    /// are unlinked, links and pipes like files; an inner folder is first renamed into this one, so that the depth of a
    /// tree does not matter. A call after a kill finds the remains by their prefix. An entry that can't be deleted does
    /// not stop the deletion of the others.
    pub(crate) fn remove_tree(&self, name: &str) -> Result<(), FileError> {
        // A folder that others can write to is deleted too: no record is stored there.
        match self.mine() {
            Ok(()) | Err(FileError::OthersWrite) => {}
            Err(other) => return Err(other),
        }
        let state = self.get()?;
        let renamed = match rustix::fs::renameat(state, name, state, unused()?) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(file_error(error)),
        };
        let mut left = Ok(());
        let mut stalled = 0;
        while stalled < MAX_STALLED_DELETIONS {
            let gone = gone(state)?;
            if gone.is_empty() {
                return renamed;
            }
            stalled += 1;
            left = Err(FileError::System(ErrorKind::DirectoryNotEmpty));
            for name in &gone {
                match empty(state, name) {
                    Ok(true) => stalled = 0,
                    Ok(false) => {}
                    Err(error) => left = Err(error),
                }
            }
        }
        renamed.and(left)
    }
}

fn unused() -> Result<String, FileError> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|_| FileError::System(ErrorKind::Other))?;
    Ok(format!("{GONE}{:016x}", u64::from_ne_bytes(random)))
}

fn is_gone(name: &CStr) -> bool {
    let digit = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    let rest = name.to_bytes().strip_prefix(GONE.as_bytes());
    rest.is_some_and(|rest| rest.len() == 16 && rest.iter().all(digit))
}

fn gone(state: &File) -> Result<Vec<CString>, FileError> {
    let mut names = Vec::new();
    for entry in Dir::read_from(state).map_err(file_error)? {
        let entry = entry.map_err(file_error)?;
        if is_gone(entry.file_name()) {
            names.push(entry.file_name().to_owned());
        }
        if names.len() == DELETE_AT_A_TIME {
            break;
        }
    }
    Ok(names)
}

/// Deletes a renamed entry; `false` if the folder got new entries meanwhile.
fn empty(state: &File, name: &CStr) -> Result<bool, FileError> {
    match rustix::fs::unlinkat(state, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => return Ok(true),
        // The errors of Linux and of POSIX for a folder.
        Err(Errno::ISDIR | Errno::PERM) => {}
        Err(error) => return Err(file_error(error)),
    }
    let folder = writable(state, name)?;
    let mut failed = None;
    for entry in Dir::read_from(&folder).map_err(file_error)? {
        let entry = entry.map_err(file_error)?;
        let inside = entry.file_name();
        if inside == c"." || inside == c".." {
            continue;
        }
        let deleted = match rustix::fs::unlinkat(&folder, inside, AtFlags::empty()) {
            Err(Errno::ISDIR | Errno::PERM) => {
                // A rename changes `..` in the folder, which needs write permission.
                let _ = writable(&folder, inside);
                rustix::fs::renameat(&folder, inside, state, unused()?)
            }
            other => other,
        };
        if let Err(error) = deleted
            && error != Errno::NOENT
        {
            failed = failed.or(Some(file_error(error)));
        }
    }
    match rustix::fs::unlinkat(state, name, AtFlags::REMOVEDIR) {
        Ok(()) | Err(Errno::NOENT) => Ok(true),
        Err(Errno::NOTEMPTY | Errno::EXIST) => failed.map_or(Ok(false), Err),
        Err(error) => Err(file_error(error)),
    }
}

/// Opens a folder, and gives its owner write permission.
fn writable(parent: &File, name: &CStr) -> Result<File, FileError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | CAREFUL;
    let folder: File = rustix::fs::openat(parent, name, flags, Mode::empty()).map_err(file_error)?.into();
    let _ = rustix::fs::fchmod(&folder, Mode::RWXU);
    Ok(folder)
}

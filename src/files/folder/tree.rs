//! A folder that is deleted with all that is in it, while other processes may still write to it.

use super::{CAREFUL, FileError, Folder, file_error};
use crate::limits::{DELETE_AT_A_TIME, MAX_STALLED_DELETIONS};
use rustix::fs::{AtFlags, Dir, Mode, OFlags};
use rustix::io::Errno;
use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::ErrorKind;

/// How what was renamed away begins; 16 hexadecimal digits follow.
const GONE: &str = "gone-";

impl Folder {
    /// Deletes a folder in this one, whatever is in it, and what a killed process left of one.
    ///
    /// It is renamed away first: from that moment no process makes a file where the next one would look. What is in it is
    /// unlinked, links and pipes like files; a folder inside is first renamed away too, so that the depth of a tree costs
    /// nothing. Killed at any point, what is left is found by the next call. What can't be deleted keeps nothing else.
    pub(crate) fn remove_tree(&self, name: &str) -> Result<(), FileError> {
        // Others may be able to write to it: no record is kept there, and what is there goes all the same.
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

/// Deletes what was renamed away: `false` for a folder that was found full again.
fn empty(state: &File, name: &CStr) -> Result<bool, FileError> {
    match rustix::fs::unlinkat(state, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => return Ok(true),
        // As Linux and as POSIX say that it is a folder.
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
                // Its place in its parent is written in the folder itself.
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

/// Opens a folder, and lets its owner change it.
fn writable(parent: &File, name: &CStr) -> Result<File, FileError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | CAREFUL;
    let folder: File = rustix::fs::openat(parent, name, flags, Mode::empty()).map_err(file_error)?.into();
    let _ = rustix::fs::fchmod(&folder, Mode::RWXU);
    Ok(folder)
}

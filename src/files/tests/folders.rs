//! What the tests of every system share.

use crate::files::{Access, Folder};
use scruple_fixtures::process::{Process, of_test};
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

pub const FILE: &str = "some.toml";

pub fn open(path: &Path) -> Folder {
    Folder::make(path).unwrap()
}

pub fn read(folder: &Folder) -> Option<Vec<u8>> {
    folder.read(FILE, Access::Secret).unwrap().map(|(bytes, _)| bytes)
}

/// The names in a folder, sorted.
pub fn names(path: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A process of the test `the_process`, in this role.
pub fn process(role: &str, path: &Path) -> Process {
    let variables = [("FOLDER_ROLE", OsStr::new(role)), ("FOLDER_PATH", path.as_os_str())];
    Process::start(of_test("files::tests::the_process").envs(variables))
}

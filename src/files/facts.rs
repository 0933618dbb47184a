//! Small state files: a line `name value` for each fact, with codes and numbers only.

use super::{Access, FileError, Folder};

/// The facts in a file.
#[derive(Default)]
pub(crate) struct FactLines(String);

impl FactLines {
    /// The facts in a file of a folder; empty for a missing or malformed file.
    pub(crate) fn read(folder: &Folder, name: &str) -> Result<Self, FileError> {
        let bytes = folder.read(name, Access::Mine)?.map(|(bytes, _)| bytes).unwrap_or_default();
        Ok(Self(String::from_utf8(bytes).unwrap_or_default()))
    }

    /// Adds a fact.
    pub(crate) fn add(&mut self, name: &str, value: impl std::fmt::Display) {
        self.0 += &format!("{name} {value}\n");
    }

    /// Every fact, in the order of the file.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.lines().filter_map(|line| line.split_once(' '))
    }

    /// The first fact with this name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(found, _)| *found == name).map(|(_, value)| value)
    }

    /// The value of a fact as a number, by default 0.
    pub(crate) fn number(&self, name: &str) -> u64 {
        self.get(name).and_then(|value| value.parse().ok()).unwrap_or(0)
    }

    /// The file's content.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

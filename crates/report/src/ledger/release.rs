//! A release: what was published of one signal in one period, and how it was counted.

use crate::suppress::Published;

/// What was published of one signal in one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// What is counted, in the plural.
    pub unit: String,
    /// No number of fewer units is in it.
    pub threshold: u64,
    /// The schema URLs of the registries by which records are counted.
    pub registries: Vec<String>,
    /// The numbers. That of hidden cells is not there if they were read from the file.
    pub published: Published,
}

//! The rules that tables can break, and what several of them need.

use super::{MAX_TEXT, is_printable};
use std::fmt;

/// The rule that a registry's tables break. `scruple check` reports every violation with its place; this is for tables
/// that were not checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidRegistry {
    /// The app id can't name a folder: letters, digits, `-`, `_` and single dots inside, at most 128 bytes, and not a
    /// device of Windows.
    AppId,
    /// The attributes are not sorted by key, or a key is duplicated or malformed.
    Attributes,
    /// The spans or events are not sorted by name, or a name is duplicated or malformed.
    Signals,
    /// A signal or the resource has a reference to a missing attribute, a duplicate reference, too many, or unsorted
    /// ones; or two attributes of a signal have the same field.
    Uses,
    /// A treatment has too many members, or they are too long, not printable, or unsorted.
    Members,
    /// A treatment's bounds do not ascend, do not match its members, or are below zero.
    Bounds,
    /// An end is a date that the calendar lacks.
    Expiry,
    /// A purpose has a malformed name or no description, or the descriptions are unsorted or repeated.
    Purposes,
    /// One program has more than 255 registries.
    TooMany,
}

impl fmt::Display for InvalidRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AppId => "its app id can't be the name of a folder",
            Self::Attributes => "its attributes are unsorted, repeated or have invalid names",
            Self::Signals => "its spans or events are unsorted, repeated or have invalid names",
            Self::Uses => "a signal or the resource refers to attributes that it can't have",
            Self::Members => "an attribute has invalid members for its treatment",
            Self::Bounds => "an attribute has invalid bounds for its treatment",
            Self::Expiry => "an end is a date that does not exist",
            Self::Purposes => "its purposes have invalid names, or no descriptions",
            Self::TooMany => "there are more than 255 registries",
        })
    }
}

impl std::error::Error for InvalidRegistry {}

pub(super) fn is_text(text: &str) -> bool {
    text.len() <= MAX_TEXT && text.chars().all(is_printable)
}

/// Whether each element is greater than the one before.
pub(super) fn grows<T: PartialOrd>(mut list: impl Iterator<Item = T>) -> bool {
    let Some(mut last) = list.next() else { return true };
    list.all(|next| {
        let greater = last < next;
        last = next;
        greater
    })
}

//! The purposes that are agreed to, of those that a program's registries have.

use crate::registry::Purpose;

/// A set of a program's purposes: each by its place in the sorted list of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PurposeSet(u64);

impl PurposeSet {
    /// Every purpose, also those that nobody names.
    pub const ALL: Self = Self(u64::MAX);

    /// The variable with the names of the purposes that were agreed to when a program started its uploader: it can only
    /// narrow.
    pub(crate) const VARIABLE: &'static str = "SCRUPLE_PURPOSES";

    /// No purpose.
    pub const NONE: Self = Self(0);

    /// The purposes at these places, one for each bit.
    pub const fn of_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The purposes in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether no purpose is in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether every purpose of another set is in it.
    pub fn has_all(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// Whether the purpose at this place is in it; of the purposes after the 64th, only [`PurposeSet::ALL`] has any.
    pub(super) fn has(self, place: usize) -> bool {
        self == Self::ALL || u32::try_from(place).is_ok_and(|place| self.0.checked_shr(place).unwrap_or(0) & 1 == 1)
    }
}

/// The names of purposes in a list with commas or blanks; `None` if a word is no name of one, or there is no word.
pub(crate) fn names(text: &str) -> Option<Vec<&str>> {
    let words: Vec<_> = text.split([',', ' ', '\t']).filter(|word| !word.is_empty()).collect();
    (!words.is_empty() && words.iter().all(|word| Purpose::is_name(word))).then_some(words)
}

//! The words for yes and no in a variable.

use std::ffi::OsStr;

pub(super) fn says_no(value: &OsStr) -> bool {
    !matches(value, &["", "0", "false", "no", "off"])
}

pub(super) fn says_yes(value: &OsStr) -> bool {
    matches(value, &["", "1", "true", "yes", "on"])
}

pub(super) fn matches(value: &OsStr, words: &[&str]) -> bool {
    value.to_str().is_some_and(|value| words.iter().any(|word| value.trim().eq_ignore_ascii_case(word)))
}

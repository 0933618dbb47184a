//! The words for yes and no in a variable.

use std::ffi::OsStr;

/// The words that are no no where every other word is one.
const NOT_A_NO: [&str; 5] = ["", "0", "false", "no", "off"];

/// As [`says_no`], at compile time.
pub(super) const fn is_no(value: &str) -> bool {
    let value = value.trim_ascii();
    let mut is_no = true;
    let mut words: &[&str] = &NOT_A_NO;
    while let [word, rest @ ..] = words {
        is_no &= !value.eq_ignore_ascii_case(word);
        words = rest;
    }
    is_no
}

pub(super) fn says_no(value: &OsStr) -> bool {
    !matches(value, &NOT_A_NO)
}

pub(super) fn says_yes(value: &OsStr) -> bool {
    matches(value, &["", "1", "true", "yes", "on"])
}

pub(super) fn matches(value: &OsStr, words: &[&str]) -> bool {
    value.to_str().is_some_and(|value| words.iter().any(|word| value.trim().eq_ignore_ascii_case(word)))
}

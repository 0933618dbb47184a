//! Which names, ids and texts a registry may hold.
//!
//! Names become configuration, regular expressions, Rust identifiers and lines on a terminal; a form without
//! quotes, brackets and escapes leaves nothing to inject there.

use scruple::registry::{self as tables, MAX_TEXT, is_printable};

pub use scruple::registry::is_name;

/// The longest name, key, id or field, in bytes.
pub const MAX_NAME: usize = 128;

/// The longest brief, reason or controller, in bytes.
pub const MAX_SENTENCE: usize = 1024;

/// The words of a command, without special characters of a shell.
pub fn is_command(text: &str) -> bool {
    is_wire_text(text) && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ' | '/'))
}

/// A place in a program's windows, without special characters inside a shell's quotes.
pub fn is_window_place(text: &str) -> bool {
    is_wire_text(text) && !text.contains(['"', '$', '`', '\\', '!'])
}

/// The name of an environment variable: `^[A-Za-z_][A-Za-z0-9_]*$`, at most 128 bytes.
pub fn is_variable(text: &str) -> bool {
    text.len() <= MAX_NAME
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// An enum member's id: `^[A-Za-z0-9_][A-Za-z0-9_.-]*$`.
pub fn is_member_id(text: &str) -> bool {
    text.len() <= MAX_NAME
        && !text.is_empty()
        && !text.starts_with(['.', '-'])
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

/// One identifier, without dots: `^[a-z][a-z0-9_]*$`.
pub fn is_identifier(text: &str) -> bool {
    is_name(text) && !text.contains('.')
}

/// A name that `tracing`'s macros accept as a field: identifiers, joined by dots. Keywords are accepted.
pub fn is_field(text: &str) -> bool {
    text.len() <= MAX_NAME && text.split('.').all(is_identifier)
}

/// A reversed domain: two or more labels of letters, digits and inner hyphens (RFC 1123, section 2.1); and a name that
/// the library accepts.
pub fn is_app_id(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    tables::is_app_id(text)
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.split('.').count() >= 2
        && text.split('.').all(label)
}

/// Text that may be sent: not empty, at most 256 bytes, printable, no blank at either end.
pub fn is_wire_text(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_TEXT && text.chars().all(is_printable) && text.trim() == text
}

/// A member of a list of names: wire text that a list in Debug form, or parted by commas or blanks, can hold. A list is
/// read without the brackets at its ends.
pub fn is_listed_name(text: &str) -> bool {
    let brackets = ['{', '}', '(', ')'];
    is_wire_text(text)
        && !text.starts_with(brackets)
        && !text.ends_with(brackets)
        && !text.chars().any(|c| c.is_whitespace() || matches!(c, ',' | '"' | '\'' | '[' | ']' | '\\'))
}

/// A sentence for people: runs of white space become one blank; `None` if something else in it is not printable,
/// or it is empty or over 1,024 bytes.
pub fn sentence(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let joined = words.join(" ");
    (!joined.is_empty() && joined.len() <= MAX_SENTENCE && joined.chars().all(is_printable)).then_some(joined)
}

/// The candidate that differs least from a misspelt word, if one is near.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A long word is no slip of the pen, and a long list would take its time.
    if word.len() > 40 {
        return None;
    }
    let allowed = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .take(1000)
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= 4 * allowed)
        .map(|candidate| (strsim::levenshtein(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

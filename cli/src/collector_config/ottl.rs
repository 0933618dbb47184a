//! OTTL, the Collector's expression language, limited to expressions that can't fail.
//!
//! These have a value for any content of a path: comparison with `==`, checks of a type, a pattern after a check for
//! text, and copies. If a function fails, the Collector answers 503 under `propagate`, and keeps the value under
//! `ignore`.

/// A string literal, with escaped backslashes and quotes.
pub fn literal(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The condition that a path holds text that matches this pattern from its first character to its last.
pub fn is_text(path: &str, pattern: &str) -> String {
    format!("IsString({path}) and IsMatch({path}, {})", literal(&format!("^{pattern}$")))
}

/// The condition that a path differs from all of these texts; true for an empty list.
pub fn is_none_of<'t>(path: &str, texts: impl IntoIterator<Item = &'t str>) -> String {
    let each: Vec<_> = texts.into_iter().map(|text| format!("{path} != {}", literal(text))).collect();
    if each.is_empty() { "true".to_owned() } else { each.join(" and ") }
}

/// The statement that rounds a time down.
pub fn floor(path: &str, nanoseconds: u64) -> String {
    format!("set({path}, ({path} / {nanoseconds}) * {nanoseconds})")
}

/// The statement that replaces an id, unless it is zero, by the first digits of its hash.
pub fn hash(path: &str, digits: usize) -> String {
    format!(
        "set({path}.string, Substring(SHA256({path}.string), 0, {digits})) where {path}.string != {}",
        literal(&"0".repeat(digits))
    )
}

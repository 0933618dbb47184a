//! OTTL, the Collector's expressions, as far as they can't fail.
//!
//! Whatever a path holds, these have a value: comparison with `==`, checks of a type, a pattern on what is text, and
//! copies. A function that can fail answers 503 under `propagate`, and lets the value pass under `ignore`.

/// A string: backslashes and quotes are escaped.
pub fn literal(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Whether what a path holds is text of this pattern, from its first character to its last.
pub fn is_text(path: &str, pattern: &str) -> String {
    format!("IsString({path}) and IsMatch({path}, {})", literal(&format!("^{pattern}$")))
}

/// Whether a path holds none of these; true where there are none to hold.
pub fn is_none_of<'t>(path: &str, texts: impl IntoIterator<Item = &'t str>) -> String {
    let each: Vec<_> = texts.into_iter().map(|text| format!("{path} != {}", literal(text))).collect();
    if each.is_empty() { "true".to_owned() } else { each.join(" and ") }
}

/// Rounds a time down.
pub fn floor(path: &str, nanoseconds: u64) -> String {
    format!("set({path}, ({path} / {nanoseconds}) * {nanoseconds})")
}

/// An id that is not zero becomes the first digits of its hash.
pub fn hash(path: &str, digits: usize) -> String {
    format!(
        "set({path}.string, Substring(SHA256({path}.string), 0, {digits})) where {path}.string != {}",
        literal(&"0".repeat(digits))
    )
}

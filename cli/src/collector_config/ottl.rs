//! OTTL, the Collector's expression language, limited to expressions that can't fail.
//!
//! These have a value for any content of a path: comparison with `==`, checks of a type, a pattern after a check for
//! text, and copies. If a function fails, the Collector answers 503 under `propagate`, and keeps the value under
//! `ignore`.

/// The schema URL of a record's resource.
pub const SCHEMA_URL: &str = "resource.schema_url";

/// A string literal, with escaped backslashes and quotes.
pub fn literal(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The condition that a path holds text that matches this pattern from its first character to its last.
pub fn is_text(path: &str, pattern: &str) -> String {
    format!("IsString({path}) and IsMatch({path}, {})", literal(&format!("^{pattern}$")))
}

/// Whether a path holds one of these texts; false where there is no text.
pub fn is_one_of<'t>(path: &str, texts: impl IntoIterator<Item = &'t str>) -> String {
    let each: Vec<_> = texts.into_iter().map(|text| format!("{path} == {}", literal(text))).collect();
    if each.is_empty() { "false".to_owned() } else { each.join(" or ") }
}

/// Whether a path, which always holds text, is one of these names (letters, digits, `_` and `.`). One pattern for many of
/// them: its cost does not grow with their number.
pub fn is_one_name_of(path: &str, names: &[&str]) -> String {
    const FEW: usize = 8;
    if names.len() <= FEW {
        return is_one_of(path, names.iter().copied());
    }
    let pattern = format!("^({})$", names.join("|").replace('.', "[.]"));
    format!("IsMatch({path}, {})", literal(&pattern))
}

/// A number of nanoseconds, rounded down to a multiple.
pub fn rounded(value: &str, nanoseconds: u64) -> String {
    if nanoseconds > 1 { format!("({value} / {nanoseconds}) * {nanoseconds}") } else { value.to_owned() }
}

/// Rounds a time down, if there is something to round.
pub fn floor(path: &str, nanoseconds: u64) -> Option<String> {
    (nanoseconds > 1).then(|| format!("set({path}, {})", rounded(path, nanoseconds)))
}

/// An id becomes the first digits of its hash.
pub fn hash(path: &str, digits: usize) -> String {
    format!("set({path}.string, Substring(SHA256({path}.string), 0, {digits}))")
}

//! Names and texts in SQL, which mean the same in both engines.

/// A name in double quotes.
pub(super) fn name(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\"\""))
}

/// A text in single quotes. What begins with a backslash is an escape for one engine and text for the other: only
/// registries' names come here, which have none.
pub(super) fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A comment of one line.
pub(super) fn comment(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("-- {}", line.trim_end())
}

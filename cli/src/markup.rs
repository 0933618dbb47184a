//! Escapes a registry's text for Markdown, so that it is always read as text.
//!
//! Characters of markup are escaped with a backslash (CommonMark, section 2.4). They become entities (2.5) where some
//! Markdown readers know no backslash (`<`, `>`, `&`), or where a backslash would not keep a table cell whole (`|`).

/// Escapes the text of one line.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // A number of an ordered list is digits, then `.` or `)`.
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    for (index, c) in text.char_indices() {
        let follows = |end: &str| text.get(index..).is_some_and(|rest| rest.starts_with(end));
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '|' => out.push_str("&#124;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '$' => out.extend(['\\', c]),
            '#' | '+' | '-' | '=' if index == 0 => out.extend(['\\', c]),
            '.' | ')' if index == digits && digits > 0 => out.extend(['\\', c]),
            // GitHub turns these into links.
            ':' if follows("://") => out.extend(['\\', c]),
            '.' if text.get(..index).is_some_and(|before| before.to_ascii_lowercase().ends_with("www")) => {
                out.extend(['\\', c]);
            }
            _ => out.push(c),
        }
    }
    out
}

//! Text on a terminal: escapes untrusted characters that could control the terminal or misrepresent the text.

use std::fmt;

/// Neither a control character nor one that changes the display of its neighbours (direction marks, joiners, tags, line
/// separators): such text could make a notice appear different from the text that is agreed to.
pub fn is_printable(c: char) -> bool {
    let hidden = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}'
        | '\u{e0000}'..='\u{10ffff}');
    !c.is_control() && !hidden
}

/// Escapes text for a terminal, in one line: characters that are not [printable](is_printable) become `\u{1b}`.
pub fn escaped(text: impl fmt::Display) -> String {
    let text = text.to_string();
    if text.chars().all(is_printable) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_printable(c) { out.push(c) } else { out.extend(c.escape_unicode()) }
    }
    out
}

/// Escapes JSON for a terminal, without changing its meaning.
pub fn escaped_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if is_printable(c) {
            out.push(c);
        } else {
            out.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    out
}

/// A number with its noun in the singular or plural.
pub fn count<N: fmt::Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    let plural = if number == N::from(1) { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

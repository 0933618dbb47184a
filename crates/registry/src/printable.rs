//! Text of others on a terminal: what could steer one, or show something else than is there, is escaped.

use std::fmt;

/// Neither a control character nor one that changes how its neighbours are shown (direction marks, joiners, tags,
/// separators of lines): such text could make a notice say something else than what is agreed to.
pub fn is_printable(c: char) -> bool {
    let hidden = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}'
        | '\u{e0000}'..='\u{10ffff}');
    !c.is_control() && !hidden
}

/// Text as a terminal may show it, in one line: what is not [printable](is_printable) is written as `\u{1b}`.
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

/// JSON as a terminal may show it, of the same meaning.
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

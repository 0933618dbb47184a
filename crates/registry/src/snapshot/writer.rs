//! Writes the lines of one subject of a canonical text.

use std::borrow::Cow;
use std::fmt::Display;

/// Lines with the same beginning.
pub(super) struct Writer<'l> {
    pub(super) start: String,
    pub(super) lines: &'l mut Vec<String>,
}

impl Writer<'_> {
    pub(super) fn fact(&mut self, word: &str, value: impl Display) {
        self.lines.push(format!("{} {word} {value}\n", self.start));
    }

    /// Writes a fact for each text.
    pub(super) fn texts<'t>(&mut self, word: &str, texts: impl IntoIterator<Item = &'t Cow<'t, str>>) {
        texts.into_iter().for_each(|text| self.fact(word, string(text)));
    }
}

/// A JSON string without unnecessary escapes.
pub(super) fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

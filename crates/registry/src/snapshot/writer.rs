//! Writes the lines of a canonical text that are about one subject.

use std::borrow::Cow;
use std::fmt::Display;

/// Lines that begin alike.
pub(super) struct Writer<'l> {
    pub(super) start: String,
    pub(super) lines: &'l mut Vec<String>,
}

impl Writer<'_> {
    pub(super) fn fact(&mut self, word: &str, value: impl Display) {
        self.lines.push(format!("{} {word} {value}\n", self.start));
    }

    /// A fact for each text.
    pub(super) fn texts<'t>(&mut self, word: &str, texts: impl IntoIterator<Item = &'t Cow<'t, str>>) {
        texts.into_iter().for_each(|text| self.fact(word, string(text)));
    }
}

/// A JSON string, with no escape that it does not need.
pub(super) fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

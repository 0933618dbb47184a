//! Numbers for texts that repeat: a sort moves four bytes instead of a text.

use std::collections::HashMap;

/// The maximum number of different texts of one column: what a registry declares is far less, but a version number can be
/// made up by anyone who sends records.
pub const MOST_CODES: usize = 100_000;

/// What joins the members of a list; printable text doesn't contain it.
const SEPARATOR: char = '\u{1f}';

/// The texts of one column, in the order of their numbers.
#[derive(Debug, Default)]
pub struct Codes {
    texts: Vec<Box<str>>,
    numbers: HashMap<Box<str>, i32>,
}

impl Codes {
    /// With the declared members first, so that their numbers have the registry's order.
    pub fn of(members: &[String]) -> Self {
        let mut codes = Self::default();
        for member in members {
            codes.add(member);
        }
        codes
    }

    /// The number of a text; `None` for a new one beyond [`MOST_CODES`].
    pub fn number(&mut self, text: &str) -> Option<i32> {
        match self.numbers.get(text) {
            Some(number) => Some(*number),
            None if self.texts.len() < MOST_CODES => Some(self.add(text)),
            None => None,
        }
    }

    /// The number of a list of texts.
    pub fn list(&mut self, texts: &[&str]) -> Option<i32> {
        self.number(&texts.join(&SEPARATOR.to_string()))
    }

    fn add(&mut self, text: &str) -> i32 {
        let next = i32::try_from(self.texts.len()).unwrap_or(i32::MAX);
        let number = *self.numbers.entry(text.into()).or_insert(next);
        if number == next {
            self.texts.push(text.into());
        }
        number
    }

    /// The text of a number.
    pub fn text(&self, number: i32) -> &str {
        usize::try_from(number).ok().and_then(|number| self.texts.get(number)).map_or("", |text| text)
    }

    /// All texts, in the order of their numbers.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|text| &**text)
    }
}

/// The members of a list's text.
pub fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(SEPARATOR).filter(|member| !member.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lead_back_to_texts_and_members_come_first() {
        let mut codes = Codes::of(&["b".to_owned(), "a".to_owned()]);
        assert_eq!(["a", "c", "b", "c"].map(|text| codes.number(text)), [Some(1), Some(2), Some(0), Some(2)]);
        assert_eq!([0, 1, 2, 3, -1].map(|number| codes.text(number).to_owned()), ["b", "a", "c", "", ""]);
        let listed = codes.list(&["x", "y"]).unwrap();
        assert_eq!(list(codes.text(listed)).collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(list("").count(), 0);
    }

    #[test]
    fn a_text_beyond_the_limit_has_no_number_and_known_ones_keep_theirs() {
        let mut codes = Codes::default();
        assert!((0..MOST_CODES).all(|number| codes.number(&number.to_string()).is_some()));
        assert_eq!(codes.number("one more"), None);
        assert_eq!(codes.number("7"), Some(7));
    }
}

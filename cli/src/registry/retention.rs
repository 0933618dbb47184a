//! A retention as a duration, which tools can keep: `90 days`.

/// Units, each with its days.
const UNITS: [(&str, u32); 4] = [("day", 1), ("week", 7), ("month", 30), ("year", 365)];

/// The most days: a hundred years, which is what the engines take.
const MOST: u32 = 36_500;

/// The days of a duration: a whole number, a space, and `days`, `weeks` (7 days), `months` (30 days) or `years` (365 days),
/// or the singular; at most 36,500 days. `None` for any other text, which only people can read.
pub fn days(text: &str) -> Option<u32> {
    let (number, unit) = text.split_once(' ')?;
    let is_plain = number.starts_with(|first: char| ('1'..='9').contains(&first));
    let number: u32 = number.parse().ok().filter(|_| is_plain)?;
    let unit = unit.strip_suffix('s').unwrap_or(unit);
    let (_, days) = UNITS.iter().find(|(name, _)| *name == unit)?;
    number.checked_mul(*days).filter(|days| *days <= MOST)
}

/// Whether a text looks like a duration that was misspelt or is too long: a number first, and one more word.
pub fn is_mistaken(text: &str) -> bool {
    let mut words = text.split(' ');
    let is_number =
        words.next().is_some_and(|first| first.starts_with(|first: char| first.is_ascii_digit() || first == '-'));
    is_number && words.count() <= 1 && days(text).is_none()
}

#[cfg(test)]
mod tests {
    use super::{days, is_mistaken};

    #[test]
    fn a_duration_is_a_number_of_one_unit() {
        for (text, expected) in
            [("1 day", 1), ("90 days", 90), ("2 weeks", 14), ("6 months", 180), ("1 year", 365), ("100 years", 36_500)]
        {
            assert_eq!(days(text), Some(expected), "{text}");
            assert!(!is_mistaken(text), "{text}");
        }
        for text in
            ["0 days", "90", "90days", "1.5 years", "101 years", "4294967295 years", "-1 days", "09 days", "9 decades"]
        {
            assert_eq!(days(text), None, "{text}");
            assert!(is_mistaken(text), "{text}");
        }
        for text in ["", "90 days, then deleted.", "For ever.", "as long as the law asks", "90  days", "90 days "] {
            assert_eq!(days(text), None, "{text}");
        }
        assert!(!is_mistaken("90 days, then deleted.") && !is_mistaken("For ever."));
    }
}

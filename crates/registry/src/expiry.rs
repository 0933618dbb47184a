//! When a datum ends: on a day, or with a version of the program.

use std::fmt;

const DAY_SECONDS: u64 = 86_400;

/// A day in UTC, from 1970-01-01 to 9999-12-31. As text: `2027-06-30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// From 1970 to 9999.
    pub year: u16,
    /// From 1 to 12.
    pub month: u8,
    /// From 1 to 31.
    pub day: u8,
}

impl Date {
    /// Not checked here: [`Registry::validate`](super::Registry::validate) rejects a date that the calendar lacks.
    #[doc(hidden)]
    pub const fn new(year: u16, month: u8, day: u8) -> Self {
        Self { year, month, day }
    }

    /// Parses `YYYY-MM-DD`; `None` for any other text, and for a day that the calendar lacks.
    pub fn parse(text: &str) -> Option<Self> {
        let has_form = text.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
        let mut numbers = text.split('-').filter(|_| has_form && text.len() == 10);
        let (year, month, day) = (numbers.next()?, numbers.next()?, numbers.next()?);
        let date = Self::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
        date.is_valid().then_some(date)
    }

    /// The day of a time in seconds since the epoch; the last one for a time after it.
    pub fn of_seconds(seconds: u64) -> Self {
        // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days: years begin in March.
        let days = (seconds / DAY_SECONDS).min(Self::new(9999, 12, 31).days()) + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        let year = era * 400 + year_of_era + u64::from(month <= 2);
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let narrow = |number: u64| u8::try_from(number).unwrap_or(u8::MAX);
        Self { year: u16::try_from(year).unwrap_or(u16::MAX), month: narrow(month), day: narrow(day) }
    }

    /// The number of days from 1970-01-01 to this one.
    pub const fn days(self) -> u64 {
        // As above, days_from_civil.
        let (year, month, day) = (self.year as u64, self.month as u64, self.day as u64);
        let year = if month <= 2 { year.saturating_sub(1) } else { year };
        let march_month = if month > 2 { month - 3 } else { month + 9 };
        let day_of_year = (153 * march_month + 2) / 5 + day;
        let days = year * 365 + year / 4 - year / 100 + year / 400 + day_of_year;
        days.saturating_sub(719_469)
    }

    /// The first second after this day, since the epoch.
    pub const fn end(self) -> u64 {
        (self.days() + 1) * DAY_SECONDS
    }

    pub(super) fn is_valid(self) -> bool {
        let is_leap = self.year.is_multiple_of(4) && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        let days = match self.month {
            2 if is_leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        };
        (1970..=9999).contains(&self.year) && (1..=days).contains(&self.day)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// The numbers of a version, without its pre-release: 2.0.0-alpha.1 is 2.0.0. As text: `2.0.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseNumber {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number.
    pub patch: u32,
}

impl ReleaseNumber {
    #[doc(hidden)]
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }

    /// Parses one to three numbers with dots between them, each up to 4,294,967,295 and without leading zeros; the missing
    /// ones are 0. `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = [0; 3];
        let mut parts = text.split('.');
        for (index, number) in numbers.iter_mut().enumerate() {
            match parts.next() {
                None if index > 0 => break,
                part => *number = number_of(part?)?,
            }
        }
        parts.next().is_none().then_some(Self::new(numbers[0], numbers[1], numbers[2]))
    }

    /// The first three numbers of a program's version; what follows `-` or `+` is left out.
    pub fn of_program(version: &str) -> Option<Self> {
        let numbers = version.split(['-', '+']).next()?;
        let fourth = numbers.match_indices('.').nth(2).map_or(numbers.len(), |(at, _)| at);
        numbers.get(..fourth).and_then(Self::parse)
    }
}

fn number_of(part: &str) -> Option<u32> {
    let is_shortest = part == "0" || part.starts_with(|first: char| ('1'..='9').contains(&first));
    part.parse().ok().filter(|_| is_shortest)
}

impl fmt::Display for ReleaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The end of what is recorded and sent: the end of a day, or a version of the program, whichever comes first. Without
/// both there is no end.
///
/// A datum that is [over](Self::is_over) is neither recorded nor sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Expiry {
    /// The last day, in UTC.
    pub date: Option<Date>,
    /// The first version of the program without it.
    pub version: Option<ReleaseNumber>,
}

impl Expiry {
    /// No end.
    pub const NEVER: Self = Self { date: None, version: None };

    /// Over after this day, in UTC.
    pub const fn on(date: Date) -> Self {
        Self { date: Some(date), version: None }
    }

    /// Over from this version of the program on.
    pub const fn before(version: ReleaseNumber) -> Self {
        Self { date: None, version: Some(version) }
    }

    /// Whichever comes first.
    #[must_use]
    pub fn or_earlier(self, other: Self) -> Self {
        Self { date: earlier(self.date, other.date), version: earlier(self.version, other.version) }
    }

    /// Whether it is over at a time, in seconds since the epoch, for a program of this version. If the version does not
    /// begin with a number, it is not known to be an earlier one: then each end by version has come.
    pub fn is_over(self, now: u64, version: &str) -> bool {
        let reached = |end| ReleaseNumber::of_program(version).is_none_or(|version| version >= end);
        self.date.is_some_and(|date| now >= date.end()) || self.version.is_some_and(reached)
    }
}

/// As in `until 2027-06-30`, `before version 2.0.0`, or both; `without an end` for none.
impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.date, self.version) {
            (Some(date), Some(version)) => write!(f, "until {date} and before version {version}"),
            (Some(date), None) => write!(f, "until {date}"),
            (None, Some(version)) => write!(f, "before version {version}"),
            (None, None) => f.write_str("without an end"),
        }
    }
}

/// The lesser of two ends, of which `None` is the latest.
fn earlier<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::{DAY_SECONDS, Date, Expiry, ReleaseNumber};

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn days_are_counted_as_the_calendar_has_them() {
        let mut last = None;
        for year in 1970..=9999 {
            for month in 1..=12 {
                for day in (1..=31).map(|day| Date::new(year, month, day)).filter(|day| day.is_valid()) {
                    assert_eq!(day.days(), last.map_or(0, |last: u64| last + 1), "{day}");
                    assert_eq!(Date::of_seconds(day.days() * DAY_SECONDS), day);
                    assert_eq!(Date::of_seconds(day.end() - 1), day);
                    last = Some(day.days());
                }
            }
        }
        // `date -u -d 9999-12-31 +%s`
        assert_eq!(last.map(|days| days * DAY_SECONDS), Some(253_402_214_400));
        assert_eq!(Date::of_seconds(u64::MAX), date("9999-12-31"));
        assert_eq!(date("2027-06-30").end(), 1_814_400_000);
    }

    #[test]
    fn a_date_is_one_of_the_calendar() {
        for text in ["1970-01-01", "2000-02-29", "2028-02-29", "2027-12-31", "9999-12-31"] {
            assert_eq!(date(text).to_string(), text);
        }
        for text in [
            "",
            "2027",
            "2027-02-29",
            "2027-02-30",
            "2100-02-29",
            "2027-13-01",
            "2027-00-10",
            "2027-01-00",
            "1969-12-31",
            "2027-1-1",
            "2027/01/01",
            "27-01-01",
            "+027-01-01",
            "2027-01-01 ",
            "2027-01-01T00:00:00Z",
            "10000-01-01",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_version_is_one_to_three_numbers() {
        let parsed = |text| ReleaseNumber::parse(text).map(|version| version.to_string());
        for (text, expected) in [("2", "2.0.0"), ("2.1", "2.1.0"), ("0.10.3", "0.10.3")] {
            assert_eq!(parsed(text).as_deref(), Some(expected));
        }
        for text in ["", ".", "2.", ".2", "1.2.3.4", "v2", "2.x", "02", "2.0-rc.1", "4294967296", "-1", "+1", "2 "] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn an_end_by_date_is_over_after_its_day() {
        let end = Expiry::on(date("2027-06-30"));
        assert!(!end.is_over(1_814_399_999, "1.0.0"), "2027-06-30T23:59:59Z");
        assert!(end.is_over(1_814_400_000, "1.0.0"), "2027-07-01T00:00:00Z");
        assert!(!Expiry::NEVER.is_over(u64::MAX, ""));
    }

    #[test]
    fn an_end_by_version_is_over_from_that_version_on() {
        let end = ReleaseNumber::parse("2.0").map(Expiry::before).expect("a version");
        for before in ["1.0.0", "1.99.99", "0.1", "1.9.9-rc.1", "1.2.3.4"] {
            assert!(!end.is_over(u64::MAX, before), "{before}");
        }
        for from in ["2.0.0", "2.0.0-alpha.1", "2.0.0+build", "10.0.0", "2.0.0.1", "", "next", "1.x"] {
            assert!(end.is_over(0, from), "{from}");
        }
    }

    #[test]
    fn the_earlier_of_two_ends_comes_first() {
        let (early, late) = (Expiry::on(date("2027-06-30")), Expiry::on(date("2028-06-30")));
        let version = Expiry::before(ReleaseNumber::new(2, 0, 0));
        assert_eq!(early.or_earlier(late), early);
        assert_eq!(late.or_earlier(early), early);
        assert_eq!(Expiry::NEVER.or_earlier(early), early);
        let both = version.or_earlier(late);
        assert_eq!(both, Expiry { date: late.date, version: version.version });
        let shown = [Expiry::NEVER, early, version, both].map(|end| end.to_string());
        let both_shown = "until 2028-06-30 and before version 2.0.0";
        assert_eq!(shown, ["without an end", "until 2027-06-30", "before version 2.0.0", both_shown]);
        assert!(both.is_over(0, "2.0.0") && both.is_over(u64::MAX, "1.0.0") && !both.is_over(0, "1.0.0"));
    }
}

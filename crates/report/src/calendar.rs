//! The periods of a report: days, ISO weeks and months of UTC.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate};
use scruple_cli::counts::PeriodLength;

use crate::table::Period;

/// The period of a time in nanoseconds since the epoch.
pub fn period(length: PeriodLength, nanoseconds: u64) -> Period {
    // 2^64 ns end in the year 2554.
    let time = DateTime::from_timestamp_nanos(i64::try_from(nanoseconds).unwrap_or(i64::MAX));
    let day = time.date_naive();
    let start = match length {
        PeriodLength::Day => day,
        PeriodLength::Week => day - Days::new(day.weekday().num_days_from_monday().into()),
        PeriodLength::Month => day.with_day(1).unwrap_or(day),
    };
    Period { start, days: days(length, start) }
}

/// The number of days of the period that begins on a day.
pub fn days(length: PeriodLength, start: NaiveDate) -> u32 {
    match length {
        PeriodLength::Day => 1,
        PeriodLength::Week => 7,
        PeriodLength::Month => {
            let next = start.checked_add_months(Months::new(1)).unwrap_or(start);
            u32::try_from((next - start).num_days()).unwrap_or(31)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(length: PeriodLength, at: &str, start: &str, days: u32) {
        let nanoseconds = DateTime::parse_from_rfc3339(at).unwrap().timestamp_nanos_opt().unwrap();
        let period = period(length, u64::try_from(nanoseconds).unwrap());
        assert_eq!(period, Period { start: start.parse().unwrap(), days }, "{length:?} of {at}");
    }

    #[test]
    fn a_time_is_in_the_period_that_begins_at_or_before_it() {
        check(PeriodLength::Day, "2026-11-30T00:00:00Z", "2026-11-30", 1);
        check(PeriodLength::Day, "2026-11-30T23:59:59.999999999Z", "2026-11-30", 1);
        check(PeriodLength::Week, "2026-11-30T00:00:00Z", "2026-11-30", 7);
        check(PeriodLength::Week, "2026-11-29T23:59:59.999999999Z", "2026-11-23", 7);
        check(PeriodLength::Week, "2026-01-01T12:00:00Z", "2025-12-29", 7);
        check(PeriodLength::Month, "2024-02-29T12:00:00Z", "2024-02-01", 29);
        check(PeriodLength::Month, "2026-12-31T12:00:00Z", "2026-12-01", 31);
        check(PeriodLength::Week, "1970-01-01T00:00:00Z", "1969-12-29", 7);
    }
}

//! Which times count: that of a record, and that of a period.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Days, NaiveDate, NaiveTime};

use crate::table::Period;

/// Nanoseconds of a day. A clock may be ahead by so much.
const DAY: u64 = 86_400_000_000_000;

/// 2025-01-01, in nanoseconds since the epoch: no program with this telemetry existed before. A clock without a battery
/// begins at 1970, and many of them would make a period of their own.
const FIRST: u64 = 1_735_689_600_000_000_000;

/// The times that count in a report, in nanoseconds since the epoch.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// The day of the report.
    today: NaiveDate,
    /// The first time after those that a record may have.
    end: u64,
    /// The first time that the retention keeps; 0 without one.
    kept_from: u64,
}

/// What the time of a record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordTime {
    /// The record counts.
    Counts,
    /// The record is older than the retention.
    TooOld,
    /// A clock was wrong; with the reason in words.
    Wrong(&'static str),
}

/// Whether the numbers of a period are final.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodState {
    /// All its records are kept.
    Whole,
    /// It ends after the day of the report: records of it are to come.
    NotEnded,
    /// It began before the time that the retention keeps: records of it are deleted.
    Cut,
}

impl Window {
    /// Of a report that is made now, about a day: by default the current one of UTC. `retention` is in days.
    pub fn new(today: Option<NaiveDate>, retention: Option<u32>) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        Self::at(u64::try_from(now).unwrap_or(u64::MAX), today, retention)
    }

    fn at(now: u64, today: Option<NaiveDate>, retention: Option<u32>) -> Self {
        let current = DateTime::from_timestamp_nanos(i64::try_from(now).unwrap_or(i64::MAX)).date_naive();
        let today = today.unwrap_or(current);
        let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
        // A Collector deletes by the clock. So the clock counts also in a report of an earlier day, which would otherwise
        // take a period for whole of which records are deleted; and a report of a later day looks ahead.
        let reference = now.max(midnight(today));
        let kept = |days: u32| reference.saturating_sub(u64::from(days).saturating_mul(DAY));
        // A report of an earlier day leaves later records out; their clocks are not wrong.
        Self { today, end: now.max(midnight(tomorrow)), kept_from: retention.map_or(0, kept) }
    }

    /// What the time of a record says.
    pub fn record(&self, start: u64) -> RecordTime {
        if start > self.end.saturating_add(DAY) {
            return RecordTime::Wrong(
                "a time over a day ahead: the clock of the program, or of this machine, is wrong",
            );
        }
        if start < FIRST {
            return RecordTime::Wrong("a time before 2025: the clock of the program was wrong");
        }
        if start < self.kept_from { RecordTime::TooOld } else { RecordTime::Counts }
    }

    /// Whether the numbers of a period are final.
    pub fn period(&self, period: &Period) -> PeriodState {
        // First: the numbers of a period that is cut before it ends will never be whole.
        if midnight(period.start) < self.kept_from {
            return PeriodState::Cut;
        }
        if period.end() > self.today { PeriodState::NotEnded } else { PeriodState::Whole }
    }
}

/// The first time of a day; 0 if it is outside of what 64 bits hold.
fn midnight(day: NaiveDate) -> u64 {
    let time = day.and_time(NaiveTime::MIN).and_utc().timestamp_nanos_opt();
    time.and_then(|time| u64::try_from(time).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// The noon of a day.
    fn noon(text: &str) -> u64 {
        midnight(day(text)) + DAY / 2
    }

    #[test]
    fn a_record_is_kept_for_as_many_days_as_the_retention_has_by_the_clock() {
        let window = Window::at(noon("2026-11-30"), None, Some(90));
        assert_eq!(window.record(noon("2026-09-01")), RecordTime::Counts);
        assert_eq!(window.record(noon("2026-09-01") - 1), RecordTime::TooOld);
        assert_eq!(
            window.record(noon("2026-12-02") + 1),
            RecordTime::Wrong("a time over a day ahead: the clock of the program, or of this machine, is wrong")
        );
        assert!(matches!(window.record(FIRST - 1), RecordTime::Wrong(_)));
        let without = Window::at(noon("2026-11-30"), None, None);
        assert_eq!(without.record(FIRST), RecordTime::Counts);
    }

    #[test]
    fn the_later_of_the_clock_and_the_day_of_the_report_counts() {
        let kept_from = |today: &str| Window::at(noon("2026-11-30"), Some(day(today)), Some(90)).kept_from;
        for earlier in ["1969-12-31", "2026-11-16", "2026-11-30"] {
            assert_eq!(kept_from(earlier), noon("2026-09-01"), "{earlier}");
        }
        assert_eq!(kept_from("2026-12-01"), midnight(day("2026-09-02")));
    }

    #[test]
    fn a_period_counts_if_it_has_ended_and_is_kept_from_its_first_moment() {
        let window = Window::at(midnight(day("2026-11-30")), None, Some(14));
        let state = |start: &str, days: u32| window.period(&Period { start: day(start), days });
        assert_eq!(state("2026-11-09", 7), PeriodState::Cut);
        assert_eq!(state("2026-11-16", 7), PeriodState::Whole);
        assert_eq!(state("2026-11-23", 7), PeriodState::Whole);
        assert_eq!(state("2026-11-30", 7), PeriodState::NotEnded);
        assert_eq!(state("2026-11-01", 60), PeriodState::Cut, "also one that has not ended");
        let later = Window::at(midnight(day("2026-11-30")) + 1, None, Some(14));
        let monday = Period { start: day("2026-11-16"), days: 7 };
        assert_eq!(later.period(&monday), PeriodState::Cut);
    }
}

//! Times: RFC 3339 on the command line, seconds since the Unix epoch in a policy.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The first second after the year 9999, which RFC 3339 can't write.
const END: u64 = 253_402_300_800;

/// The text is no valid time, or one before 1970.
#[derive(Debug)]
pub(super) struct NotATime;

impl fmt::Display for NotATime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("write a time as 2026-01-31T18:00:00Z, or as 2026-01-31 for the beginning of that day in UTC")
    }
}

impl std::error::Error for NotATime {}

/// Parses a date, or a date and time in UTC, into seconds.
pub(super) fn parse(text: &str) -> Result<u64, NotATime> {
    let time = humantime::parse_rfc3339(text).or_else(|_| humantime::parse_rfc3339(&format!("{text}T00:00:00Z")));
    time.ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).map(|since| since.as_secs()).ok_or(NotATime)
}

pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Formats a time for a person.
pub(super) fn shown(seconds: u64) -> String {
    match UNIX_EPOCH.checked_add(Duration::from_secs(seconds)) {
        Some(time) if seconds < END => humantime::format_rfc3339_seconds(time).to_string(),
        _ => format!("second {seconds}"),
    }
}

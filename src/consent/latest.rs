//! The latest time that a program has seen: a clock that was set back prolongs nothing.
//!
//! `latest` in the folder for state holds seconds since the Unix epoch, as decimal digits and a line feed. It is written
//! only if a registry has an end by date, at most once a day and when an end has come, while telemetry is on; a stored no and
//! a reset delete it. A file of another form counts as the end of everything that has an end by date.

use super::ends::ends;
use super::settings::Settings;
use crate::files::{Access, Deletion, FileError, Folder, Places};
use crate::limits::{DAY_SECONDS, SECOND};
use crate::registry::Registry;
use std::path::Path;

/// The latest time where it can't be read: later than every end.
pub(super) const UNKNOWN: u64 = u64::MAX;

/// The file's name.
pub(crate) const LATEST: &str = "latest";

impl Settings {
    /// The time that the ends of these tables are compared with, in seconds since the epoch: the latest of the clock's, that
    /// of the build, and the latest one seen.
    pub(crate) fn latest(&self, tables: &[&'static Registry<'static>]) -> u64 {
        // Those that a person agreed to may have an end that the program's own have no more.
        if has_dates(tables) || has_dates(&self.registries) { self.latest_of_all() } else { self.clock_or_build() }
    }

    /// The same for ends that are not in tables.
    pub(super) fn latest_of_all(&self) -> u64 {
        let here = self.clock_or_build();
        self.places_of_latest().map_or(here, |places| here.max(seen(&places.state).unwrap_or(UNKNOWN)))
    }

    /// The same, and notes the time, if these tables have an end by date and a day has passed or an end has come. `is_on` is
    /// asked under the lock of the folder: a process that stores a no then deletes under the same lock.
    pub(crate) fn note_latest(
        &self,
        tables: &[&'static Registry<'static>],
        is_on: &dyn Fn() -> bool,
    ) -> Result<u64, FileError> {
        let now = self.clock_or_build();
        let Some(places) = self.places_of_latest().filter(|_| has_dates(tables) || has_dates(&self.registries)) else {
            return Ok(now);
        };
        let all = tables.iter().chain(&self.registries);
        let dates: Vec<_> = all.flat_map(|registry| ends(registry)).filter_map(|end| end.date).collect();
        let is_due = |seen: u64| {
            let has_passed = dates.iter().any(|date| (seen.saturating_add(1)..=now).contains(&date.end()));
            has_passed || now >= seen.saturating_add(DAY_SECONDS)
        };
        // A file that can't be used stays, and counts.
        let Some(before) = seen(&places.state) else { return Ok(UNKNOWN) };
        if is_due(before) {
            let folder = Folder::make(&places.state)?;
            let lock = folder.lock()?;
            // Another process may have noted a later time meanwhile.
            if seen(&places.state).is_some_and(is_due) && is_on() {
                lock.write(LATEST, |_| format!("{now}\n").into_bytes())?;
            }
        }
        Ok(now.max(before))
    }

    fn clock_or_build(&self) -> u64 {
        self.clock.now().max(self.built) / SECOND
    }

    /// The folders, if a time is kept there: not in a rehearsal, which reads and leaves nothing.
    fn places_of_latest(&self) -> Option<Places> {
        self.first_places.get().filter(|_| self.is_asked() && self.keeps_files()).cloned()
    }
}

/// The latest time in the file, 0 if there is no file; `None` if it can't be used.
fn seen(state: &Path) -> Option<u64> {
    let Some(bytes) = Folder::read_at(state, LATEST, Access::Mine).ok()? else { return Some(0) };
    let text = std::str::from_utf8(&bytes).ok()?.strip_suffix('\n')?;
    text.parse().ok().filter(|seconds: &u64| seconds.to_string() == text)
}

/// Deletes the file.
pub(crate) fn forget_latest(state: &Path, when: Deletion) -> Result<(), FileError> {
    Folder::erase(state, LATEST, when)
}

/// Whether anything ends on a day.
fn has_dates(registries: &[&'static Registry<'static>]) -> bool {
    registries.iter().flat_map(|registry| ends(registry)).any(|end| end.date.is_some())
}

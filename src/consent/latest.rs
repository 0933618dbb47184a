//! The latest time that a program has seen: a clock that was set back prolongs nothing.
//!
//! `latest` in the folder for state holds seconds since the Unix epoch, as decimal digits and a line feed. It is written
//! only if a registry has an end by date, at most once a day and when an end has come, while telemetry is on; a no and a reset delete it. A file of
//! another form counts as the end of everything that has an end by date.

use super::ends::ends;
use super::settings::Settings;
use crate::files::{Access, Deletion, FileError, Folder, Places};
use crate::limits::{DAY_SECONDS, SECOND};
use crate::registry::Registry;
use std::path::Path;

/// The file's name.
const FILE: &str = "latest";

impl Settings {
    /// The time that ends are compared with, in seconds since the epoch: the latest of the clock's, that of the build, and
    /// the latest one seen.
    pub(crate) fn latest(&self) -> u64 {
        let here = self.clock.now().max(self.built) / SECOND;
        self.places_of_latest().map_or(here, |places| here.max(seen(&places.state).unwrap_or(u64::MAX)))
    }

    /// Notes the time, if a registry has an end by date and a day has passed. `is_on` is asked under the lock of the folder:
    /// a process that stores a no then deletes under the same lock.
    pub(crate) fn note_latest(&self, is_on: &dyn Fn() -> bool) -> Result<(), FileError> {
        let Some(places) = self.places_of_latest() else { return Ok(()) };
        let (state, now) = (&places.state, self.clock.now().max(self.built) / SECOND);
        // A file that can't be used stays, and counts.
        let Some(seen) = seen(state) else { return Ok(()) };
        let mut dates = self.registries.iter().flat_map(|registry| ends(registry)).filter_map(|end| end.date);
        let is_due =
            now >= seen.saturating_add(DAY_SECONDS) || dates.any(|date| (seen + 1..=now).contains(&date.end()));
        if !is_due {
            return Ok(());
        }
        let folder = Folder::make(state)?;
        let lock = folder.lock()?;
        if is_on() { lock.write(FILE, |_| format!("{now}\n").into_bytes()) } else { Ok(()) }
    }
}

impl Settings {
    /// The folders, if a time is kept there: not in a rehearsal, which reads and leaves nothing.
    fn places_of_latest(&self) -> Option<Places> {
        let is_kept = self.is_asked() && self.keeps_files() && has_dates(&self.registries);
        if is_kept { self.own_places() } else { None }
    }
}

/// The latest time in the file, 0 if there is no file; `None` if it can't be used.
fn seen(state: &Path) -> Option<u64> {
    let Some(folder) = Folder::open(state).ok()? else { return Some(0) };
    let Some((bytes, _)) = folder.read(FILE, Access::Mine).ok()? else { return Some(0) };
    let text = std::str::from_utf8(&bytes).ok()?.strip_suffix('\n')?;
    text.parse().ok().filter(|seconds: &u64| seconds.to_string() == text)
}

/// Deletes the file.
pub(crate) fn forget_latest(state: &Path, when: Deletion) -> Result<(), FileError> {
    Folder::erase(state, FILE, when)
}

/// Whether anything ends on a day.
fn has_dates(registries: &[&'static Registry<'static>]) -> bool {
    registries.iter().flat_map(|registry| ends(registry)).any(|end| end.date.is_some())
}

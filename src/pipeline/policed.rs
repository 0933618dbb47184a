//! A policy that is asked for: the builder's method, and what `status` says of it.

use super::Builder;
use crate::policy::Source;
use crate::upload::asked::{Asked, Memory};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

impl Builder {
    /// Asks for a signed policy before each upload, which can only narrow what is sent. From then on nothing is sent
    /// without one: not where its file can't be fetched, and not where it is not as it has to be. It takes the spool, which
    /// is the default: with another way out, telemetry is off.
    pub fn policy(mut self, source: Source) -> Self {
        self.parts.policy = Some(Asked::new(source).map(|asked| Arc::new(asked) as _));
        self
    }
}

/// What came of asking last, and whether it means that nothing is sent.
pub(super) fn last(state: &Path) -> (String, bool) {
    let Memory { serial, hash, asked, found } = Memory::read(state);
    let Some(found) = found else { return ("not asked for yet".to_owned(), false) };
    let time = humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(asked.min(FARTHEST)));
    let file = hash.map(|hash| format!(", SHA-256 {hash}")).unwrap_or_default();
    let newest = if serial > 0 { format!(", newest serial {serial}") } else { String::new() };
    let nothing = if found.is_no() { ", and nothing is sent" } else { "" };
    (format!("{found}{nothing}; asked {time}{newest}{file}"), found.is_no())
}

/// The last second of the year 9999.
const FARTHEST: u64 = 253_402_300_799;

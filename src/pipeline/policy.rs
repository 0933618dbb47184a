//! The signed policy: the builder's method, and its result for `status`.

use super::builder::Builder;
use super::render::timestamp;
use crate::policy::PolicySource;
use crate::upload::asked::{FILE, PolicyFetcher, PolicyState};
use std::path::Path;
use std::sync::Arc;

impl Builder {
    /// Fetches a signed policy before each upload, which can only narrow what is sent. From then on nothing is sent
    /// without a valid one: not if its file can't be fetched, and not if it is invalid. It works with the default
    /// exporter, the upload: with another exporter, telemetry is off.
    pub fn policy(mut self, source: PolicySource) -> Self {
        self.policy = Some(PolicyFetcher::new(source).map(|fetcher| Arc::new(fetcher) as _));
        self
    }
}

/// The result of the last fetch, and whether it stops all sending.
pub(super) fn last(state: &Path) -> (String, bool) {
    let memory = match PolicyState::read(state) {
        Ok(Some(memory)) => memory,
        Ok(None) => return ("not asked for yet".to_owned(), false),
        Err(why) => {
            let said = format!("the file `{FILE}` in the folder for state: {why}; while it is there, nothing is sent");
            return (said, true);
        }
    };
    let PolicyState { newest, asked, found, file } = memory;
    let time = timestamp(asked);
    let file = file.map(|hash| format!(", SHA-256 {hash}")).unwrap_or_default();
    let newest = newest.map(|newest| format!(", newest serial {}", newest.serial)).unwrap_or_default();
    let nothing = if found.is_no() { ", and nothing is sent" } else { "" };
    (format!("{found}{nothing}; asked {time}{newest}{file}"), found.is_no())
}

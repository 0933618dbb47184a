//! A person's yes: to everything, or to some purposes.

use super::choice::NotStored;
use super::shared::Shared;
use super::telemetry::Telemetry;
use crate::consent::{Answer, Decision};

impl Telemetry {
    /// Stores a yes to these purposes of the registry and to no others, for every version of the program, and applies it: a
    /// pipeline that was opened for more goes off until the next start. A yes to everything ([`Choice::On`](super::Choice::On)) takes its place.
    ///
    /// # Errors
    /// As of [`Telemetry::set_consent`]; [`NotStored::Purpose`] if the registry has no such purpose, or none is named.
    pub fn set_consent_for(&self, purposes: &[&str]) -> Result<Decision, NotStored> {
        let shared = &self.shared;
        let known: Vec<_> = shared.settings.purposes().into_iter().map(|purpose| purpose.name).collect();
        let unknown = purposes.iter().find(|name| !known.contains(name)).copied();
        if let Some(name) = unknown.or(purposes.is_empty().then_some("")) {
            return Err(NotStored::Purpose(name.to_owned(), known));
        }
        let mut only: Vec<_> = purposes.iter().map(|name| (*name).to_owned()).collect();
        only.sort();
        only.dedup();
        shared.agree(only)
    }
}

impl Shared {
    /// Stores a yes to these purposes, or to all.
    pub(super) fn agree(&self, only: Vec<String>) -> Result<Decision, NotStored> {
        self.can_send()?;
        self.answer(Answer::Yes { only })?;
        // Turns a pipeline off that was opened for more.
        self.is_on(false);
        Ok(self.decide_again())
    }
}

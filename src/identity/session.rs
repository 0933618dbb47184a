//! The session: links the records of one process, and of the child processes that inherit it.
//!
//! A process draws a nonce of 16 bytes. The id on the wire is derived from it, so that the environment of a child can't
//! choose an id: the first 16 bytes of `SHA-256("scruple/1/session\0" ‖ nonce)` as a version 4 UUID (RFC 9562, section
//! 5.4). The variable holds `1.<seconds since the epoch>.<nonce, 32 digits>`; any other text, a time more than 24 hours
//! ago, and a time more than five minutes in the future are ignored.

#[cfg(test)]
mod tests;

use super::{Random, sha256};
use crate::limits::{MAX_SESSION_SECONDS, SESSION_CLOCK_SKEW_SECONDS};
use std::ffi::OsStr;

/// A session, and the time of its start.
#[derive(Clone, Copy)]
pub struct Session {
    nonce: [u8; 16],
    /// In seconds since the epoch.
    since: u64,
}

impl Session {
    /// A new session, at a time in nanoseconds since the epoch.
    pub(crate) fn new(random: &dyn Random, now: u64) -> Self {
        let mut nonce = [0; 16];
        random.fill(&mut nonce);
        Self { nonce, since: now / 1_000_000_000 }
    }

    /// The variable that passes an app's session to child processes.
    pub fn variable(app_id: &str) -> String {
        let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
        app_id.chars().map(letter).chain("_SESSION".chars()).collect()
    }

    /// The value of that variable.
    pub fn value(&self) -> String {
        format!("1.{}.{:032x}", self.since, u128::from_be_bytes(self.nonce))
    }

    /// The session in the value of that variable, at a time in nanoseconds since the epoch.
    pub fn inherited(value: &OsStr, now: u64) -> Option<Self> {
        let text = value.to_str()?;
        let mut parts = text.split('.').skip(1);
        let since = parts.next()?.parse().ok()?;
        let nonce = u128::from_str_radix(parts.next()?, 16).ok()?.to_be_bytes();
        let session = Self { nonce, since };
        let now = now / 1_000_000_000;
        let is_near =
            since <= now.saturating_add(SESSION_CLOCK_SKEW_SECONDS) && now <= since.saturating_add(MAX_SESSION_SECONDS);
        // The parser is lenient: the text must equal what this module writes.
        (is_near && session.value() == text).then_some(session)
    }

    /// The id on the wire.
    pub fn id(&self) -> uuid::Uuid {
        let whole = sha256(&[b"scruple/1/session\0".as_slice(), &self.nonce].concat());
        let mut first = [0; 16];
        first.copy_from_slice(&whole[..16]);
        uuid::Builder::from_random_bytes(first).into_uuid()
    }
}

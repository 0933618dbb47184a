//! A policy that holds, and what it turns off.

use super::message::OffVersions;
use super::version::ProgramVersion;
use super::{OffWhere, Payload, WHOLE};
use std::fmt;

/// A policy whose signature, program, serial and time were found right: [`verify`](super::verify) is its only maker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    payload: Payload,
    hash: String,
}

/// Which clause of a policy turns a program or a record off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Narrowing {
    /// The program's version is in a range that is off.
    Version,
    /// There is a range of versions that are off, and the program's version can't be compared.
    UnreadableVersion,
    /// The installation is not in the share that sends.
    Rollout,
    /// An attribute has a value for which it is off.
    Member,
    /// The signal is disabled.
    Signal,
}

impl Narrowing {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Version, Self::UnreadableVersion, Self::Rollout, Self::Member, Self::Signal];

    /// Its name in a file.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::UnreadableVersion => "unreadable_version",
            Self::Rollout => "rollout",
            Self::Member => "member",
            Self::Signal => "signal",
        }
    }
}

impl fmt::Display for Narrowing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Version => "the policy turns this version off",
            Self::UnreadableVersion => "the policy turns some versions off, and this one can't be compared",
            Self::Rollout => "the policy lets a share of installations send, and this one is not in it",
            Self::Member => "the policy turns it off for one of the attributes' values",
            Self::Signal => "the policy disables this signal",
        })
    }
}

impl Policy {
    pub(super) fn new(payload: Payload, hash: String) -> Self {
        Self { payload, hash }
    }

    /// The serial, for [`Terms::newest`](super::Terms::newest) from now on.
    pub fn serial(&self) -> u64 {
        self.payload.serial
    }

    /// The SHA-256 of the policy file, in hexadecimal.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// All that it says.
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// Whether this program may send at all: asked once a process.
    ///
    /// `version` is the program's (`service.version`), `resource` holds the key and the value of each attribute of the
    /// resource as it would be sent without a policy, and `draw` is [the installation's](draw). What a registry does
    /// not declare is not in the resource, and can't be asked about.
    ///
    /// # Errors
    /// The first clause that says no.
    pub fn allows_program<'v>(
        &self,
        version: &str,
        resource: impl IntoIterator<Item = (&'v str, &'v str)>,
        draw: u16,
    ) -> Result<(), Narrowing> {
        self.allows_version(version)?;
        self.allows_values(resource)?;
        if self.in_rollout(draw) { Ok(()) } else { Err(Narrowing::Rollout) }
    }

    /// Whether a span, a log record or a span event of this name may be sent. Of its attributes, those are that
    /// [`allows_attribute`](Self::allows_attribute) allows.
    ///
    /// `attributes` holds the key and the value of each as they would be sent without a policy, the disabled ones too;
    /// a list has one entry for each of its names.
    ///
    /// # Errors
    /// The first clause that says no.
    pub fn allows_record<'v>(
        &self,
        name: &str,
        attributes: impl IntoIterator<Item = (&'v str, &'v str)>,
    ) -> Result<(), Narrowing> {
        if !self.allows_signal(name) {
            return Err(Narrowing::Signal);
        }
        self.allows_values(attributes)
    }

    /// Whether a span or an event of this name may be sent, whatever its attributes are.
    pub fn allows_signal(&self, name: &str) -> bool {
        !has(&self.payload.disabled_signals, name)
    }

    /// Whether an attribute with this key may be sent, in the resource or on any record.
    pub fn allows_attribute(&self, key: &str) -> bool {
        !has(&self.payload.disabled_attributes, key)
    }

    /// Whether an installation with this [draw](draw) is in the share that sends. A draw of 10,000 or more never is.
    pub fn in_rollout(&self, draw: u16) -> bool {
        let whole = u32::from(WHOLE);
        u32::from(draw) < self.payload.rollout_basis_points.unwrap_or(whole).min(whole)
    }

    fn allows_version(&self, version: &str) -> Result<(), Narrowing> {
        if self.payload.off_versions.is_empty() {
            return Ok(());
        }
        let version = ProgramVersion::parse(version).ok_or(Narrowing::UnreadableVersion)?;
        // A range that can't be read was refused with the policy; if it were here, it would hold everything.
        let off = self
            .payload
            .off_versions
            .iter()
            .map(OffVersions::range)
            .any(|off| off.is_none_or(|off| off.holds(version)));
        if off { Err(Narrowing::Version) } else { Ok(()) }
    }

    fn allows_values<'v>(&self, values: impl IntoIterator<Item = (&'v str, &'v str)>) -> Result<(), Narrowing> {
        let off = |(key, value): (&str, &str)| {
            let clauses = &self.payload.off_where;
            let found = clauses.binary_search_by(|clause| clause.key.as_str().cmp(key)).ok();
            found.and_then(|index| clauses.get(index)).is_some_and(|OffWhere { members, .. }| has(members, value))
        };
        if values.into_iter().any(off) { Err(Narrowing::Member) } else { Ok(()) }
    }
}

/// Where an installation stands among 0 to 9,999, from the HMAC-SHA-256 of the period's secret over
/// `"scruple/1/rollout"`. It stays the same until the secret does not; only then an installation leaves a share that
/// has not become smaller.
///
/// The first 8 bytes as a number, high byte first, modulo 10,000. The 1,616 draws that the last, incomplete round of
/// 2^64 reaches are more likely than the others by one part in 1.8 × 10^15: in no number of installations to be seen.
pub fn draw(secret_mac: &[u8; 32]) -> u16 {
    let [a, b, c, d, e, f, g, h, ..] = *secret_mac;
    let draw = u64::from_be_bytes([a, b, c, d, e, f, g, h]) % u64::from(WHOLE);
    // Below 10,000, which a u16 holds.
    u16::try_from(draw).unwrap_or(WHOLE)
}

/// Whether a sorted list has this text.
fn has(sorted: &[String], text: &str) -> bool {
    sorted.binary_search_by(|entry| entry.as_str().cmp(text)).is_ok()
}

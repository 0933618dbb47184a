//! A valid policy, and the data that it turns off.

use super::message::OffVersions;
use super::version::ProgramVersion;
use super::{OffWhere, Payload, WHOLE};
use std::fmt;

/// A policy with a valid signature, program, serial and time: only [`verify`](super::verify) makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    payload: Payload,
    hash: String,
}

/// The clause of a policy that turns a program or a record off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Narrowing {
    /// The program's version is in a disabled range.
    Version,
    /// A range of versions is disabled, and the program's version can't be compared.
    UnreadableVersion,
    /// The installation is not in the share that sends.
    Rollout,
    /// An attribute has a disabled value.
    Member,
    /// The signal is disabled.
    Signal,
}

impl Narrowing {
    /// Every clause.
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

    /// The serial, for later checks by [`PolicyExpectations::newest`](super::PolicyExpectations::newest).
    pub fn serial(&self) -> u64 {
        self.payload.serial
    }

    /// The SHA-256 of the policy file, in hexadecimal.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Its whole content.
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// Whether this program may send at all: checked once per process.
    ///
    /// `version` is the program's (`service.version`), `resource` holds the key and the value of each attribute of the
    /// resource as it would be sent without a policy, and `draw` is [the installation's](draw). Undeclared attributes
    /// are not in the resource, so no clause can match them.
    ///
    /// # Errors
    /// The first clause that turns it off.
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

    /// Whether a span, a log record or a span event of this name may be sent. Of its attributes, only those may be sent
    /// that [`allows_attribute`](Self::allows_attribute) allows.
    ///
    /// `attributes` holds the key and the value of each as they would be sent without a policy, the disabled ones too;
    /// a list has one entry for each of its names.
    ///
    /// # Errors
    /// The first clause that turns it off.
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

    /// Whether an installation with this [draw](draw) is in the share that sends: never with a draw of 10,000 or more.
    pub fn in_rollout(&self, draw: u16) -> bool {
        let whole = u32::from(WHOLE);
        u32::from(draw) < self.payload.rollout_basis_points.unwrap_or(whole).min(whole)
    }

    fn allows_version(&self, version: &str) -> Result<(), Narrowing> {
        if self.payload.off_versions.is_empty() {
            return Ok(());
        }
        let version = ProgramVersion::parse(version).ok_or(Narrowing::UnreadableVersion)?;
        // An unreadable range was refused with the policy; here it would count as every version.
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

/// The position of an installation from 0 to 9,999, from the HMAC-SHA-256 of the period's secret over
/// `"scruple/1/rollout"`. It changes only with the secret; only then does an installation leave a share that has not
/// become smaller.
///
/// The first 8 bytes as a number, high byte first, modulo 10,000. The 1,616 draws that the last, incomplete round of
/// 2^64 reaches are more likely than the others by one part in 1.8 × 10^15: not measurable with any number of
/// installations.
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

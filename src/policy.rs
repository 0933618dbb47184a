//! A signed policy from the vendor, which can only narrow the declared and agreed data.
//!
//! A policy file is one `Envelope` of `proto/policy.proto`, of at most [`MAX_POLICY`](crate::limits::MAX_POLICY) bytes:
//! a payload, and its signature with one of the two keys that are compiled into the program. [`verify`] returns a
//! [`Policy`] or the one reason, [`PolicyRefused`], for which the file counts as no: a program with a policy source
//! sends nothing without a valid policy. The checks, in order:
//!
//! 1. the envelope is parsed, and is in its canonical form: encoded again it has the same bytes;
//! 2. its key is known, and its Ed25519 signature (RFC 8032, section 5.1) over `"scruple/1/policy\0"` and the payload's
//!    bytes is valid. Strictly: a scalar beyond the group's order and points of small order are refused, so that only
//!    the key's holder can make a second signature, and a key of small order signs nothing;
//! 3. only then the payload is parsed. It is in canonical form as well: an unknown field might be a narrowing, and
//!    sending without it would send too much. Lists are sorted and without duplicates, because two files of one meaning
//!    would have two hashes, and because look-ups rely on it;
//! 4. it is for this program, no older than the newest accepted policy, well formed, for at most 30 days, and in force.
//!    A serial identifies one file: another file with the serial of the newest is refused, whichever of the two was
//!    meant. With a clock that is behind the program's own build, validity is unknown: off.
//!
//! # Narrow only
//!
//! A payload can turn off signals, attributes, values, versions and a share of installations. It can't express an
//! endpoint, a header, or anything that a registry does not have. Each method of a [`Policy`] takes content that was
//! about to be sent, and returns yes or no: the data sent with a policy is a subset of the data sent without. An
//! additional clause never allows more; therefore the methods take the values as they would be sent without a policy,
//! so that a disabled attribute still counts where the policy has a clause [off where](OffWhere).
//!
//! Names that the program does not have are allowed: one policy serves all versions of a program.

mod message;
mod narrow;
mod refused;
mod version;

pub use self::message::{Envelope, OffVersions, OffWhere, Payload, read};
pub use self::narrow::{Narrowing, Policy, draw};
pub use self::refused::{PolicyRefused, WHOLE};

use crate::identity::BUILT;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};
use std::cmp::Ordering;

/// The prefix of the signed bytes, so that no other signature by the same key is valid for a policy.
const DOMAIN: &[u8] = b"scruple/1/policy\0";

/// The bytes that a policy's signature covers.
pub fn signed(payload: &[u8]) -> Vec<u8> {
    [DOMAIN, payload].concat()
}

/// A public key of the vendor. `scruple policy key` makes one and prints it as a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key<'a> {
    /// The vendor's name for it, as in envelopes.
    pub id: &'a str,
    /// The Ed25519 public key (RFC 8032, section 5.1.5).
    pub public: [u8; 32],
}

/// The two key slots of a program: the key in use and its successor, so that a key can be replaced while programs with
/// the old one still run. With both empty every policy is refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keys<'a> {
    /// The key in use.
    pub current: Option<Key<'a>>,
    /// Its successor.
    pub next: Option<Key<'a>>,
}

impl Keys<'_> {
    /// Whether the key that the envelope names signed it. If both slots have one id, both are tried.
    fn hold(&self, envelope: &Envelope) -> Result<(), PolicyRefused> {
        let mut named =
            [self.current, self.next].into_iter().flatten().filter(|key| key.id == envelope.key_id).peekable();
        if named.peek().is_none() {
            return Err(PolicyRefused::UnknownKey);
        }
        let signature = Signature::from_slice(&envelope.signature).map_err(|_| PolicyRefused::Signature)?;
        let message = signed(&envelope.payload);
        let holds = |key: &Key<'_>| {
            VerifyingKey::from_bytes(&key.public).is_ok_and(|key| key.verify_strict(&message, &signature).is_ok())
        };
        if named.any(|key| holds(&key)) { Ok(()) } else { Err(PolicyRefused::Signature) }
    }
}

/// The conditions for a program's policy, set by its author in code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyExpectations<'a> {
    /// The keys of accepted policies.
    pub keys: Keys<'a>,
    /// The program's id, as its registry has it.
    pub app_id: &'a str,
    /// The smallest accepted serial. Set it to that of the newest policy at each release of the program, so that an
    /// installation without stored state can't be given an older one.
    pub serial_floor: u64,
    /// The build time of the program, in seconds since the Unix epoch.
    pub built: u64,
    /// The newest accepted policy: an older one is refused, and so is another file with its serial.
    pub newest: Option<&'a NewestPolicy>,
}

/// The newest policy that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewestPolicy {
    /// Its serial.
    pub serial: u64,
    /// Its file's [hash].
    pub hash: String,
}

impl NewestPolicy {
    /// Why a policy may not follow this one.
    fn refuses(&self, serial: u64, hash: &str) -> Option<PolicyRefused> {
        match serial.cmp(&self.serial) {
            Ordering::Less => Some(PolicyRefused::Replayed),
            Ordering::Equal if hash != self.hash => Some(PolicyRefused::Contradicted),
            Ordering::Equal | Ordering::Greater => None,
        }
    }
}

/// The location of a program's policy, and the conditions for it. A program that sets one sends nothing without it: if
/// the file is unavailable or invalid, telemetry is off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySource {
    /// The policy's file, on any web host: `https`, or `http` on loopback.
    pub url: String,
    /// The keys of accepted policies.
    pub keys: Keys<'static>,
    /// See [`PolicyExpectations::serial_floor`].
    pub serial_floor: u64,
    /// See [`PolicyExpectations::built`].
    pub built: u64,
}

impl PolicySource {
    /// The policy at this URL, signed by these keys, with any serial, for this build.
    pub fn new(url: impl Into<String>, keys: Keys<'static>) -> Self {
        Self { url: url.into(), keys, serial_floor: 0, built: BUILT }
    }
}

/// Verifies a policy file; `now` is in seconds since the Unix epoch.
///
/// # Errors
/// The first check of this module that fails.
pub fn verify(bytes: &[u8], terms: &PolicyExpectations<'_>, now: u64) -> Result<Policy, PolicyRefused> {
    let envelope = message::envelope(bytes)?;
    terms.keys.hold(&envelope)?;
    let payload = message::payload(&envelope.payload)?;
    let hash = hash(bytes);
    if payload.app_id != terms.app_id {
        Err(PolicyRefused::AnotherApp)
    } else if payload.serial < terms.serial_floor {
        Err(PolicyRefused::Replayed)
    } else if let Some(why) = terms.newest.and_then(|newest| newest.refuses(payload.serial, &hash)) {
        Err(why)
    } else if now < terms.built {
        Err(PolicyRefused::ClockBehind)
    } else if now < payload.not_before {
        Err(PolicyRefused::NotYet)
    } else if payload.not_after <= now {
        Err(PolicyRefused::Expired)
    } else {
        Ok(Policy::new(payload, hash))
    }
}

/// A policy file's SHA-256 (FIPS 180-4) in 64 hexadecimal digits: `status` prints it, and it identifies one policy
/// among all that a vendor has signed.
pub fn hash(bytes: &[u8]) -> String {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

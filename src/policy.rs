//! A signed policy from the vendor, which can only narrow what registry and consent allow.
//!
//! A policy file is one `Envelope` of `proto/policy.proto`, of at most [`MAX_POLICY`](crate::limits::MAX_POLICY): a payload, and its signature with
//! one of the two keys that are compiled into the program. [`verify`] answers with a [`Policy`] or with the one reason,
//! [`Refused`], for which the file counts as no: whoever asks for a policy and has none sends nothing. In this order:
//!
//! 1. the envelope is read, and is in its canonical form: encoded again it has the same bytes;
//! 2. its key is known, and its Ed25519 signature (RFC 8032, section 5.1) over `"scruple/1/policy\0"` and the payload's
//!    bytes holds. Strictly: a scalar beyond the group's order and points of small order are refused, so that nobody
//!    but the key's holder can make a second signature, and a key of small order signs nothing;
//! 3. only then the payload is read. It is in canonical form as well: an unknown field might be a narrowing, and to
//!    send without it would be to send too much. Lists are sorted and have nothing twice, because two files of one
//!    meaning would have two hashes, and because look-ups rely on it;
//! 4. it is for this program, no older than the newest that was accepted, well formed, for at most 30 days, and in force.
//!    A serial names one file: another file with the serial of the newest is refused, whichever of the two was meant. A
//!    clock that is behind the program's own build can't tell: off.
//!
//! # Narrow only
//!
//! A payload can turn off signals, attributes, values, versions and a share of installations. It has no word for an
//! endpoint, a header, or anything that a registry does not have. Each question that a [`Policy`] answers is asked of
//! something that was about to be sent, and the answer is yes or no: with a policy, what is sent is a part of what would
//! be sent without. A clause more never allows more; for that, questions are about values as they would be sent without
//! a policy, so that an attribute that is disabled still counts where the policy says [off where](OffWhere).
//!
//! Names that the program does not have are fine: one policy serves all versions of a program.

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

/// What stands before the payload in what is signed, so that no other signature by the same key is one of a policy.
const DOMAIN: &[u8] = b"scruple/1/policy\0";

/// The bytes that a policy's signature is over.
pub fn signed(payload: &[u8]) -> Vec<u8> {
    [DOMAIN, payload].concat()
}

/// One of the vendor's public keys. `scruple policy key` makes one and prints it as a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key<'a> {
    /// The vendor's name for it, as envelopes give it.
    pub id: &'a str,
    /// The Ed25519 public key (RFC 8032, section 5.1.5).
    pub public: [u8; 32],
}

/// The two slots for keys that a program has: one in use, and one to go over to, so that a key can be replaced while
/// programs with the old one are still about. With both empty every policy is refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keys<'a> {
    /// The key in use.
    pub current: Option<Key<'a>>,
    /// The key after it.
    pub next: Option<Key<'a>>,
}

impl Keys<'_> {
    /// Whether the envelope's signature is by the key that it names. Two slots of one id are both tried.
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

/// What a program accepts as its policy: given by its author, in code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyExpectations<'a> {
    /// Whose policies are accepted.
    pub keys: Keys<'a>,
    /// The program's id, as its registry has it.
    pub app_id: &'a str,
    /// The smallest serial that is accepted. Set to that of the newest policy whenever the program is released, so that
    /// an installation without a memory can't be given an older one.
    pub serial_floor: u64,
    /// When the program was built, in seconds since the Unix epoch.
    pub built: u64,
    /// The newest policy that was accepted before: none that is older is, and no other file of its serial.
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
    /// Why a policy may not come after this one.
    fn refuses(&self, serial: u64, hash: &str) -> Option<PolicyRefused> {
        match serial.cmp(&self.serial) {
            Ordering::Less => Some(PolicyRefused::Replayed),
            Ordering::Equal if hash != self.hash => Some(PolicyRefused::Contradicted),
            Ordering::Equal | Ordering::Greater => None,
        }
    }
}

/// Where a program's policy is, and what it is accepted by. A program that names one sends nothing without it: where the
/// file can't be had, or is not as it has to be, telemetry is off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySource {
    /// The policy's file, on any web host: `https`, or `http` on loopback.
    pub url: String,
    /// Whose policies are accepted.
    pub keys: Keys<'static>,
    /// See [`Terms::serial_floor`].
    pub serial_floor: u64,
    /// See [`Terms::built`].
    pub built: u64,
}

impl PolicySource {
    /// The policy at this URL, by these keys, with any serial, for the build that this is.
    pub fn new(url: impl Into<String>, keys: Keys<'static>) -> Self {
        Self { url: url.into(), keys, serial_floor: 0, built: BUILT }
    }
}

/// Reads a policy file; `now` is in seconds since the Unix epoch.
///
/// # Errors
/// The first of the module's checks that fails.
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

/// A policy file's SHA-256 (FIPS 180-4) in 64 hexadecimal digits: what `status` prints, and what names one policy among
/// all that a vendor has signed.
pub fn hash(bytes: &[u8]) -> String {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

//! Why a file is not the program's policy.

use std::fmt;

/// Every installation, in basis points.
pub const WHOLE: u16 = 10_000;

/// Why a file is not the program's policy. Each counts as no. [`PolicyRefused::ALL`] has them in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PolicyRefused {
    /// It has more bytes than [`MAX_POLICY`](crate::limits::MAX_POLICY).
    TooLarge,
    /// It can't be parsed as a policy, or lacks a key id, payload or signature.
    Malformed,
    /// Neither slot has the key that it names.
    UnknownKey,
    /// The signature is not valid for the key that it names.
    Signature,
    /// It has an unknown field, or is not in the canonical form of its content.
    NotCanonical,
    /// It is for another program.
    AnotherApp,
    /// Its serial is below the floor, or below that of the newest.
    Replayed,
    /// It has the serial of the newest, and is another file.
    Contradicted,
    /// It is not in force yet.
    NotYet,
    /// It is no longer in force.
    Expired,
    /// Its validity is longer than [`MAX_POLICY_SECONDS`](crate::limits::MAX_POLICY_SECONDS).
    TooLong,
    /// The clock is behind the build of the program.
    ClockBehind,
    /// A serial of 0, an end that is not after its beginning, more than four numbers in a version, an empty name, id or
    /// list of members, a rollout over [`WHOLE`].
    Range,
}

impl PolicyRefused {
    /// Every reason.
    pub const ALL: [Self; 13] = [
        Self::TooLarge,
        Self::Malformed,
        Self::UnknownKey,
        Self::Signature,
        Self::NotCanonical,
        Self::AnotherApp,
        Self::Replayed,
        Self::Contradicted,
        Self::NotYet,
        Self::Expired,
        Self::TooLong,
        Self::ClockBehind,
        Self::Range,
    ];
}

impl PolicyRefused {
    /// Its name in a file.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::Malformed => "malformed",
            Self::UnknownKey => "unknown_key",
            Self::Signature => "signature",
            Self::NotCanonical => "not_canonical",
            Self::AnotherApp => "another_app",
            Self::Replayed => "replayed",
            Self::Contradicted => "contradicted",
            Self::NotYet => "not_yet",
            Self::Expired => "expired",
            Self::TooLong => "too_long",
            Self::ClockBehind => "clock_behind",
            Self::Range => "range",
        }
    }
}

impl fmt::Display for PolicyRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "the policy has more than 64 KiB",
            Self::Malformed => "this is not a policy",
            Self::UnknownKey => "the policy is signed with an unknown key",
            Self::Signature => "the policy's signature is invalid",
            Self::NotCanonical => "the policy has an unknown field, or is not in canonical form",
            Self::AnotherApp => "the policy is for another program",
            Self::Replayed => "the policy is older than an accepted one",
            Self::Contradicted => "the policy differs from the accepted one with this serial",
            Self::NotYet => "the policy is not in force yet",
            Self::Expired => "the policy has expired",
            Self::TooLong => "the policy is valid for more than 30 days",
            Self::ClockBehind => "the clock is behind the build time of the program",
            Self::Range => "the policy has a number, a period or a list that is out of range",
        })
    }
}

impl std::error::Error for PolicyRefused {}

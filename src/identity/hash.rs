//! SHA-256.

use sha2::{Digest as _, Sha256};

/// Plain SHA-256, which has no key.
pub(crate) fn sha256(text: &[u8]) -> [u8; 32] {
    Sha256::digest(text).into()
}

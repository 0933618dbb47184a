//! SHA-256, plain and keyed.

use sha2::block_api::compress256;
use sha2::{Digest as _, Sha256};

/// The state of SHA-256 before the first block (FIPS 180-4, section 5.3.3).
const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// Bytes of a block.
const BLOCK: usize = 64;

/// Plain SHA-256, which has no key.
pub(crate) fn sha256(text: &[u8]) -> [u8; 32] {
    Sha256::digest(text).into()
}

/// A key of HMAC-SHA-256 (RFC 2104), as the states of SHA-256 after the inner and the outer key block.
///
/// A short value then costs two blocks. The `hmac` crate copies two hashers with their buffers for each value as well,
/// which costs as much as a third block.
pub(super) struct HmacKey {
    inner: [u32; 8],
    outer: [u32; 8],
}

impl HmacKey {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        let after = |pad: u8| {
            // A key shorter than a block is padded with zeros.
            let mut block = [pad; BLOCK];
            block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
            let mut state = INITIAL;
            compress256(&mut state, &[block]);
            state
        };
        Self { inner: after(0x36), outer: after(0x5c) }
    }

    /// The HMAC of a value.
    pub(super) fn mac(&self, value: &[u8]) -> [u8; 32] {
        finish(self.outer, &finish(self.inner, value))
    }
}

/// The SHA-256 of one block, which `state` contains already, and `rest` (FIPS 180-4, section 5.1.1).
fn finish(mut state: [u32; 8], rest: &[u8]) -> [u8; 32] {
    let (whole, tail) = rest.as_chunks::<BLOCK>();
    if !whole.is_empty() {
        compress256(&mut state, whole);
    }
    // The last bytes, a bit, zeros, and the length in bits.
    let mut last = [[0; BLOCK]; 2];
    let blocks = if tail.len() < BLOCK - 8 { 1 } else { 2 };
    let (place, after) = last.as_flattened_mut().split_at_mut(tail.len());
    place.copy_from_slice(tail);
    after[0] = 0x80;
    let bits = 8 * (BLOCK as u64 + rest.len() as u64);
    let last = &mut last[..blocks];
    if let Some(length) = last.as_flattened_mut().last_chunk_mut() {
        *length = bits.to_be_bytes();
    }
    compress256(&mut state, last);
    let mut hash = [0; 32];
    hash.as_chunks_mut().0.iter_mut().zip(state).for_each(|(bytes, word)| *bytes = word.to_be_bytes());
    hash
}

#[cfg(test)]
mod tests {
    use super::HmacKey;
    use hmac::{Hmac, KeyInit as _, Mac as _};
    use sha2::Sha256;

    /// Values of each length up to some blocks: the padding depends on the length.
    #[test]
    fn the_keyed_hash_is_that_of_the_hmac_crate() {
        for key in [[0; 32], [0xff; 32], *b"0123456789abcdef0123456789ABCDEF"] {
            let value: Vec<u8> = (0..=255).collect();
            for length in 0..=value.len() {
                let mut other = Hmac::<Sha256>::new_from_slice(&key).unwrap();
                other.update(&value[..length]);
                let other: [u8; 32] = other.finalize().into_bytes().into();
                assert_eq!(HmacKey::new(&key).mac(&value[..length]), other, "{length}");
            }
        }
    }
}

//! The vendor's keys: PKCS#8 and SPKI in PEM (RFC 8410, RFC 7468), hexadecimal, and their ids.

use std::fmt;
use std::path::{Path, PathBuf};

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, KeypairBytes};
use ed25519_dalek::{SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use super::file::{self, Unusable};

/// The maximum size of a key's file, in bytes.
const MAX_BYTES: usize = 16 << 10;

/// Why a key is not usable. These errors never show a file's content.
#[derive(Debug)]
pub(super) enum NoKey {
    /// The file is not usable.
    File(Unusable),
    /// The file has no private key that can sign policies.
    NotPrivate(PathBuf),
    /// The file has a private key instead of a public one.
    NotPublic(PathBuf),
    /// The argument is neither hexadecimal nor the file of a public key.
    NeitherHexNorPublic(PathBuf),
    /// The hexadecimal digits are no valid public key.
    NotAPoint,
    /// The operating system returned no random bytes.
    NoRandom,
    /// The new key can't be encoded as PEM.
    NotEncoded,
}

impl fmt::Display for NoKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => error.fmt(f),
            Self::NotPrivate(path) => {
                write!(f, "{} has no Ed25519 private key in PKCS#8 PEM", path.display())
            }
            Self::NotPublic(path) => write!(
                f,
                "{0} has a private key, but a public one is needed: `scruple policy key --existing {0}` prints it",
                path.display()
            ),
            Self::NeitherHexNorPublic(path) => {
                write!(f, "{} has no Ed25519 public key, neither in PEM nor as 64 hexadecimal digits", path.display())
            }
            Self::NotAPoint => f.write_str("these hexadecimal digits are no Ed25519 public key"),
            Self::NoRandom => f.write_str("the operating system returned no random bytes"),
            Self::NotEncoded => f.write_str("the new key can't be encoded as PEM"),
        }
    }
}

impl std::error::Error for NoKey {}

/// Makes a private key and writes it to a new file.
pub(super) fn create(path: &Path) -> Result<SigningKey, NoKey> {
    let mut secret_key = [0; 32];
    getrandom::fill(&mut secret_key).map_err(|_| NoKey::NoRandom)?;
    // Without the public key, the file has version 1 of the format (RFC 8410, section 7), which all tools read.
    let pair = KeypairBytes { secret_key, public_key: None };
    let pem = pair.to_pkcs8_pem(LineEnding::LF).map_err(|_| NoKey::NotEncoded)?;
    file::create_private(path, pem.as_bytes()).map_err(NoKey::File)?;
    Ok(SigningKey::from_bytes(&pair.secret_key))
}

/// Reads the private key from a file.
pub(super) fn private(path: &Path) -> Result<SigningKey, NoKey> {
    let key = text(path)?.and_then(|text| SigningKey::from_pkcs8_pem(&text).ok());
    key.ok_or_else(|| NoKey::NotPrivate(path.to_owned()))
}

/// Reads a public key: 64 hexadecimal digits, or a file with these or with PEM.
pub(super) fn public(given: &str) -> Result<[u8; 32], NoKey> {
    if let Some(public) = from_hex(given) {
        return point(public);
    }
    let path = Path::new(given);
    let neither = || NoKey::NeitherHexNorPublic(path.to_owned());
    let text = text(path)?.ok_or_else(neither)?;
    if text.contains("PRIVATE KEY-----") {
        return Err(NoKey::NotPublic(path.to_owned()));
    }
    match from_hex(text.trim()) {
        Some(public) => point(public),
        None => VerifyingKey::from_public_key_pem(&text).map(|key| key.to_bytes()).map_err(|_| neither()),
    }
}

/// A key's id in envelopes: the first 8 bytes of the public key's SHA-256, in hexadecimal.
pub(super) fn id(public: &[u8; 32]) -> String {
    hex(&Sha256::digest(public)[..8])
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a file as text; `None` if it is not UTF-8.
fn text(path: &Path) -> Result<Option<String>, NoKey> {
    file::read(path, MAX_BYTES).map(|bytes| String::from_utf8(bytes).ok()).map_err(NoKey::File)
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text.chars().map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect();
    if digits.len() == 64 { bytes.try_into().ok() } else { None }
}

fn point(public: [u8; 32]) -> Result<[u8; 32], NoKey> {
    match VerifyingKey::from_bytes(&public) {
        Ok(key) if !key.is_weak() => Ok(public),
        _ => Err(NoKey::NotAPoint),
    }
}

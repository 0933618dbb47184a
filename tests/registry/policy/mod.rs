//! The signed policy: what verifies, what is refused and why, and that it only ever narrows.

mod clauses;
mod file;
mod narrow;
mod refused;
mod vectors;

use ed25519_dalek::{Signer, SigningKey};
use prost::Message as _;
use scruple::limits::MAX_POLICY_SECONDS;
use scruple::policy::{Envelope, Key, Keys, Payload, PolicyExpectations, PolicyRefused, signed, verify};

const NOW: u64 = 1_800_000_000;
const DAY: u64 = 86_400;
const APP: &str = "com.example.mlnet";
const FLOOR: u64 = 5;
const BUILT: u64 = NOW - 400 * DAY;

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn terms() -> PolicyExpectations<'static> {
    let current = Some(Key { id: "current", public: key().verifying_key().to_bytes() });
    PolicyExpectations {
        keys: Keys { current, next: None },
        app_id: APP,
        serial_floor: FLOOR,
        built: BUILT,
        newest: None,
    }
}

/// A policy that narrows nothing.
fn plain() -> Payload {
    let (not_before, not_after) = (NOW - DAY, NOW - DAY + MAX_POLICY_SECONDS);
    Payload { app_id: APP.to_owned(), serial: 7, not_before, not_after, ..Payload::default() }
}

/// The file of a payload, whatever its bytes are.
fn sign(payload: &[u8]) -> Vec<u8> {
    let signature = key().sign(&signed(payload)).to_bytes().to_vec();
    Envelope { key_id: "current".to_owned(), payload: payload.to_vec(), signature }.encode_to_vec()
}

fn sign_payload(payload: &Payload) -> Vec<u8> {
    sign(&payload.encode_to_vec())
}

fn refusal(bytes: &[u8]) -> Option<PolicyRefused> {
    verify(bytes, &terms(), NOW).err()
}

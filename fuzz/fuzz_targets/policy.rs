//! Any bytes, read as a policy's file, and as a payload that the vendor signed: `cargo +nightly fuzz run policy`.
#![no_main]

use ed25519_dalek::{Signer, SigningKey};
use libfuzzer_sys::fuzz_target;
use prost::Message;
use scruple::policy::{Envelope, Key, Keys, Policy, PolicyRefused, PolicyExpectations, read, signed, verify};
use std::sync::LazyLock;

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_bytes(&[7; 32]));

/// Judged as a program would that accepts any serial, at the time and for the program that the file names.
fn judge(bytes: &[u8]) -> Result<Policy, PolicyRefused> {
    let said = read(bytes).map(|(_, payload)| payload).unwrap_or_default();
    let current = Some(Key { id: "fuzz", public: KEY.verifying_key().to_bytes() });
    let keys = Keys { current, next: None };
    verify(bytes, &PolicyExpectations { keys, app_id: &said.app_id, serial_floor: 0, newest: None, built: 0 }, said.not_before)
}

fuzz_target!(|bytes: &[u8]| {
    let _ = judge(bytes);
    let signature = KEY.sign(&signed(bytes)).to_bytes().to_vec();
    let file = Envelope { key_id: "fuzz".to_owned(), payload: bytes.to_vec(), signature }.encode_to_vec();
    if let Ok(policy) = judge(&file) {
        assert_eq!(policy.payload().encode_to_vec(), bytes);
        let text = String::from_utf8_lossy(bytes);
        let _ = policy.allows_program(&text, [("os.type", "linux")], 0);
        let _ = policy.allows_record(&text, [("os.type", &*text)]);
    }
});

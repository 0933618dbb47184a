//! The vendor's signed policy: its URL and its key.

use scruple::{Key, Keys, PolicySource};

/// The policy's URL; an organisation that blocks this host turns the telemetry off.
pub(crate) const URL: &str = "https://telemetry.example.com/mlflow.policy";

/// The public key of `policy-key.pem`. That private key is public here, for trials and tests; a vendor keeps its own
/// secret.
const KEY: Key<'static> = Key {
    id: "cee035a6d7b606ee",
    public: [
        0x06, 0x3b, 0x76, 0xe1, 0x20, 0xcd, 0x33, 0x18, 0xfb, 0x77, 0x77, 0x6d, 0x91, 0xcf, 0xb0, 0x96, 0xa3, 0x6e,
        0xde, 0xf2, 0xcc, 0xae, 0x8e, 0xc0, 0x03, 0x49, 0x3e, 0xa3, 0x73, 0x56, 0xeb, 0xe7,
    ],
};

/// Fetches the policy from another URL; it still needs the vendor's signature.
pub fn ask_at(builder: scruple::Builder, url: &str) -> scruple::Builder {
    let keys = Keys { current: Some(KEY), next: None };
    builder.policy(PolicySource { serial_floor: 1, ..PolicySource::new(url, keys) })
}

//! The session, the rotating installation id and the keyed hash: the values that link records.
//!
//! With `scruple/1/` as the domain:
//!
//! - the key of attribute *a* is `k = HMAC-SHA-256(secret, "scruple/1/hash\0" ‖ a)`;
//! - the hash of a value is the first 16 bytes of `HMAC-SHA-256(k, UTF-8 value)`, sent as 32 hexadecimal digits;
//! - the installation's id is `HMAC-SHA-256(secret, "scruple/1/installation")` as a version 8 UUID (RFC 9562, section 5.8);
//! - the draw for a policy's rollout is made from `HMAC-SHA-256(secret, "scruple/1/rollout")`;
//! - the secret of the next period is `HMAC-SHA-256(secret, "scruple/1/next")`;
//! - the session is a random version 4 UUID (RFC 9562, section 5.4), new in every process, also in one that was forked, or
//!   handed down by its parent.
//!
//! HMAC is RFC 2104 over SHA-256 (FIPS 180-4). The same value under two attribute keys, in two installations or in two
//! periods has unrelated hashes, so that a table of hashes reveals nothing about another. The secret is stored only if
//! the person consented and the registry has something that is made from it; else it lives as long as the process. The
//! module doc of `stored` describes the storage. The vectors in `tests/vectors/` were computed with another
//! implementation.

mod boot;
mod built;
#[cfg(not(target_os = "linux"))]
#[path = "identity/clock_std.rs"]
mod clock;
#[cfg(target_os = "linux")]
#[path = "identity/clock_linux.rs"]
mod clock;

mod hash;
#[cfg(feature = "mac-address")]
pub mod mac;
mod session;
mod stored;
#[cfg(test)]
mod tests;

pub use boot::{Boot, BootError};
pub use built::BUILT;
pub use clock::SystemClock;
pub(crate) use hash::sha256;
pub use session::Session;
pub use stored::IdentityError;
pub(crate) use stored::{Installation, forget, installation, look};

use crate::process::Process;
use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use hash::HmacKey;
use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

/// A clock.
pub trait Clock: Send + Sync {
    /// Nanoseconds since the Unix epoch; 0 for a time before it.
    fn now(&self) -> u64;

    /// The same time, perhaps some milliseconds behind, if that is cheaper to read.
    fn coarse(&self) -> u64 {
        self.now()
    }

    /// The boot of the machine and the time since, if known: [`now`](Self::now) can be set meanwhile.
    fn boot(&self) -> Option<Boot> {
        None
    }
}

/// A source of unpredictable bytes.
pub trait Random: Send + Sync {
    /// Overwrites every byte.
    fn fill(&self, bytes: &mut [u8]);
}

/// ChaCha8, seeded by the operating system once per thread and process: a system call for each span would cost more
/// than the span. Threads share nothing, so they never block each other.
pub struct SystemRandom {
    /// The seed to use if the operating system returns none later.
    seed: [u8; 32],
    seeds: AtomicU64,
}

thread_local! {
    static OWN: RefCell<Option<(Process, ChaCha8Rng)>> = const { RefCell::new(None) };
}

impl SystemRandom {
    /// # Errors
    /// If the operating system returns no random bytes.
    pub fn new() -> Result<Self, getrandom::Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        Ok(Self { seed, seeds: AtomicU64::new(0) })
    }

    fn seeded(&self) -> ChaCha8Rng {
        let mut seed = [0; 32];
        if getrandom::fill(&mut seed).is_err() {
            let number = self.seeds.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            seed = sha256(&[&self.seed[..], &number, &std::process::id().to_be_bytes()].concat());
        }
        ChaCha8Rng::from_seed(seed)
    }
}

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        let drawn = OWN.try_with(|own| {
            let mut own = own.borrow_mut();
            // Not `take` and `insert`: they would copy the generator, some 300 bytes, for each record.
            if own.as_ref().is_some_and(|(process, _)| !process.is_this()) {
                *own = None;
            }
            own.get_or_insert_with(|| (Process::this(), self.seeded())).1.fill_bytes(bytes);
        });
        // A thread that is ending has no generator any more.
        if drawn.is_err() {
            self.seeded().fill_bytes(bytes);
        }
    }
}

/// The secret of one installation and one period, 32 bytes. It is never shown: no `Debug`, no accessor.
pub struct Secret([u8; 32]);

impl Secret {
    /// A secret of these bytes, for reproducible tests; a pipeline draws its own.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn random(random: &dyn Random) -> Self {
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        Self(bytes)
    }

    /// The secret of the next period: the step can't be reversed.
    pub(crate) fn next(&self) -> Self {
        Self(self.derived(b"scruple/1/next"))
    }

    /// The installation's id in this period: a version 8 UUID (RFC 9562, section 5.8).
    pub fn installation_id(&self) -> uuid::Uuid {
        let whole = self.derived(b"scruple/1/installation");
        let mut first = [0; 16];
        first.copy_from_slice(&whole[..16]);
        uuid::Builder::from_custom_bytes(first).into_uuid()
    }

    /// The input of this installation's draw for a policy's rollout, in this period.
    pub fn rollout(&self) -> [u8; 32] {
        self.derived(b"scruple/1/rollout")
    }

    fn derived(&self, purpose: &[u8]) -> [u8; 32] {
        HmacKey::new(&self.0).mac(purpose)
    }

    /// The key for the attribute with this key on the wire.
    pub fn attribute(&self, key: &str) -> AttributeKey {
        AttributeKey(HmacKey::new(&self.derived(&[b"scruple/1/hash\0", key.as_bytes()].concat())))
    }
}

/// The key for the hashes of one attribute.
pub struct AttributeKey(HmacKey);

impl AttributeKey {
    /// The first 16 bytes of the value's HMAC.
    pub fn hash(&self, value: &[u8]) -> [u8; 16] {
        let mut first = [0; 16];
        first.copy_from_slice(&self.0.mac(value)[..16]);
        first
    }
}

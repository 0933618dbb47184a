//! The receiver, as part of the queue's path: records of one receiver are never found by another.

use crate::identity::sha256;
use std::fmt;

/// The format's version: a prefix of the folders' names.
const VERSION: &str = "1-";

/// The intended receiver of records. It names the folder of their queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receiver([u8; 8]);

impl Receiver {
    /// From the origin of an endpoint (scheme, host and port) and the controller: the identity of the receiver in the
    /// notice.
    pub fn new(origin: &str, controller: &str) -> Self {
        let hash = sha256(format!("{origin}\n{controller}").as_bytes());
        let [first, ..] = hash.as_chunks().0 else { return Self([0; 8]) };
        Self(*first)
    }

    /// Whether it is the name of a receiver's folder.
    pub(super) fn is_name(name: &[u8]) -> bool {
        let digit = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
        name.strip_prefix(VERSION.as_bytes()).is_some_and(|hash| hash.len() == 16 && hash.iter().all(digit))
    }
}

/// The folder's name.
impl fmt::Display for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{VERSION}{:016x}", u64::from_be_bytes(self.0))
    }
}

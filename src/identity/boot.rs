//! One boot of the machine: a clock that nobody can set, as long as it lasts.

use super::hash::sha256;
use std::fmt;
use std::str::FromStr;

/// A boot of the machine, and a moment in it. As text: 16 hexadecimal digits, a blank, the seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Boot {
    /// What tells it from others on this machine.
    pub id: u64,
    /// How long it had lasted, in seconds, with the time that the machine slept.
    pub seconds: u64,
}

impl Boot {
    /// From the system's own id for the boot, which is not kept itself: it is in other files too.
    pub(super) fn new(id: &[u8], seconds: u64) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = sha256(&[b"scruple/1/boot\0".as_slice(), id].concat());
        Self { id: u64::from_be_bytes([a, b, c, d, e, f, g, h]), seconds }
    }

    /// The seconds from this moment to another of the same boot.
    pub(crate) fn until(self, later: Self) -> Option<u64> {
        (self.id == later.id).then(|| later.seconds.saturating_sub(self.seconds))
    }
}

impl fmt::Display for Boot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x} {}", self.id, self.seconds)
    }
}

/// The text is none of a boot's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BootError;

impl FromStr for Boot {
    type Err = BootError;

    fn from_str(text: &str) -> Result<Self, BootError> {
        let (id, seconds) = text.split_once(' ').ok_or(BootError)?;
        let id = u64::from_str_radix(id, 16).map_err(|_| BootError)?;
        let boot = Self { id, seconds: seconds.parse().map_err(|_| BootError)? };
        // What is read loosely here has to be what is written.
        if boot.to_string() == text { Ok(boot) } else { Err(BootError) }
    }
}

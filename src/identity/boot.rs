//! A boot of the machine: its clock can't be set.

use super::hash::sha256;
use std::fmt;
use std::str::FromStr;

/// A boot of the machine, and a time since it. As text: 16 hexadecimal digits, a blank, the seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Boot {
    /// Distinguishes it from other boots of this machine.
    pub id: u64,
    /// The seconds since the boot, including the time that the machine slept.
    pub seconds: u64,
}

impl Boot {
    /// Hashes the system's id of the boot, which is not stored itself: other files contain it too.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "the clocks of other systems know no boot"))]
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

/// The text is not that of a boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BootError;

impl FromStr for Boot {
    type Err = BootError;

    fn from_str(text: &str) -> Result<Self, BootError> {
        let (id, seconds) = text.split_once(' ').ok_or(BootError)?;
        let id = u64::from_str_radix(id, 16).map_err(|_| BootError)?;
        let boot = Self { id, seconds: seconds.parse().map_err(|_| BootError)? };
        // The parser is lenient: the text must equal what this module writes.
        if boot.to_string() == text { Ok(boot) } else { Err(BootError) }
    }
}

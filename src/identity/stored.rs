//! The installation's secret on disk: made once, advanced each period, never the same on another machine.
//!
//! `identity.toml` in the folder for state, not in the one for settings: those are often published. It is read as a
//! secret, and holds the secret, this installation's own phase, the number of the period, the identity of the file
//! itself, and the first 16 bytes of `HMAC-SHA-256(secret, "scruple/1/stored\0" ‖ phase ‖ period ‖ born ‖ inode)`, all
//! numbers in eight bytes with the highest first: a damaged file is invalid. After a home folder is copied, the copy
//! makes a new secret: its file has another inode, or another creation time. Both survive a mount, unlike the number of
//! a device: format 1 held that, and counts as a copy.
//!
//! - The period's number is `floor((now + phase) / length)`, so that not all installations change at once.
//! - From one period to the next the secret is ratcheted: `next = HMAC-SHA-256(secret, "scruple/1/next")`. A stolen
//!   secret reveals nothing about earlier periods. The old file's content is overwritten, on the disk too, as far as
//!   the file system writes in place; journaling file systems and flash memory may retain old blocks.
//! - A clock that was set back into the previous period keeps the secret; one that was set back by more makes a new
//!   one: otherwise a clock that was once in the future would stop the rotation. A clock that is very far ahead makes a
//!   new one too.
//!
//! A current secret is read without locking. All other cases are decided under the folder's lock, so that two processes
//! that make or advance it at the same time get the same secret.

#[cfg(test)]
mod tests;

use super::{Random, Secret};
use crate::files::{Access, Deletion, FileError, FileId, Folder};
use crate::limits::{DAY_SECONDS, MAX_PERIODS, SECOND};
use crate::registry::Rotation;
use std::fmt;
use std::path::Path;
use toml::de::DeTable;

/// The file's name.
const FILE: &str = "identity.toml";

/// Why the installation's secret can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdentityError {
    /// The file can't be read or written.
    File(FileError),
    /// The file is malformed.
    Malformed,
    /// A newer version wrote the file.
    Newer,
}

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(why) => write!(f, "{why}"),
            Self::Malformed => f.write_str("it is malformed"),
            Self::Newer => f.write_str("a newer version has written it"),
        }
    }
}

impl std::error::Error for IdentityError {}

impl From<FileError> for IdentityError {
    fn from(why: FileError) -> Self {
        Self::File(why)
    }
}

/// The secret of this installation and this period.
pub(crate) struct Installation {
    pub(crate) secret: Secret,
    /// The period's number.
    pub(crate) period: u64,
    /// The start of the period, in nanoseconds since the epoch; 0 if it never ends.
    pub(crate) began: u64,
    /// The end of the period.
    pub(crate) ends: Option<u64>,
}

/// The content of the file.
struct StoredIdentity {
    secret: Secret,
    phase: u64,
    period: u64,
    /// Whether it was read from another file than it was written to.
    is_copied: bool,
}

/// The current secret of this installation: read, made, or advanced. It is written under the folder's lock, and only if
/// telemetry is still on when the lock is held: a process that stores a no then deletes under the same lock. `None`
/// after a no.
pub(crate) fn installation(
    folder: &Path,
    rotation: Rotation,
    now: u64,
    random: &dyn Random,
    ask: &dyn Fn() -> bool,
) -> Result<Option<Installation>, IdentityError> {
    let folder = Folder::make(folder)?;
    let now = now / SECOND;
    // An error may come from another process's write in progress.
    if let Ok(Some(kept)) = read(&folder)
        && kept.is_current(rotation, now)
    {
        return Ok(Some(kept.installation(rotation)));
    }
    let lock = folder.lock()?;
    if !ask() {
        return Ok(None);
    }
    let new = match read(&folder)? {
        Some(kept) if kept.is_current(rotation, now) => return Ok(Some(kept.installation(rotation))),
        Some(kept) => kept.moved_on(rotation, now).unwrap_or_else(|| make(rotation, now, random)),
        None => make(rotation, now, random),
    };
    lock.write_over(FILE, |mark| write(&new, mark))?;
    Ok(Some(new.installation(rotation)))
}

/// The stored installation; it is neither made nor advanced.
pub(crate) fn look(folder: &Path, rotation: Rotation) -> Result<Option<Installation>, IdentityError> {
    let Some(folder) = Folder::open(folder)? else { return Ok(None) };
    // An error may come from another process's write in progress.
    let kept = read(&folder).or_else(|_| {
        let _lock = folder.lock()?;
        read(&folder)
    })?;
    // A copy counts as absent: the next run makes a new secret.
    Ok(kept.filter(|kept| !kept.is_copied).map(|kept| kept.installation(rotation)))
}

/// Deletes the secret, and the temporary files of killed processes.
pub(crate) fn forget(folder: &Path, when: Deletion) -> Result<(), FileError> {
    Folder::erase(folder, FILE, when)
}

/// A new secret, with a phase of its own.
fn make(rotation: Rotation, now: u64, random: &dyn Random) -> StoredIdentity {
    let mut drawn = [0; 8];
    let secret = Secret::random(random);
    random.fill(&mut drawn);
    let phase = u64::from_le_bytes(drawn) % length(rotation).unwrap_or(1);
    let new = StoredIdentity { secret, phase, period: 0, is_copied: false };
    StoredIdentity { period: new.period_at(rotation, now), ..new }
}

impl StoredIdentity {
    /// The number of the period at a time in seconds.
    fn period_at(&self, rotation: Rotation, now: u64) -> u64 {
        length(rotation).map_or(self.period, |length| now.saturating_add(self.phase) / length)
    }

    /// Whether it belongs to this machine and to this period or the next, for a clock that was set back a little.
    fn is_current(&self, rotation: Rotation, now: u64) -> bool {
        let period = self.period_at(rotation, now);
        !self.is_copied && (period == self.period || period.saturating_add(1) == self.period)
    }

    /// The secret of the period at a time in seconds, derived from this one; `None` if that is not possible.
    fn moved_on(self, rotation: Rotation, now: u64) -> Option<Self> {
        let period = self.period_at(rotation, now);
        let steps = period.checked_sub(self.period).filter(|steps| !self.is_copied && *steps <= MAX_PERIODS)?;
        let secret = (0..steps).fold(self.secret, |secret, _| secret.next());
        Some(Self { secret, period, ..self })
    }

    /// The check value over the other fields, which detects a damaged file.
    fn check(&self, mark: FileId) -> String {
        let numbers = [self.phase, self.period, mark.born, mark.inode].map(u64::to_be_bytes).concat();
        let whole = self.secret.derived(&[b"scruple/1/stored\0".as_slice(), &numbers].concat());
        hexadecimal(&whole[..16])
    }

    fn installation(self, rotation: Rotation) -> Installation {
        let Some(length) = length(rotation) else {
            return Installation { secret: self.secret, period: 0, began: 0, ends: None };
        };
        let begin = |period: u64| period.saturating_mul(length).saturating_sub(self.phase).saturating_mul(SECOND);
        let (began, ends) = (begin(self.period), begin(self.period.saturating_add(1)));
        Installation { secret: self.secret, period: self.period, began, ends: Some(ends) }
    }
}

/// A period in seconds; `None` if it never ends.
const fn length(rotation: Rotation) -> Option<u64> {
    match rotation {
        Rotation::Daily => Some(DAY_SECONDS),
        Rotation::Monthly => Some(30 * DAY_SECONDS),
        Rotation::Yearly => Some(365 * DAY_SECONDS),
        Rotation::Never => None,
    }
}

fn read(folder: &Folder) -> Result<Option<StoredIdentity>, IdentityError> {
    folder.read(FILE, Access::Secret)?.map(|(bytes, mark)| parse(&bytes, mark)).transpose()
}

fn parse(bytes: &[u8], mark: FileId) -> Result<StoredIdentity, IdentityError> {
    let text = std::str::from_utf8(bytes).map_err(|_| IdentityError::Malformed)?;
    let table = DeTable::parse(text).map_err(|_| IdentityError::Malformed)?;
    let table = table.get_ref();
    let born = match number(table, "format")? {
        2 => "born",
        1 => "device",
        0 => return Err(IdentityError::Malformed),
        _ => return Err(IdentityError::Newer),
    };
    let known = ["format", "secret", "phase", "period", born, "inode", "check"];
    if table.len() != known.len() {
        return Err(IdentityError::Malformed);
    }
    let secret = from_hexadecimal(string(table, "secret")?).ok_or(IdentityError::Malformed)?;
    let written = FileId { born: number(table, born)?, inode: number(table, "inode")? };
    let kept = StoredIdentity {
        secret: Secret::new(secret),
        phase: number(table, "phase")?,
        period: number(table, "period")?,
        is_copied: born == "device" || written.differs(mark),
    };
    if string(table, "check")? == kept.check(written) { Ok(kept) } else { Err(IdentityError::Malformed) }
}

fn string<'t>(table: &'t DeTable<'_>, key: &str) -> Result<&'t str, IdentityError> {
    table.get(key).and_then(|value| value.get_ref().as_str()).ok_or(IdentityError::Malformed)
}

/// A non-negative decimal number.
fn number(table: &DeTable<'_>, key: &str) -> Result<u64, IdentityError> {
    let number = table.get(key).and_then(|value| value.get_ref().as_integer());
    let number = number.filter(|number| number.radix() == 10);
    number.and_then(|number| number.as_str().parse().ok()).ok_or(IdentityError::Malformed)
}

fn write(kept: &StoredIdentity, mark: FileId) -> Vec<u8> {
    let (secret, check) = (hexadecimal(&kept.secret.0), kept.check(mark));
    let StoredIdentity { phase, period, .. } = kept;
    let FileId { born, inode } = mark;
    format!(
        "# Known to this machine only: do not copy it, and do not publish it.\nformat = 2\nsecret = \"{secret}\"\n\
         phase = {phase}\nperiod = {period}\nborn = {born}\ninode = {inode}\ncheck = \"{check}\"\n"
    )
    .into_bytes()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 32 bytes from 64 digits in lower case.
fn from_hexadecimal(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; 32];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != bytes.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

//! Versions of up to four numbers, and disabled ranges of them.

use std::cmp::Ordering;

/// A program's version; missing numbers are 0.
///
/// A pre-release (`1.2.0-rc.1`) precedes its numbers, and will become them. It is off if either is off: a range that
/// ends at `1.2.0` disables it, and so does one that starts there. The part after a `+` is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ProgramVersion {
    numbers: [u32; 4],
    pre_release: bool,
}

impl ProgramVersion {
    /// One to four decimal numbers separated by dots, then nothing, or `-` or `+` and any text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let end = text.find(['-', '+']).unwrap_or(text.len());
        let (release, rest) = text.split_at_checked(end)?;
        let mut numbers = [0; 4];
        let mut slots = numbers.iter_mut();
        for part in release.split('.') {
            // `parse` by itself accepts a sign.
            let digits = part.bytes().all(|byte| byte.is_ascii_digit());
            *slots.next()? = part.parse().ok().filter(|_| digits)?;
        }
        Some(Self { numbers, pre_release: rest.starts_with('-') })
    }
}

/// The versions from a first one to an exclusive end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Versions {
    from: [u32; 4],
    to: Option<[u32; 4]>,
}

impl Versions {
    /// From a version on, up to another one, if there is one. `None` where a version has more than four numbers.
    pub(super) fn new(from: &[u32], to: &[u32]) -> Option<Self> {
        let to = if to.is_empty() { None } else { Some(padded(to)?) };
        Some(Self { from: padded(from)?, to })
    }

    /// Whether the range is empty.
    pub(super) fn is_empty(&self) -> bool {
        self.to.is_some_and(|to| to <= self.from)
    }

    pub(super) fn holds(&self, version: ProgramVersion) -> bool {
        let below = |to: [u32; 4]| version.numbers < to || (version.pre_release && version.numbers == to);
        self.from <= version.numbers && self.to.is_none_or(below)
    }
}

/// Ordered by start, then by end.
impl PartialOrd for Versions {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let end = |to: Option<[u32; 4]>| (to.is_none(), to);
        Some(self.from.cmp(&other.from).then_with(|| end(self.to).cmp(&end(other.to))))
    }
}

fn padded(numbers: &[u32]) -> Option<[u32; 4]> {
    let mut version = [0; 4];
    version.get_mut(..numbers.len())?.copy_from_slice(numbers);
    Some(version)
}

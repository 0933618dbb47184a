//! Dropped values and records, counted by reason: shown locally, never sent.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// Why a value or a whole record was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DropReason {
    /// The signal declares no attribute for this field.
    UndeclaredField,
    /// The registry declares no span or event of this name (counted by the gate; the layer disables such a callsite
    /// once).
    UndeclaredSignal,
    /// The registry declares it, and the person has not agreed to it yet.
    NotAgreed,
    /// It is past the end that the registry names.
    Expired,
    /// The attribute needs the author's opt-in, which is absent.
    NotOptedIn,
    /// The value is not a declared member.
    NotAMember,
    /// The attribute's treatment does not accept a value of this type.
    WrongType,
    /// NaN, an infinity, or a number outside 64 bits.
    OutOfRange,
    /// The text has more than 4,096 bytes, or its `Debug` failed or panicked.
    Unreadable,
    /// The text is not a version of up to three numbers under 10,000 and a known pre-release tag.
    NotAVersion,
    /// The text is not a location in the program's own sources.
    NotOwnSource,
    /// The attribute is set by the pipeline or detected, and can't be recorded.
    NotRecordable,
    /// The signal's `at_most` for this process is exceeded.
    OverLimit,
    /// A value's own `Debug` recorded it while that value was being read.
    Reentrant,
    /// A required attribute was not recorded; the record was sent without it.
    MissingRequired,
    /// The signal has more than 1,024 callsites in the program.
    TooManyCallsites,
    /// More than 65,536 declared spans were open at once at one entrance.
    TooManyOpen,
    /// The gate was shut down before the span ended, or before the record was made.
    GateClosed,
    /// The signed policy disables it.
    Policy,
    /// The text of the program's version is not a version: the version in Cargo.toml is sent.
    NotAProgramVersion,
    /// The process was forked while another thread of its parent was initialising its tables: they can't be made here.
    Forked,
}

impl DropReason {
    /// All reasons, in the order in which they are shown.
    pub const ALL: [Self; 21] = [
        Self::UndeclaredField,
        Self::UndeclaredSignal,
        Self::NotAgreed,
        Self::Expired,
        Self::NotOptedIn,
        Self::NotAMember,
        Self::WrongType,
        Self::OutOfRange,
        Self::Unreadable,
        Self::NotAVersion,
        Self::NotOwnSource,
        Self::NotRecordable,
        Self::OverLimit,
        Self::Reentrant,
        Self::MissingRequired,
        Self::TooManyCallsites,
        Self::TooManyOpen,
        Self::GateClosed,
        Self::Policy,
        Self::NotAProgramVersion,
        Self::Forked,
    ];

    /// The code on disk.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::UndeclaredField => "withheld_undeclared_field",
            Self::UndeclaredSignal => "withheld_undeclared_signal",
            Self::NotAgreed => "withheld_not_agreed",
            Self::Expired => "withheld_expired",
            Self::NotOptedIn => "withheld_not_opted_in",
            Self::NotAMember => "withheld_not_a_member",
            Self::WrongType => "withheld_wrong_type",
            Self::OutOfRange => "withheld_out_of_range",
            Self::Unreadable => "withheld_unreadable",
            Self::NotAVersion => "withheld_not_a_version",
            Self::NotOwnSource => "withheld_not_own_source",
            Self::NotRecordable => "withheld_not_recordable",
            Self::OverLimit => "withheld_over_limit",
            Self::Reentrant => "withheld_reentrant",
            Self::MissingRequired => "withheld_missing_required",
            Self::TooManyCallsites => "withheld_too_many_callsites",
            Self::TooManyOpen => "withheld_too_many_open",
            Self::GateClosed => "withheld_gate_closed",
            Self::Policy => "withheld_policy",
            Self::NotAProgramVersion => "withheld_not_a_program_version",
            Self::Forked => "withheld_forked",
        }
    }
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UndeclaredField => "undeclared field",
            Self::UndeclaredSignal => "undeclared signal",
            Self::NotAgreed => "not agreed to yet",
            Self::Expired => "past its end",
            Self::NotOptedIn => "not opted in",
            Self::NotAMember => "not a member",
            Self::WrongType => "wrong type",
            Self::OutOfRange => "out of range",
            Self::Unreadable => "too long or unreadable",
            Self::NotAVersion => "not a version",
            Self::NotOwnSource => "not in own sources",
            Self::NotRecordable => "set by the pipeline",
            Self::OverLimit => "over the signal's limit",
            Self::Reentrant => "recorded by a value",
            Self::MissingRequired => "required, not recorded",
            Self::TooManyCallsites => "too many callsites",
            Self::TooManyOpen => "too many open spans",
            Self::GateClosed => "the gate was shut down",
            Self::Policy => "off by the policy",
            Self::NotAProgramVersion => "not a program's version, the one in Cargo.toml is sent",
            Self::Forked => "the process was forked at a bad moment",
        })
    }
}

/// A dropped value of a declared signal, or a dropped record of it. The mode `log` prints it; it is never sent.
pub(crate) struct DropReport<'a> {
    pub signal: &'a str,
    /// The attribute, or the undeclared field.
    pub field: Option<&'a str>,
    pub why: DropReason,
}

/// As `words.unit of words.run: not a member`.
impl fmt::Display for DropReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { signal, field, why } = self;
        match field {
            Some(field) => write!(f, "{field} of {signal}: {why}"),
            None => write!(f, "{signal}: {why}"),
        }
    }
}

/// Drop counts, one for each reason. As text: the reasons that occurred with their counts, as in `undeclared field 2; not
/// a member 1`; else `none`.
#[derive(Default)]
pub struct DropCounts {
    counts: [AtomicU64; DropReason::ALL.len()],
    /// The counts that are noted on disk.
    noted: [AtomicU64; DropReason::ALL.len()],
}

impl DropCounts {
    pub(crate) fn add(&self, why: DropReason) {
        if let Some(count) = self.counts.get(why as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The counts that are not noted on disk.
    pub(crate) fn unnoted(&self) -> Vec<(DropReason, u64)> {
        self.above(|noted, _| noted.load(Ordering::Relaxed))
    }

    /// The counts since the last call.
    pub(crate) fn take_new(&self) -> Vec<(DropReason, u64)> {
        self.above(|noted, count| noted.fetch_max(count, Ordering::Relaxed))
    }

    /// Counts that were taken and could not be noted: the next call takes them again.
    pub(crate) fn put_back(&self, taken: &[(DropReason, u64)]) {
        for (why, count) in taken {
            if let Some(noted) = self.noted.get(*why as usize) {
                noted.fetch_sub(*count, Ordering::Relaxed);
            }
        }
    }

    fn above(&self, before: impl Fn(&AtomicU64, u64) -> u64) -> Vec<(DropReason, u64)> {
        let noted = |why: DropReason, count| self.noted.get(why as usize).map_or(0, |noted| before(noted, count));
        let new = self.iter().map(|(why, count)| (why, count.saturating_sub(noted(why, count))));
        new.filter(|(_, count)| *count > 0).collect()
    }

    /// The drop count of this reason.
    pub fn get(&self, why: DropReason) -> u64 {
        self.counts.get(why as usize).map_or(0, |count| count.load(Ordering::Relaxed))
    }

    /// The reasons that occurred, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (DropReason, u64)> + '_ {
        DropReason::ALL.into_iter().map(|why| (why, self.get(why))).filter(|&(_, count)| count > 0)
    }
}

impl fmt::Display for DropCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.iter().next().is_none() { f.write_str("none") } else { write_counts(f, self.iter()) }
    }
}

/// Counts by reason, as in `undeclared field 2; not a member 1`.
pub(crate) fn write_counts(
    f: &mut fmt::Formatter<'_>,
    counts: impl IntoIterator<Item = (DropReason, u64)>,
) -> fmt::Result {
    let mut before = "";
    for (why, count) in counts {
        write!(f, "{before}{why} {count}")?;
        // Some reasons have a comma in them.
        before = "; ";
    }
    Ok(())
}

impl fmt::Debug for DropCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DropCounts({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::{DropCounts, DropReason};

    #[test]
    fn a_count_that_could_not_be_noted_is_taken_again() {
        let counts = DropCounts::default();
        counts.add(DropReason::Policy);
        let taken = counts.take_new();
        assert_eq!((&taken[..], counts.unnoted()), (&[(DropReason::Policy, 1)][..], Vec::new()));
        counts.put_back(&taken);
        counts.add(DropReason::Policy);
        assert_eq!(counts.unnoted(), [(DropReason::Policy, 2)]);
        assert_eq!((counts.take_new(), counts.take_new()), (vec![(DropReason::Policy, 2)], Vec::new()));
        assert_eq!(counts.get(DropReason::Policy), 2);
    }
}

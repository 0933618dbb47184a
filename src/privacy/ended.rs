//! What ends on a day while a process runs: its records are withheld from then on.

use super::clean::Clean;
use super::compiled::{CompiledRegistry, SignalId};
use super::drops::DropReason;
use super::record::Record;
use super::sanitizer::Sanitizer;
use std::borrow::Cow;
use std::sync::atomic::Ordering;

impl Sanitizer {
    /// A finished record without what ended while this process ran: as it is, if that is nothing; `None` if the record is
    /// of a signal that ended.
    #[inline]
    pub(crate) fn present<'r>(&self, record: &'r Clean<Record>) -> Option<Cow<'r, Clean<Record>>> {
        if self.first_end == u64::MAX {
            return Some(Cow::Borrowed(record));
        }
        // Not the record's times: they are rounded down, and at a gate they are the host's.
        let now = self.seen();
        if now < self.first_end { Some(Cow::Borrowed(record)) } else { self.without_ended(record, now) }
    }

    /// Whether anything that this process records ends on a day.
    pub(crate) fn has_ends(&self) -> bool {
        self.first_end < u64::MAX
    }

    /// Whether all that this process records is past its end: every record is withheld from then on.
    pub(crate) fn is_all_over(&self) -> bool {
        let last = self.parts.iter().filter_map(CompiledRegistry::last_end).max().unwrap_or(u64::MAX);
        last < u64::MAX && self.seen() >= last
    }

    /// The latest time that this process has seen, in nanoseconds since the epoch: now, if no clock was set back.
    #[inline]
    fn seen(&self) -> u64 {
        let clock = self.clock.coarse();
        self.latest.fetch_max(clock, Ordering::Relaxed).max(clock)
    }

    #[cold]
    fn without_ended<'r>(&self, record: &'r Clean<Record>, now: u64) -> Option<Cow<'r, Clean<Record>>> {
        let mut left = record.clone();
        self.remove_ended(&mut left.0, now).then_some(Cow::Owned(left))
    }

    /// Removes the attributes and events that ended; `false` if the record itself did.
    fn remove_ended(&self, record: &mut Record, now: u64) -> bool {
        let of = SignalId::of(record);
        let Some(state) = self.parts.get(usize::from(of.part)).and_then(|part| part.signal(of)) else { return false };
        if now >= state.ends {
            self.withhold_record(of, DropReason::Expired);
            return false;
        }
        for (slot, ends) in &state.attribute_ends {
            if now < *ends || !record.values.has(*slot) {
                continue;
            }
            record.values.remove(*slot);
            if let Some(used) = record.signal.attributes.get(usize::from(*slot)) {
                self.withhold_attribute(of, used.attribute, DropReason::Expired);
            }
        }
        record.events.retain_mut(|event| self.remove_ended(event, now));
        true
    }
}

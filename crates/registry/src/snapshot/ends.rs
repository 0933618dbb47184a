//! The facts about ends, and their comparison.

use super::change::ChangeKind;
use super::report::{About, more};
use super::words::Subject;
use super::writer::Writer;
use crate::Expiry;
use std::fmt;
use std::ops::ControlFlow;

/// The part of an end that is earlier than the service's: the rest changes nothing, and is no fact.
pub(super) fn own(expires: Expiry, service: Expiry) -> Expiry {
    let first = expires.or_earlier(service);
    Expiry {
        date: first.date.filter(|_| first.date != service.date),
        version: first.version.filter(|_| first.version != service.version),
    }
}

impl Writer<'_> {
    pub(super) fn expiry(&mut self, expires: Expiry) {
        expires.date.iter().for_each(|date| self.fact("expires", date));
        expires.version.iter().for_each(|version| self.fact("expires_version", version));
    }
}

impl About<'_, '_> {
    /// Compares the ends of what has an end of its own, each beside the service's. What the service's alone changes is said
    /// of the service.
    pub(super) fn expiry(&mut self, old: (Expiry, Expiry), new: (Expiry, Expiry)) -> ControlFlow<()> {
        let ((old, old_service), (new, new_service)) = (old, new);
        let (before, now) = (old.or_earlier(old_service), new.or_earlier(new_service));
        if old.date != new.date {
            self.end(("until", "without a last day"), before.date, now.date)?;
        }
        if old.version != new.version {
            self.end(("until version", "in every version"), before.version, now.version)?;
        }
        ControlFlow::Continue(())
    }

    /// Compares two ends of one kind; the latest is none.
    fn end<T: Ord + fmt::Display>(
        &mut self,
        words: (&str, &str),
        before: Option<T>,
        now: Option<T>,
    ) -> ControlFlow<()> {
        let latest = |end: &Option<T>| end.is_none();
        let order = more((latest(&before), &before), (latest(&now), &now));
        let Some(direction) = order else { return ControlFlow::Continue(()) };
        let verb = if matches!(self.subject, Subject::Registry(_)) { "now collects" } else { "is now collected" };
        let until = |end: Option<T>| end.map_or(words.1.to_owned(), |end| format!("{} {end}", words.0));
        let (before, now) = (until(before), until(now));
        self.say(direction, ChangeKind::Expires, format_args!("{verb} {now}, before {before}"))
    }
}

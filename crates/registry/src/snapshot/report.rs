//! Reports the differences between two registries.

use super::change::{ChangeKind, Direction};
use super::words::Subject;
use crate::TimeResolution;
use Direction::{Narrower, Other, Wider};
use std::cmp::Ordering;
use std::fmt;
use std::iter;
use std::ops::ControlFlow;

/// Receives a difference: its direction, its kind, the subject and the predicate of its sentence. It may end the
/// comparison.
pub(super) type Report<'r> = dyn FnMut(Direction, ChangeKind, Subject<'_>, fmt::Arguments<'_>) -> ControlFlow<()> + 'r;

/// The subject of differences, and their receiver.
pub(super) struct About<'s, 'r> {
    pub(super) subject: Subject<'s>,
    pub(super) report: &'s mut Report<'r>,
}

impl About<'_, '_> {
    pub(super) fn say(
        &mut self,
        direction: Direction,
        what: ChangeKind,
        predicate: fmt::Arguments<'_>,
    ) -> ControlFlow<()> {
        (self.report)(direction, what, self.subject, predicate)
    }

    /// The resolutions of times and of durations; durations without one of their own have that of times, and are then not
    /// named beside them.
    pub(super) fn resolutions(
        &mut self,
        (old, old_own): (TimeResolution, Option<TimeResolution>),
        (new, new_own): (TimeResolution, Option<TimeResolution>),
    ) -> ControlFlow<()> {
        self.resolution("times", old, new)?;
        if old_own.is_none() && new_own.is_none() {
            return ControlFlow::Continue(());
        }
        self.resolution("durations", old_own.unwrap_or(old), new_own.unwrap_or(new))
    }

    fn resolution(&mut self, what: &str, old: TimeResolution, new: TimeResolution) -> ControlFlow<()> {
        // A finer resolution is the lesser value.
        let Some(direction) = more(new, old) else { return ControlFlow::Continue(()) };
        let (before, now) = (old.unit(), new.unit());
        self.say(direction, ChangeKind::Time, format_args!("now tells {what} to the {now}, before to the {before}"))
    }

    pub(super) fn brief(&mut self, old: &str, new: &str) -> ControlFlow<()> {
        if old == new {
            return ControlFlow::Continue(());
        }
        self.say(Other, ChangeKind::Brief, format_args!("is now described as {new:?}"))
    }

    pub(super) fn because(&mut self, old: Option<&str>, new: Option<&str>) -> ControlFlow<()> {
        match new {
            _ if old == new => ControlFlow::Continue(()),
            Some(reason) => self.say(Other, ChangeKind::Because, format_args!("now gives the reason {reason:?}")),
            None => self.say(Other, ChangeKind::Because, format_args!("no longer gives a reason")),
        }
    }
}

/// The direction of a number that collects more if it is greater.
pub(super) fn more<T: Ord>(old: T, new: T) -> Option<Direction> {
    match new.cmp(&old) {
        Ordering::Greater => Some(Wider),
        Ordering::Less => Some(Narrower),
        Ordering::Equal => None,
    }
}

/// A pair of entries with one key in two lists.
#[derive(Clone, Copy)]
pub(super) enum Pair<'l, T> {
    Gone(&'l T),
    New(&'l T),
    Both(&'l T, &'l T),
}

/// Merges two lists that are sorted by a key.
pub(super) fn pairs<'l, T>(old: &'l [T], new: &'l [T], key: impl Fn(&T) -> &str) -> impl Iterator<Item = Pair<'l, T>> {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    iter::from_fn(move || {
        let order = match (old.peek(), new.peek()) {
            (Some(before), Some(now)) => key(before).cmp(key(now)),
            (Some(_), None) => Ordering::Less,
            (None, _) => Ordering::Greater,
        };
        match order {
            Ordering::Less => old.next().map(Pair::Gone),
            Ordering::Greater => new.next().map(Pair::New),
            Ordering::Equal => old.next().zip(new.next()).map(|(before, now)| Pair::Both(before, now)),
        }
    })
}

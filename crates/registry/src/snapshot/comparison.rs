//! Goes through what two programs say side by side, and tells of each difference which way it goes.

use super::Snapshot;
use super::change::{ChangeKind, Direction};
use super::terms::{Attribute, RegistryFacts, Signal};
use super::words::{Buckets, List, Subject, hashed, is_free, limit, period, treated};
use crate::{Endpoint, Normalize, RequirementLevel, SignalKind, TimeResolution, TreatmentKind};
use Direction::{Narrower, Other, Wider};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::iter;
use std::ops::ControlFlow;

/// Takes a difference: its direction, its kind, the subject and the predicate of its sentence. May end the comparison.
pub(super) type Report<'r> = dyn FnMut(Direction, ChangeKind, Subject<'_>, fmt::Arguments<'_>) -> ControlFlow<()> + 'r;

/// Reports every difference, in no order, until it is told to end.
pub(super) fn compare(old: &Snapshot<'_>, new: &Snapshot<'_>, report: &mut Report<'_>) -> ControlFlow<()> {
    if let (Some(before), Some(now)) = (&old.program, &new.program)
        && before != now
    {
        let before = Subject::Registry(before);
        let mut about = About { subject: Subject::Registry(now), report };
        about.say(
            Wider,
            ChangeKind::Program,
            format_args!("is now the program's own registry, before it was {before}"),
        )?;
    }
    for pair in pairs(&old.registries, &new.registries, |terms| &terms.app_id) {
        let (Pair::Gone(one) | Pair::New(one) | Pair::Both(_, one)) = pair;
        let mut about = About { subject: Subject::Registry(&one.app_id), report };
        match pair {
            Pair::New(_) => about.say(Wider, ChangeKind::Registry, format_args!("now reports too"))?,
            Pair::Gone(_) => about.say(Narrower, ChangeKind::Registry, format_args!("no longer reports"))?,
            Pair::Both(before, now) => registry(before, now, report)?,
        }
    }
    ControlFlow::Continue(())
}

/// What differences are about, and who is told.
struct About<'s, 'r> {
    subject: Subject<'s>,
    report: &'s mut Report<'r>,
}

impl About<'_, '_> {
    fn say(&mut self, direction: Direction, what: ChangeKind, predicate: fmt::Arguments<'_>) -> ControlFlow<()> {
        (self.report)(direction, what, self.subject, predicate)
    }

    fn time(&mut self, old: TimeResolution, new: TimeResolution) -> ControlFlow<()> {
        // The finer grain is the lesser one.
        let Some(direction) = more(new, old) else { return ControlFlow::Continue(()) };
        let (before, now) = (old.unit(), new.unit());
        self.say(direction, ChangeKind::Time, format_args!("now tells times to the {now}, before to the {before}"))
    }

    fn brief(&mut self, old: &str, new: &str) -> ControlFlow<()> {
        if old == new {
            return ControlFlow::Continue(());
        }
        self.say(Other, ChangeKind::Brief, format_args!("is now described as {new:?}"))
    }

    fn because(&mut self, old: Option<&str>, new: Option<&str>) -> ControlFlow<()> {
        match new {
            _ if old == new => ControlFlow::Continue(()),
            Some(reason) => self.say(Other, ChangeKind::Because, format_args!("now gives the reason {reason:?}")),
            None => self.say(Other, ChangeKind::Because, format_args!("no longer gives a reason")),
        }
    }
}

fn registry(old: &RegistryFacts<'_>, new: &RegistryFacts<'_>, report: &mut Report<'_>) -> ControlFlow<()> {
    service(old, new, &mut About { subject: Subject::Registry(&new.app_id), report })?;
    for pair in pairs(&old.resource, &new.resource, |key| key) {
        let mut about = About { subject: Subject::Resource(&new.app_id), report };
        match pair {
            Pair::New(key) => {
                about.say(Wider, ChangeKind::Carried, format_args!("now also carries {}", key.escape_debug()))?
            }
            Pair::Gone(key) => {
                about.say(Narrower, ChangeKind::Carried, format_args!("no longer carries {}", key.escape_debug()))?;
            }
            Pair::Both(..) => {}
        }
    }
    for pair in pairs(&old.attributes, &new.attributes, |attribute| &attribute.key) {
        let (Pair::Gone(one) | Pair::New(one) | Pair::Both(_, one)) = pair;
        let mut about = About { subject: Subject::Attribute(&one.key), report };
        match pair {
            Pair::New(now) => about.say(Wider, ChangeKind::Attribute, format_args!("is new: {}", treated(now)))?,
            Pair::Gone(_) => about.say(Narrower, ChangeKind::Attribute, format_args!("is no longer declared"))?,
            Pair::Both(before, now) if before != now => attribute(before, now, &mut about)?,
            Pair::Both(..) => {}
        }
    }
    for (is, old, new) in [(SignalKind::Span, &old.spans, &new.spans), (SignalKind::Event, &old.events, &new.events)] {
        for pair in pairs(old, new, |signal| &signal.name) {
            let (Pair::Gone(one) | Pair::New(one) | Pair::Both(_, one)) = pair;
            let mut about = About { subject: Subject::Signal(is, &one.name), report };
            match pair {
                Pair::New(now) if now.carries.is_empty() => {
                    about.say(Wider, ChangeKind::Signal, format_args!("is new"))?
                }
                Pair::New(now) => {
                    let keys = List(now.carries.iter().map(|(key, _)| key));
                    about.say(Wider, ChangeKind::Signal, format_args!("is new, and carries {keys}"))?;
                }
                Pair::Gone(_) => about.say(Narrower, ChangeKind::Signal, format_args!("is gone"))?,
                Pair::Both(before, now) if before != now => signal(before, now, &mut about)?,
                Pair::Both(..) => {}
            }
        }
    }
    ControlFlow::Continue(())
}

fn service(old: &RegistryFacts<'_>, new: &RegistryFacts<'_>, about: &mut About<'_, '_>) -> ControlFlow<()> {
    if old.controller != new.controller {
        let (before, now) = (&old.controller, &new.controller);
        about.say(
            Wider,
            ChangeKind::Controller,
            format_args!("is now answered for by {now:?}, before by {before:?}"),
        )?;
    }
    if old.endpoint != new.endpoint {
        let (before, now) = (&old.endpoint, &new.endpoint);
        let direction = if have_one_origin(before, now) { Other } else { Wider };
        about.say(direction, ChangeKind::Endpoint, format_args!("now sends to {now:?}, before to {before:?}"))?;
    }
    match (old.client_address, new.client_address) {
        (false, true) => about.say(
            Wider,
            ChangeKind::ClientAddress,
            format_args!("now lets who receives it keep three octets of the IPv4 address that it comes from"),
        )?,
        (true, false) => {
            about.say(
                Narrower,
                ChangeKind::ClientAddress,
                format_args!("no longer lets who receives it keep an address"),
            )?;
        }
        (true, true) | (false, false) => {}
    }
    if let Some(direction) = more(old.rotate, new.rotate) {
        let (before, now) = (period(old.rotate), period(new.rotate));
        about.say(
            direction,
            ChangeKind::Rotation,
            format_args!("now keeps its hashes and ids {now}, before {before}"),
        )?;
    }
    about.time(old.time, new.time)?;
    if old.name != new.name {
        about.say(Other, ChangeKind::ServiceName, format_args!("now calls itself {:?}", new.name))?;
    }
    if old.schema_url != new.schema_url {
        about.say(Other, ChangeKind::SchemaUrl, format_args!("now has the schema URL {:?}", new.schema_url))?;
    }
    match &new.link {
        _ if old.link == new.link => {}
        Some(link) => about.say(Other, ChangeKind::Link, format_args!("now refers to {link:?}"))?,
        None => about.say(Other, ChangeKind::Link, format_args!("no longer has a link"))?,
    }
    about.because(old.because.as_deref(), new.because.as_deref())
}

fn have_one_origin(old: &str, new: &str) -> bool {
    match (Endpoint::parse(old), Endpoint::parse(new)) {
        (Ok(before), Ok(now)) => before.origin() == now.origin(),
        _ => false,
    }
}

fn signal(old: &Signal<'_>, new: &Signal<'_>, about: &mut About<'_, '_>) -> ControlFlow<()> {
    for pair in pairs(&old.carries, &new.carries, |(key, _)| key) {
        let (Pair::Gone((key, _)) | Pair::New((key, _)) | Pair::Both(_, (key, _))) = pair;
        let key = key.escape_debug();
        match pair {
            Pair::New((_, RequirementLevel::OptIn)) => {
                about.say(Wider, ChangeKind::Carried, format_args!("now also carries {key} if the program opts in"))?;
            }
            Pair::New(_) => about.say(Wider, ChangeKind::Carried, format_args!("now also carries {key}"))?,
            Pair::Gone(_) => about.say(Narrower, ChangeKind::Carried, format_args!("no longer carries {key}"))?,
            Pair::Both((_, before), (_, now)) if before == now => {}
            Pair::Both((_, RequirementLevel::OptIn), _) => {
                about.say(
                    Wider,
                    ChangeKind::Level,
                    format_args!("now carries {key}, before only if the program opted in"),
                )?;
            }
            Pair::Both(_, (_, RequirementLevel::OptIn)) => {
                about.say(
                    Narrower,
                    ChangeKind::Level,
                    format_args!("now carries {key} only if the program opts in"),
                )?;
            }
            Pair::Both(_, (_, RequirementLevel::Required)) => {
                about.say(Other, ChangeKind::Level, format_args!("now requires {key}"))?;
            }
            Pair::Both(_, (_, RequirementLevel::Recommended)) => {
                about.say(Other, ChangeKind::Level, format_args!("no longer requires {key}"))?;
            }
        }
    }
    about.time(old.time, new.time)?;
    if let Some(direction) = more(old.at_most, new.at_most) {
        let (before, now) = (limit(old.at_most), limit(new.at_most));
        about.say(
            direction,
            ChangeKind::AtMost,
            format_args!("is now reported {now} by a process, before {before}"),
        )?;
    }
    if old.kind != new.kind {
        let (before, now) = (old.kind.word(), new.kind.word());
        about.say(Other, ChangeKind::Kind, format_args!("is now of the kind {now}, before {before}"))?;
    }
    about.brief(&old.brief, &new.brief)?;
    about.because(old.because.as_deref(), new.because.as_deref())
}

fn attribute(old: &Attribute<'_>, new: &Attribute<'_>, about: &mut About<'_, '_>) -> ControlFlow<()> {
    if old.way != new.way || is_free(old) != is_free(new) {
        let direction =
            if (old.way, new.way) == (TreatmentKind::Sha256, TreatmentKind::Hash) { Narrower } else { Wider };
        let (before, now) = (treated(old), treated(new));
        about.say(direction, ChangeKind::Treatment, format_args!("is now {now}, before {before}"))?;
    } else {
        values(old, new, about)?;
    }
    if old.field != new.field {
        let field = new.field.as_ref().unwrap_or(&new.key).escape_debug();
        about.say(Other, ChangeKind::Field, format_args!("is now recorded in the field {field}"))?;
    }
    about.brief(&old.brief, &new.brief)?;
    about.because(old.because.as_deref(), new.because.as_deref())
}

/// The values that one treatment lets through.
fn values(old: &Attribute<'_>, new: &Attribute<'_>, about: &mut About<'_, '_>) -> ControlFlow<()> {
    for pair in pairs(&old.members, &new.members, |member| member) {
        match pair {
            Pair::New(member) => about.say(Wider, ChangeKind::Member, format_args!("may now also be {member:?}"))?,
            Pair::Gone(member) => {
                about.say(Narrower, ChangeKind::Member, format_args!("may no longer be {member:?}"))?
            }
            Pair::Both(..) => {}
        }
    }
    for (what, before, now, place) in [
        (ChangeKind::Otherwise, &old.otherwise, &new.otherwise, "for every other value"),
        (ChangeKind::Absent, &old.absent, &new.absent, "where there is no value"),
    ] {
        match now {
            _ if before == now => {}
            Some(now) => about.say(Wider, what, format_args!("is now {now:?} {place}"))?,
            None => about.say(Narrower, what, format_args!("is now withheld {place}"))?,
        }
    }
    if (&old.below, &old.rest) != (&new.below, &new.rest) {
        about.say(buckets(old, new), ChangeKind::Buckets, format_args!("is now {}", Buckets(new)))?;
    }
    if let (Some(before), Some(now)) = (old.max, new.max)
        && let Some(direction) = more(before, now)
    {
        about.say(direction, ChangeKind::Max, format_args!("may now be up to {now}, before up to {before}"))?;
    }
    if let (Some(before), Some(now)) = (old.normalize, new.normalize)
        && before != now
    {
        let direction = match (before, now) {
            (_, Normalize::None) => Wider,
            (Normalize::None, _) => Narrower,
            _ => Other,
        };
        let (before, now) = (hashed(before), hashed(now));
        about.say(direction, ChangeKind::Normalize, format_args!("is now hashed {now}, before {before}"))?;
    }
    ControlFlow::Continue(())
}

/// Buckets are narrower if the old label of a number is enough to know the new one, and no wider if they are only
/// named otherwise. Where labels are unique, as `scruple check` wants them, that is: if every new bound is an old one.
fn buckets(old: &Attribute<'_>, new: &Attribute<'_>) -> Direction {
    let bounds = old.below.iter().chain(&new.below).map(|(bound, _)| Some(*bound));
    let labels = bounds.chain([None]).map(|bound| (label(old, bound), label(new, bound)));
    let mut labels: Vec<_> = labels.collect();
    labels.sort_unstable();
    labels.dedup();
    let told_apart = |one: &[(_, _)]| matches!(one, [(before, _), (other, _)] if before == other);
    if labels.windows(2).any(told_apart) {
        return Wider;
    }
    let count = labels.len();
    let mut now: Vec<_> = labels.into_iter().map(|(_, now)| now).collect();
    now.sort_unstable();
    now.dedup();
    if now.len() < count { Narrower } else { Other }
}

/// The label of the numbers just below a bound; without one, of those that no bound is above.
fn label<'a>(attribute: &'a Attribute<'_>, bound: Option<i64>) -> Option<&'a Cow<'a, str>> {
    let index = attribute.below.partition_point(|(below, _)| bound.is_none_or(|bound| *below < bound));
    attribute.below.get(index).map(|(_, label)| label).or(attribute.rest.as_ref())
}

/// The direction of a greater number, which says more.
fn more<T: Ord>(old: T, new: T) -> Option<Direction> {
    match new.cmp(&old) {
        Ordering::Greater => Some(Wider),
        Ordering::Less => Some(Narrower),
        Ordering::Equal => None,
    }
}

/// What stands side by side in two lists.
#[derive(Clone, Copy)]
enum Pair<'l, T> {
    Gone(&'l T),
    New(&'l T),
    Both(&'l T, &'l T),
}

/// Walks two lists that are sorted by a key.
fn pairs<'l, T>(old: &'l [T], new: &'l [T], key: impl Fn(&T) -> &str) -> impl Iterator<Item = Pair<'l, T>> {
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

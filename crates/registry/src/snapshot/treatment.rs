//! Compares what two registries make of one attribute.

use super::attribute::Attribute;
use super::change::{ChangeKind, Direction};
use super::report::{About, Pair, more, pairs};
use crate::{Normalize, Source, TreatmentKind};
use Direction::{Narrower, Other, Wider};
use std::borrow::Cow;
use std::fmt;
use std::ops::ControlFlow;

pub(super) fn compare(old: &Attribute<'_>, new: &Attribute<'_>, about: &mut About<'_, '_>) -> ControlFlow<()> {
    if old.way != new.way || old.is_free() != new.is_free() {
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

/// The buckets of an attribute, as in `"few" below 10, else "many"`.
struct Buckets<'a>(&'a Attribute<'a>);

impl fmt::Display for Buckets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(attribute) = self;
        attribute.below.iter().try_for_each(|(bound, label)| write!(f, "{label:?} below {bound}, "))?;
        let word = if attribute.below.is_empty() { "always" } else { "else" };
        attribute.rest.iter().try_for_each(|rest| write!(f, "{word} {rest:?}"))
    }
}

/// What an attribute's treatment makes of a value.
pub(super) fn treated(attribute: &Attribute<'_>) -> &'static str {
    let is_free = attribute.is_free();
    match attribute.way {
        TreatmentKind::Boolean => "true or false",
        TreatmentKind::Enum => "one of its values",
        TreatmentKind::Bucket => "the bucket of a number",
        TreatmentKind::UriScheme => "the scheme of a URI",
        TreatmentKind::Agent => "the coding agent that runs the program",
        TreatmentKind::Names => "the known names in a list",
        TreatmentKind::Count => "a number",
        TreatmentKind::Hash => "a keyed hash",
        TreatmentKind::Sha256 => "a plain SHA-256",
        TreatmentKind::Version => "a version",
        TreatmentKind::Location => "a place in the program's sources",
        TreatmentKind::Given(Source::App) if is_free => "what the program is",
        TreatmentKind::Given(Source::App) => "what the program is, as one of its values",
        TreatmentKind::Given(Source::Session) if is_free => "the id of a process",
        TreatmentKind::Given(Source::Session) => "the id of a process, as one of its values",
        TreatmentKind::Given(Source::Installation) if is_free => "the id of an installation",
        TreatmentKind::Given(Source::Installation) => "the id of an installation, as one of its values",
        TreatmentKind::Given(Source::System) if is_free => "what the system is",
        TreatmentKind::Given(Source::System) => "what the system is, as one of its values",
        TreatmentKind::Given(Source::Runtime) if is_free => "what the program was built with",
        TreatmentKind::Given(Source::Runtime) => "what the program was built with, as one of its values",
    }
}

fn hashed(normalize: Normalize) -> &'static str {
    match normalize {
        Normalize::None => "as it is",
        Normalize::Lower => "in lower case",
        Normalize::Upper => "in upper case",
    }
}

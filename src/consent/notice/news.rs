//! The widenings since the last agreement, in the words of the registries' briefs.

use super::content::{meaning, of_resource};
use crate::registry::snapshot::{Change, ChangeKind, Direction, Snapshot, changes};
use crate::registry::{Registry, Signal, SignalKind};

/// A sentence for each widening from `before` to `now`, which is what these registries declare or a part of it; the first
/// registry is the program's own.
pub fn news(
    before: &Snapshot<'_>,
    now: &Snapshot<'_>,
    registries: &[&Registry<'_>],
    opted_in: &[String],
) -> Vec<String> {
    let all = changes(before, now);
    let wider = all.iter().filter(|change| change.direction == Direction::Wider);
    wider.filter_map(|change| sentence(change, registries, opted_in)).collect()
}

/// `None` for a new declaration, since a signal that carries the attribute is a change of its own, and for the resource
/// of a library, which is not sent.
fn sentence(change: &Change, registries: &[&Registry<'_>], opted_in: &[String]) -> Option<String> {
    let program = registries.first().map(|registry| registry.service.app_id);
    let is_unsent = change.subject.strip_prefix("every record of ").is_some_and(|app_id| Some(app_id) != program);
    let text = match change.what {
        _ if is_unsent => return None,
        ChangeKind::Attribute => return None,
        ChangeKind::Signal => signal(change, registries).map(|(_, signal)| format!("{} (new)", plain(signal.brief))),
        ChangeKind::Carried | ChangeKind::Level => carried(change, registries, opted_in),
        _ => described(change, registries),
    };
    Some(format!("{}.", text.unwrap_or_else(|| change.to_string())))
}

/// The signal that a change is about.
fn signal<'r, 'a>(change: &Change, registries: &[&'r Registry<'a>]) -> Option<(&'r Registry<'a>, &'a Signal<'a>)> {
    let (kind, name) = match change.subject.strip_prefix("the span ") {
        Some(name) => (SignalKind::Span, name),
        None => (SignalKind::Event, change.subject.strip_prefix("the event ")?),
    };
    registries.iter().find_map(|registry| {
        registry.signals(kind).iter().find(|signal| signal.name == name).map(|signal| (*registry, signal))
    })
}

/// An attribute that a signal, or the resource, carries now.
fn carried(change: &Change, registries: &[&Registry<'_>], opted_in: &[String]) -> Option<String> {
    let (_, key) = change.predicate.split_once("carries ")?;
    let key = key.split([' ', ',']).next()?;
    let has_key = |registry: &Registry<'_>, index| registry.attribute(index).is_some_and(|found| found.key == key);
    if let Some((registry, signal)) = signal(change, registries) {
        let used = signal.attributes.iter().find(|used| has_key(registry, used.attribute))?;
        return Some(format!("{}: {}", plain(signal.brief), meaning(registry, used, opted_in)?));
    }
    let registry = registries.first()?;
    let index = registry.resource.iter().copied().find(|index| has_key(registry, *index))?;
    Some(format!("With each record: {}", of_resource(registry, index, opted_in)?))
}

/// Any other change, with a brief or a program's name in place of the subject. A key that two registries describe
/// differently has no one brief.
fn described(change: &Change, registries: &[&Registry<'_>]) -> Option<String> {
    let predicate = &change.predicate;
    if let Some((_, signal)) = signal(change, registries) {
        return Some(format!("{}: {predicate}", plain(signal.brief)));
    }
    if let Some(registry) = registries.iter().find(|registry| registry.service.app_id == change.subject) {
        return Some(format!("{} {predicate}", registry.service.name));
    }
    let all = registries.iter().flat_map(|registry| registry.attributes);
    let mut briefs = all.filter(|attribute| attribute.key == change.subject).map(|attribute| attribute.brief);
    let brief = briefs.next()?;
    briefs.all(|other| other == brief).then(|| format!("{}: {predicate}", plain(brief)))
}

fn plain(brief: &str) -> &str {
    brief.trim_end_matches('.')
}

//! The declared content in the words of the registries' briefs.

use crate::registry::{AttributeRef, Expiry, Purpose, Registry, RequirementLevel, Signal, TimeResolution, Treatment};
use std::collections::BTreeSet;

/// The content of a program's records.
pub(super) struct Content {
    /// A sentence for each signal, with its own attributes.
    pub(super) signals: BTreeSet<String>,
    /// The content of every record, and of every record of a library: a sentence each.
    pub(super) each: Vec<String>,
}

/// A signal of one of the registries.
struct SignalContent<'a> {
    brief: &'a str,
    time: TimeResolution,
    attributes: Vec<String>,
    /// Its purpose and its end, a sentence each, as far as they are not those of all.
    terms: String,
}

impl Content {
    /// The content of all registries together: only an attribute of every signal of every registry is in every record.
    pub(super) fn of(registries: &[&Registry<'_>], opted_in: &[String]) -> Self {
        let one_purpose = purposes(registries).len() < 2;
        let groups: Vec<Vec<_>> =
            registries.iter().map(|registry| entries(registry, opted_in, one_purpose).collect()).collect();
        let all = || groups.iter().flatten();
        let time = usual(all().map(|entry| entry.time));
        let shared = shared(all());
        let mut each: Vec<_> = time.iter().map(|time| format!("Its {}", resolution(*time))).collect();
        if all().any(|entry| Some(entry.time) != time) {
            each.iter_mut().for_each(|time| time.push_str(", unless given above"));
        }
        each.extend(resource(registries, opted_in));
        each.extend(shared.iter().cloned());
        let mut content = Self { signals: BTreeSet::new(), each: vec![each.join("; ")] };
        for (registry, group) in registries.iter().zip(&groups) {
            let mut of_group = self::shared(group.iter());
            of_group.retain(|text| !shared.contains(text));
            if !of_group.is_empty() {
                content.each.push(format!("Of {}: {}", registry.service.name, of_group.join("; ")));
            }
            content.signals.extend(group.iter().map(|entry| {
                let is_own = |text: &&String| !shared.contains(text) && !of_group.contains(text);
                let own_time = Some(entry.time).filter(|own| Some(*own) != time);
                let own_time = own_time.map(|time| format!("its {}", resolution(time)));
                let parts: Vec<_> =
                    own_time.into_iter().chain(entry.attributes.iter().filter(is_own).cloned()).collect();
                let brief = entry.brief.trim_end_matches('.');
                let terms = &entry.terms;
                if parts.is_empty() {
                    format!("{brief}.{terms}")
                } else {
                    format!("{brief}: {}.{terms}", parts.join("; "))
                }
            }));
        }
        content.each.retain(|text| !text.is_empty());
        content.each.iter_mut().for_each(|text| text.push('.'));
        content
    }
}

/// The purposes of all registries, sorted by name, each once.
pub(in crate::consent) fn purposes<'a>(registries: &[&Registry<'a>]) -> Vec<Purpose<'a>> {
    let mut all: Vec<_> = registries.iter().flat_map(|registry| registry.purposes()).collect();
    all.sort_by_key(|purpose| purpose.name);
    all.dedup_by_key(|purpose| purpose.name);
    all
}

/// An end in words, as in `until 2027-06-30`.
pub(crate) fn until(end: Expiry) -> Option<String> {
    let date = end.date.map(|date| format!("until {date}"));
    let version = end.version.map(|version| format!("before version {version}"));
    let both: Vec<_> = date.into_iter().chain(version).collect();
    (!both.is_empty()).then(|| both.join(" and "))
}

fn entries<'r, 'a: 'r>(
    registry: &'r Registry<'a>,
    opted_in: &[String],
    one_purpose: bool,
) -> impl Iterator<Item = SignalContent<'r>> {
    registry.spans.iter().chain(registry.events).map(move |signal: &Signal<'a>| SignalContent {
        terms: {
            let purpose = (!one_purpose).then(|| format!(" For {}.", registry.purpose(signal)));
            let end = until(signal.expires).map(|end| format!(" Only {end}."));
            purpose.into_iter().chain(end).collect()
        },
        brief: signal.brief,
        time: signal.time,
        attributes: duration(signal)
            .into_iter()
            .chain(signal.attributes.iter().filter_map(|used| meaning(registry, used, opted_in)))
            .collect(),
    })
}

/// The duration of a span, if it is told at a resolution of its own.
fn duration(signal: &Signal<'_>) -> Option<String> {
    let own = (signal.duration != signal.time).then_some(signal.duration)?;
    Some(format!("How long it took, to the {}", own.unit()))
}

/// The resolution of the most signals; of several such, the finest.
fn usual(times: impl Iterator<Item = TimeResolution> + Clone) -> Option<TimeResolution> {
    let number = |time: &TimeResolution| times.clone().filter(|other| other == time).count();
    times.clone().max_by_key(|time| (number(time), std::cmp::Reverse(*time)))
}

/// The attributes of every signal, if there are several signals.
fn shared<'e>(entries: impl Iterator<Item = &'e SignalContent<'e>> + Clone) -> Vec<String> {
    let Some(first) = entries.clone().next().filter(|_| entries.clone().nth(1).is_some()) else { return Vec::new() };
    let is_shared = |text: &&String| entries.clone().all(|entry| entry.attributes.contains(text));
    first.attributes.iter().filter(is_shared).cloned().collect()
}

/// The resource: the program's alone, which is the first registry's.
fn resource(registries: &[&Registry<'_>], opted_in: &[String]) -> Vec<String> {
    let of = |registry: &&Registry<'_>| -> Vec<_> {
        registry.resource.iter().filter_map(|index| of_resource(registry, *index, opted_in)).collect()
    };
    registries.first().map(of).unwrap_or_default()
}

/// The meaning of an attribute of the resource.
pub(super) fn of_resource(registry: &Registry<'_>, attribute: u16, opted_in: &[String]) -> Option<String> {
    meaning(registry, &AttributeRef { attribute, level: RequirementLevel::Recommended }, opted_in)
}

/// The meaning of an attribute.
pub(super) fn meaning(registry: &Registry<'_>, used: &AttributeRef, opted_in: &[String]) -> Option<String> {
    let attribute = registry.attribute(used.attribute)?;
    let how = match attribute.treatment {
        Treatment::Hash if attribute.brief.contains("keyed hash") => "",
        Treatment::Hash => " (as a keyed hash)",
        Treatment::Sha256 { .. } => " (as a hash that can be guessed)",
        _ => "",
    };
    let is_sent = used.level != RequirementLevel::OptIn || opted_in.iter().any(|key| key == attribute.key);
    let opt_in = if is_sent { "" } else { " (only if asked for)" };
    let purpose = attribute.purpose.map(|purpose| format!(" (also for {purpose})")).unwrap_or_default();
    let end = until(attribute.expires).map(|end| format!(" ({end})")).unwrap_or_default();
    Some(format!("{}{how}{opt_in}{purpose}{end}", attribute.brief.trim_end_matches('.')))
}

fn resolution(time: TimeResolution) -> String {
    match time {
        TimeResolution::Day => "day".to_owned(),
        time => format!("time to the {}", time.unit()),
    }
}

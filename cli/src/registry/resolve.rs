//! Follows references, finds what is said twice, and holds the rules that look at the whole folder.

use std::collections::BTreeMap;

use scruple::registry::{
    self as tables, AttributeRef, MAX_ATTRIBUTES, RequirementLevel, SpanKind, TimeResolution, Treatment,
};

use super::chart_keys;
use super::declarations::{AttributeGroup, Declarations, Entity, ParsedAttribute, ParsedSignal};
use super::declared::{Attribute, Service, Signal, kept};
use super::finding::{Finding, Place, Position, Rule};
use super::given::{SOURCES, given, sources};
use super::governance;
use super::names;
use super::refs::{Ref, Target};
use super::service::rotates;
use super::treat::Treated;
use super::undocumented;

/// How many of one signal a process may report, where the registry says nothing: any number, for a server's sake.
const AT_MOST: u32 = u32::MAX;

/// How deep groups may refer to groups.
const MAX_GROUPS: usize = 16;

/// Everything a registry declares, sorted.
pub struct Resolved {
    /// The service annotation.
    pub service: Service,
    /// Attributes, by key.
    pub attributes: Vec<Attribute>,
    /// The resource: indices into `attributes`, ascending.
    pub resource: Vec<u16>,
    /// Spans, by name.
    pub spans: Vec<Signal>,
    /// Events, by name.
    pub events: Vec<Signal>,
}

/// Resolves a folder's declarations; `None` if there is no service or too much of something.
pub fn resolve(root: &Place, found: Declarations, findings: &mut Vec<Finding>) -> Option<Resolved> {
    let Declarations { mut attributes, mut groups, mut entities, lost_entity, lost_file, mut spans, mut events } =
        found;
    attributes.sort_by(|a, b| a.key.cmp(&b.key));
    attributes = unique(attributes, |attribute| &attribute.key, "the attribute", findings);
    groups.sort_by(|a, b| a.id.cmp(&b.id));
    groups = unique(groups, |group| &group.id, "the group", findings);
    entities.sort_by(|a, b| a.name.cmp(&b.name));
    entities = unique(entities, |entity| &entity.name, "the entity", findings);
    spans.sort_by(|a, b| a.name.cmp(&b.name));
    spans = unique(spans, |span| &span.name, "the span", findings);
    events.sort_by(|a, b| a.name.cmp(&b.name));
    events = unique(events, |event| &event.name, "the event", findings);
    for count in [attributes.len(), spans.len(), events.len()] {
        if u16::try_from(count).is_err() {
            let help = "a registry is read by people: split it by program";
            findings.push(root.error(Rule::Limit, format!("{count} declarations of one kind"), help));
            return None;
        }
    }
    fields(&attributes, findings);
    sources(&attributes, findings);
    let lost_entity = lost_entity || lost_file;
    let service = if lost_entity { None } else { service(root, &entities, findings) };
    if let Some(service) = service.as_ref().filter(|service| !service.rotates) {
        let is_kept = |treated: &Treated| rotates(&treated.treatment);
        let kept = attributes.iter().find(|attribute| attribute.treated.as_ref().is_some_and(is_kept));
        findings.extend(kept.map(|attribute| {
            let key = &attribute.key.0;
            let message =
                format!("the service's `privacy` has no `rotate`, and the value of `{key}` is kept for a period");
            service.place.error(Rule::MissingKey, message, "add `rotate: monthly`, or `daily` or `yearly`")
        }));
    }
    if let Some(service) = &service {
        let signals = spans.iter().chain(&events).map(|signal| &signal.limits.governance);
        let all = attributes.iter().filter_map(ParsedAttribute::governance).chain(signals).chain([&service.governance]);
        governance::describe(all, service.table.purposes, findings);
        let name =
            attributes.iter().find(|attribute| attribute.key.0 == "service.name").and_then(ParsedAttribute::governance);
        name.iter().for_each(|name| governance::refuse_own(name, findings));
        let treated = attributes.iter().filter_map(|attribute| {
            Some((attribute.key.0.as_str(), &attribute.place, &attribute.treated.as_ref()?.treatment))
        });
        findings.extend(undocumented::refused(&service.table.settings, treated));
    }
    let mut links = Links { attributes: &attributes, groups: &groups, known: BTreeMap::new(), depth: 0, findings };
    links.groups();
    let resource = links.resource(root, &entities, lost_entity);
    let of_service = service.as_ref().map(|service| (service.table, service.duration));
    let mut signals = |signals: Vec<ParsedSignal>| -> Vec<Signal> {
        signals.into_iter().map(|signal| links.signal(signal, of_service, &entities)).collect()
    };
    let (spans, events) = (signals(spans), signals(events));
    chart_keys::check(&attributes, (!lost_entity).then_some(&*resource), [&spans, &events], findings);
    let attributes = attributes.into_iter().map(declare).collect::<Option<Vec<_>>>()?;
    Some(Resolved { service: service?, attributes, resource, spans, events })
}

/// A broken attribute was reported; the registry is not used then.
fn declare(attribute: ParsedAttribute) -> Option<Attribute> {
    let ParsedAttribute { place, key: (key, _), brief, prose, treated } = attribute;
    let Treated { treatment, members, because, field, governance, accepted } = treated?;
    let (expires, purpose) = (governance.expiry(), governance.purpose());
    let mut table =
        tables::Attribute { because, expires, purpose, ..tables::Attribute::new(kept(key), brief?, treatment) };
    if let Some((field, _)) = field {
        table.field = field;
    }
    Some(Attribute { table, members, prose, governance, place, accepted })
}

/// Reports and drops repetitions in a sorted list.
fn unique<T>(sorted: Vec<T>, name: impl Fn(&T) -> &(String, Place), what: &str, findings: &mut Vec<Finding>) -> Vec<T> {
    let mut kept: Vec<T> = Vec::with_capacity(sorted.len());
    for item in sorted {
        let (text, place) = name(&item);
        match kept.last().map(&name).filter(|(other, _)| other == text) {
            Some((_, first)) => {
                let message = format!("{what} `{text}` is declared twice; first at {}", first.short());
                findings.push(place.error(Rule::Duplicate, message, "delete or rename one of the two"));
            }
            None => kept.push(item),
        }
    }
    kept
}

/// Fields are unique, are not another attribute's key, and can be written in `tracing`'s macros.
fn fields(attributes: &[ParsedAttribute], findings: &mut Vec<Finding>) {
    let mut taken: BTreeMap<&str, &Place> = attributes.iter().map(|a| (a.key.0.as_str(), &a.key.1)).collect();
    for attribute in attributes {
        let (key, key_place) = &attribute.key;
        match attribute.treated.as_ref().and_then(|treated| treated.field.as_ref()) {
            Some((field, at)) => {
                let place = Place { file: attribute.place.file.clone(), at: *at };
                if let Some(other) = taken.get(field).filter(|_| field != key) {
                    let message = format!("the field `{field}` is taken at {}", other.short());
                    findings.push(place.error(Rule::Duplicate, message, "give it another name"));
                } else {
                    taken.insert(field, key_place);
                }
            }
            None if !names::is_field(key) || key == "message" => {
                let message = format!("`{key}` can't be written as a field of `tracing`");
                let help = "begin each part between dots with a letter, or add `privacy: {field: name}`";
                findings.push(key_place.error(Rule::Name, message, help));
            }
            None => {}
        }
    }
}

/// The one entity with the service annotation.
fn service(root: &Place, entities: &[Entity], findings: &mut Vec<Finding>) -> Option<Service> {
    let mut annotated: Vec<(&Place, &Entity)> =
        entities.iter().filter_map(|entity| entity.annotated.as_ref().map(|place| (place, entity))).collect();
    annotated.sort_by_key(|(place, _)| *place);
    let Some(((first, entity), rest)) = annotated.split_first() else {
        let annotation = "`annotations: {privacy: {app_id: …, name: …, controller: …, endpoint: …}}`";
        let help = match entities.iter().any(|entity| entity.name.0 == "service") {
            true => format!("add {annotation} to the entity `service`"),
            false => format!("declare an entity `service` with {annotation}"),
        };
        findings.push(root.error(Rule::Resource, "no entity says who reports, and to whom", help));
        return None;
    };
    for (place, _) in rest {
        let message = format!("a second entity says who reports; the first at {}", first.short());
        findings.push(place.error(Rule::Duplicate, message, "keep one of the two"));
    }
    entity.service.clone()
}

struct Links<'a> {
    attributes: &'a [ParsedAttribute],
    groups: &'a [AttributeGroup],
    /// What each group comes to; `None` while it is being followed.
    known: BTreeMap<&'a str, Option<Vec<Link>>>,
    depth: usize,
    findings: &'a mut Vec<Finding>,
}

#[derive(Clone)]
struct Link {
    place: Place,
    attribute: u16,
    level: Option<RequirementLevel>,
    brief: Option<&'static str>,
}

impl<'a> Links<'a> {
    /// Follows every group once, used or not.
    fn groups(&mut self) {
        for group in self.groups {
            self.group(group);
        }
    }

    fn group(&mut self, group: &'a AttributeGroup) -> Vec<Link> {
        match self.known.get(group.id.0.as_str()) {
            Some(Some(links)) => return links.clone(),
            Some(None) => {
                let message = format!("the group `{}` contains itself", group.id.0);
                self.findings.push(group.id.1.error(Rule::Reference, message, "delete one `ref_group` of the circle"));
                return Vec::new();
            }
            None => {}
        }
        if self.depth == MAX_GROUPS {
            let message = format!("groups refer to groups more than {MAX_GROUPS} deep");
            self.findings.push(group.id.1.error(Rule::Limit, message, "refer to the attributes themselves"));
            return Vec::new();
        }
        self.known.insert(&group.id.0, None);
        self.depth += 1;
        let links = self.follow(&group.refs);
        self.depth -= 1;
        self.known.insert(&group.id.0, Some(links.clone()));
        links
    }

    /// What references come to, sorted by attribute: a direct one refines what a group brings.
    fn follow(&mut self, refs: &[Ref]) -> Vec<Link> {
        let mut inherited: BTreeMap<u16, Link> = BTreeMap::new();
        let mut direct: BTreeMap<u16, Link> = BTreeMap::new();
        for reference in refs {
            match &reference.to {
                Target::Group(id) => {
                    let groups = self.groups;
                    let Ok(index) = groups.binary_search_by(|group| group.id.0.as_str().cmp(id)) else {
                        self.missing(&reference.place, "group", id, groups.iter().map(|group| group.id.0.as_str()));
                        continue;
                    };
                    let Some(group) = groups.get(index) else { continue };
                    for link in self.group(group) {
                        if inherited.insert(link.attribute, link.clone()).is_some() {
                            let message = format!("`{}` comes from two groups", self.key(link.attribute));
                            let help = "take it out of one of them";
                            self.findings.push(reference.place.error(Rule::Duplicate, message, help));
                        }
                    }
                }
                Target::Attribute(key) => {
                    let attributes = self.attributes;
                    let found = attributes.binary_search_by(|attribute| attribute.key.0.as_str().cmp(key));
                    let Some(attribute) = found.ok().and_then(|index| u16::try_from(index).ok()) else {
                        self.missing(&reference.place, "attribute", key, attributes.iter().map(|a| a.key.0.as_str()));
                        continue;
                    };
                    let Ref { place, level, brief, .. } = reference.clone();
                    if direct.insert(attribute, Link { place, attribute, level, brief }).is_some() {
                        let message = format!("`{key}` is referred to twice");
                        self.findings.push(reference.place.error(Rule::Duplicate, message, "keep one of the two"));
                    }
                }
            }
        }
        for (attribute, link) in direct {
            let old = inherited.remove(&attribute);
            let (level, brief) = old.map_or((None, None), |old| (old.level, old.brief));
            let merged = Link { level: link.level.or(level), brief: link.brief.or(brief), ..link };
            inherited.insert(attribute, merged);
        }
        inherited.into_values().collect()
    }

    fn missing(&mut self, place: &Place, what: &str, name: &str, known: impl Iterator<Item = &'a str>) {
        let help = match names::nearest(name, known) {
            Some(near) => format!("did you mean `{near}`? Otherwise declare `{name}`, or delete the reference"),
            None => format!("declare `{name}`, or delete the reference"),
        };
        self.findings.push(place.error(Rule::Reference, format!("there is no {what} `{name}`"), help));
    }

    fn key(&self, attribute: u16) -> &'a str {
        self.attributes.get(usize::from(attribute)).map_or("", |attribute| attribute.key.0.as_str())
    }

    fn treatment(&self, attribute: u16) -> Option<&'a Treatment<'static>> {
        self.attributes.get(usize::from(attribute)).and_then(|a| a.treated.as_ref()).map(|treated| &treated.treatment)
    }

    fn resource(&mut self, root: &Place, entities: &[Entity], lost: bool) -> Vec<u16> {
        let mut resource: BTreeMap<u16, Place> = BTreeMap::new();
        for entity in entities {
            for link in self.follow(&entity.refs) {
                if let Some(first) = resource.get(&link.attribute) {
                    let message = format!("`{}` is already said at {}", self.key(link.attribute), first.short());
                    self.findings.push(link.place.error(Rule::Duplicate, message, "keep one of the two"));
                    continue;
                }
                self.resource_attribute(&link);
                resource.insert(link.attribute, link.place);
            }
        }
        if !lost && !resource.keys().any(|attribute| self.key(*attribute) == "service.name") {
            let help = "declare it with `type: string` and `annotations: {privacy: {from: app}}` under `attributes`, and \
                        refer to it in the `identity` of the entity `service`";
            self.findings.push(root.error(Rule::Resource, "the resource has no `service.name`", help));
        }
        resource.into_keys().collect()
    }

    fn resource_attribute(&mut self, link: &Link) {
        let key = self.key(link.attribute);
        let source = SOURCES.into_iter().find(|(_, source)| given(*source).contains(&key));
        let help = match (self.treatment(link.attribute), source) {
            // What could not be read was reported where it is declared.
            (Some(Treatment::Given { .. }), _) | (None, Some(_)) => return,
            (Some(_), Some((word, _))) => format!("write `privacy: {{from: {word}}}` where it is declared"),
            // The pipeline has nothing to say about it, however it is treated.
            (_, None) => "refer to it from a span or event".to_owned(),
        };
        let message = format!("`{key}` is recorded, and can't be part of an entity");
        self.findings.push(link.place.error(Rule::Resource, message, help));
    }

    fn signal(
        &mut self,
        signal: ParsedSignal,
        service: Option<(tables::Service<'_>, Option<TimeResolution>)>,
        entities: &[Entity],
    ) -> Signal {
        let links = self.follow(&signal.refs);
        let place = &signal.name.1;
        if links.len() > MAX_ATTRIBUTES {
            let message = format!("{} attributes: at most {MAX_ATTRIBUTES} can be sent", links.len());
            self.findings.push(place.error(Rule::Limit, message, "keep those that a decision depends on"));
        }
        for link in &links {
            if let Some(Treatment::Given { .. }) = self.treatment(link.attribute) {
                let message = format!("`{}` is set by the pipeline, once a process", self.key(link.attribute));
                let help = "delete it here, and refer to it from the entity `service`";
                self.findings.push(link.place.error(Rule::Resource, message, help));
            }
        }
        for (name, place) in &signal.entities {
            if !entities.iter().any(|entity| entity.name.0 == *name) {
                self.missing(place, "entity", name, std::iter::empty());
            }
        }
        let limits = signal.limits;
        if let (Some((service, _)), None) = (service, limits.because) {
            let finer = |own: Option<(TimeResolution, Position)>, usual| own.filter(|(own, _)| *own < usual);
            for (found, what) in [
                (finer(limits.time, service.time), "a finer time than the service's"),
                (finer(limits.duration, service.duration), "a finer duration than the service's"),
            ] {
                if let Some((_, at)) = found {
                    let place = Place { file: place.file.clone(), at };
                    let help = "write the service's resolution, or add `because: \"…\"` with the reason";
                    self.findings.push(place.error(Rule::Because, what, help));
                }
            }
        }
        let time = limits.time.map(|(time, _)| time).or(service.map(|(service, _)| service.time));
        let time = time.unwrap_or(TimeResolution::Second);
        let duration = limits.duration.map(|(own, _)| own).or(service.and_then(|(_, usual)| usual)).unwrap_or(time);
        let level = |link: &Link| link.level.unwrap_or(RequirementLevel::Recommended);
        let uses: Vec<_> = links.iter().map(|link| AttributeRef::new(link.attribute, level(link))).collect();
        let (name, place) = signal.name;
        let table = tables::Signal {
            kind: signal.kind.unwrap_or(SpanKind::Internal),
            attributes: uses.leak(),
            time,
            duration,
            at_most: limits.at_most.unwrap_or(AT_MOST),
            because: limits.because,
            expires: limits.governance.expiry(),
            purpose: limits.governance.purpose(),
            ..tables::Signal::span(kept(name), signal.brief.unwrap_or_default())
        };
        let briefs = links.iter().map(|link| link.brief).collect();
        Signal {
            table,
            briefs,
            note: signal.note,
            governance: limits.governance,
            charts: signal.charts,
            place,
            accepted: limits.accepted,
        }
    }
}

//! The two cleaning processors: `filter/usage` drops whole records, `transform/usage` rebuilds the others.

use scruple::registry::{Registry, Signal, TimeResolution};

use super::count::{RESOURCE, lacks_attributes, mark, mark_resource, remember};
use super::facts::{NUMBER, TAGS, facts_until, lacks_names};
use super::groups::{Phases, StatementGroup, StatementGroups};
use super::ottl::{SCHEMA_URL, Statement, floor, hash, is_text, literal, rounded, until};
use super::versions::{ProgramVersions, Version};
use super::yaml::Yaml;

/// The OTTL paths of a kind of record, and its declared signals.
struct Context {
    path: &'static str,
    name: &'static str,
    /// The start of a span, or the time of an event.
    time: &'static str,
    signals: for<'r> fn(&Registry<'r>) -> &'r [Signal<'r>],
    /// A field that every record has in the same value at the end: its path, the value of a record that is not rebuilt
    /// yet, and of one that is.
    mark: (&'static str, u8, u8),
}

const SPAN: Context = Context {
    path: "span",
    name: "span.name",
    time: "start_time_unix_nano",
    signals: |registry| registry.spans,
    mark: ("span.flags", 0, 1),
};

const SPAN_EVENT: Context = Context {
    path: "spanevent",
    name: "spanevent.name",
    time: "time_unix_nano",
    signals: |registry| registry.events,
    mark: ("spanevent.dropped_attributes_count", 1, 0),
};

const LOG: Context = Context {
    path: "log",
    name: "log.event_name",
    time: "time_unix_nano",
    signals: |registry| registry.events,
    mark: ("log.severity_number", 0, 9),
};

impl Context {
    /// The condition that drops a record which no group has rebuilt.
    fn is_undeclared(&self) -> String {
        let (path, _, rebuilt) = self.mark;
        format!("{path} != {rebuilt}")
    }

    /// One group of statements for all signals that are rebuilt alike: a record costs one condition for each other group,
    /// and its own statements. The first group holds `common`, the statements for each record, and makes the mark of a
    /// rebuilt record one that no sender can have set.
    fn groups(&self, yaml: &mut Yaml, versions: &ProgramVersions<'_>, mut common: Vec<Statement>) {
        let (path, not_yet, _) = self.mark;
        common.push(Statement::set(path, not_yet));
        yaml.group(self.path, None, "statements:", &common);
        let mut groups = StatementGroups::default();
        for (index, version) in versions.all().enumerate() {
            for signal in (self.signals)(version.registry) {
                groups.add(index, signal.name, self.phases(version, signal));
            }
        }
        for (condition, statements) in groups.merged(self.name, versions) {
            yaml.group(self.path, Some(&condition), "statements:", &statements);
        }
    }

    /// The rebuilding of a signal's records: the attributes that were received are replaced.
    fn phases(&self, version: &Version<'_>, signal: &Signal<'_>) -> Phases {
        let Self { path, .. } = *self;
        let Version { registry, address } = version;
        let (mut kind, mut times) = (Vec::new(), Vec::new());
        if path == SPAN.path {
            kind.push(vec![Statement::set("span.kind", signal.kind as u8)]);
            times.extend(end(signal));
        }
        times.extend(floor(&format!("{path}.{}", self.time), signal.time.nanoseconds()));
        let last_day = registry.expiry(Some(signal), None).date;
        let attributes = signal.attributes.iter().filter_map(|used| registry.attribute(used.attribute));
        let attributes = attributes.map(|attribute| {
            let own = registry.expiry(Some(signal), Some(attribute)).date;
            (attribute, own.filter(|own| Some(*own) != last_day))
        });
        let each = attributes.clone().map(|(attribute, end)| facts_until(registry, path, attribute, end)).collect();
        let mut cut = vec![lacks_attributes(path)];
        cut.extend(attributes.filter_map(|(attribute, end)| lacks_names(path, attribute, end)));
        let mut last = Vec::new();
        if path == SPAN_EVENT.path {
            last.push(mark("span.attributes", &cut));
        } else {
            cut.push(format!("{RESOURCE} != 0"));
            last.push(mark(&format!("{path}.cache"), &cut));
            last.extend(address.iter().flat_map(|address| address.statements(path)));
        }
        let (mark, _, rebuilt) = self.mark;
        let mut is_rebuilt = Statement::set(mark, rebuilt);
        if let Some(day) = last_day {
            is_rebuilt = is_rebuilt.only(until(day));
        }
        let mut rebuild = vec![Statement::set(&format!("{path}.attributes"), format!("{path}.cache")), is_rebuilt];
        if path == LOG.path {
            rebuild.push(Statement::set("log.observed_time_unix_nano", "log.time_unix_nano"));
        }
        vec![kind, vec![times], each, vec![last], vec![rebuild]]
    }
}

/// The end of a span: its start and its duration, each rounded down. Before the start is rounded.
fn end(signal: &Signal<'_>) -> Option<Statement> {
    let (start, end) = ("span.start_time_unix_nano", "span.end_time_unix_nano");
    let [time, duration] = [signal.time, signal.duration].map(TimeResolution::nanoseconds);
    let lasted = rounded(&format!("({end} - {start})"), duration);
    (time > 1 || duration > 1).then(|| Statement::set(end, format!("{} + {lasted}", rounded(start, time))))
}

/// Whole records that no program of this kind would send now.
pub fn filter(yaml: &mut Yaml, versions: &ProgramVersions<'_>) {
    yaml.comment("Whole records that no program of this kind would send now. A condition that is true drops.");
    yaml.block("filter/usage:", |yaml| {
        yaml.line("error_mode: propagate");
        yaml.block("trace_conditions:", |yaml| {
            yaml.comment("Records of another program, by its service name, even if their signals are declared here.");
            yaml.group("resource", None, "conditions:", &another_program(versions));
            yaml.comment("No ids; older than 30 days or from the future; ended before it began.");
            let conditions = [
                format!("span.trace_id.string == {}", no_id(32)),
                format!("span.span_id.string == {}", no_id(16)),
                is_ancient("span.start_time_unix_nano"),
                "span.end_time_unix_nano < span.start_time_unix_nano".to_owned(),
                is_future("span.end_time_unix_nano"),
            ];
            yaml.group("span", None, "conditions:", &conditions);
            let conditions = [is_ancient("spanevent.time_unix_nano"), is_future("spanevent.time_unix_nano")];
            yaml.group("spanevent", None, "conditions:", &conditions);
        });
        yaml.block("log_conditions:", |yaml| {
            yaml.group("resource", None, "conditions:", &another_program(versions));
            yaml.group(
                "log",
                None,
                "conditions:",
                &[is_ancient("log.time_unix_nano"), is_future("log.time_unix_nano")],
            );
        });
    });
}

/// The conditions that drop the records of another service name. A record without a service name stays, as at the gate.
/// A key may come twice, and expressions see only the first value: so a second service name also drops the record.
fn another_program(versions: &ProgramVersions<'_>) -> Vec<String> {
    let name = r#"resource.attributes["service.name"]"#;
    let keys = r#"Concat(Keys(resource.attributes), "\n")"#;
    let twice = r"(?s)(^|\n)service[.]name\n(.*\n)?service[.]name(\n|$)";
    let mut names: Vec<_> = versions.all().map(|version| version.registry.service.name).collect();
    names.sort_unstable();
    names.dedup();
    let others: String = names.into_iter().map(|other| format!(" and {name} != {}", literal(other))).collect();
    vec![format!("{name} != nil{others}"), format!("IsMatch({keys}, {})", literal(twice))]
}

/// Writes the processor that rebuilds each record from its declared values.
pub fn transform(yaml: &mut Yaml, versions: &ProgramVersions<'_>) {
    yaml.comment("Rebuilds each record from its declared values.");
    yaml.block("transform/usage:", |yaml| {
        yaml.line("error_mode: propagate");
        yaml.block("trace_statements:", |yaml| {
            yaml.comment("A schema URL that is not declared here is removed, and what it belongs to counts as cut.");
            yaml.group("resource", None, "statements: &version", &version(versions));
            for (condition, anchor, statements) in resources(versions) {
                yaml.group("resource", condition.as_deref(), &format!("statements: &{anchor}"), &statements);
            }
            yaml.comment("The instrumentation scope: scruple and its version.");
            yaml.group("scope", None, "statements: &scope", &scope());
            yaml.comment(
                "Each span, then its kind, times rounded down, attributes: one group for all that are rebuilt alike. Ids \
                 are 24 bytes of anybody's choice. Their hashes link the same records as they did.",
            );
            SPAN.groups(yaml, versions, span());
            yaml.comment("Each event on a span (Jaeger shows no logs): time rounded down, attributes.");
            SPAN_EVENT.groups(yaml, versions, Vec::new());
            yaml.comment("An event that will be dropped is cut from its span.");
            let statements = [mark("span.attributes", &[SPAN_EVENT.is_undeclared()])];
            yaml.group("spanevent", None, "statements:", &statements);
            yaml.group("resource", None, "statements: &resource_rest", &remember());
        });
        yaml.block("log_statements:", |yaml| {
            yaml.shared("resource", None, "version");
            for (condition, anchor, _) in resources(versions) {
                yaml.shared("resource", condition.as_deref(), &anchor);
            }
            yaml.shared("scope", None, "scope");
            yaml.comment(
                "Each event, then its time rounded down, attributes. One that belongs to a span has both ids, any other \
                 has neither.",
            );
            LOG.groups(yaml, versions, log());
            yaml.shared("resource", None, "resource_rest");
        });
    });
}

/// What `transform/usage` has not rebuilt.
pub fn undeclared(yaml: &mut Yaml, versions: &ProgramVersions<'_>) {
    let registries = || versions.all().map(|version| version.registry);
    let signals =
        registries().flat_map(|registry| registry.spans.iter().chain(registry.events).map(move |it| (registry, it)));
    let mut ends = signals.filter_map(|(registry, signal)| registry.expiry(Some(signal), None).date);
    let why = if ends.next().is_some() { ", or it is past its end" } else { "" };
    yaml.comment(&format!("What no group of the statements above has rebuilt: no name in it is declared{why}."));
    yaml.block("filter/undeclared:", |yaml| {
        yaml.line("error_mode: propagate");
        let drop = |yaml: &mut Yaml, context: &Context| {
            yaml.group(context.path, None, "conditions:", &[context.is_undeclared()]);
        };
        yaml.block("trace_conditions:", |yaml| [SPAN, SPAN_EVENT].iter().for_each(|context| drop(yaml, context)));
        yaml.block("log_conditions:", |yaml| drop(yaml, &LOG));
    });
}

/// Of each resource: whose declarations judge it.
fn version(versions: &ProgramVersions<'_>) -> Vec<Statement> {
    let unknown = versions.is_unknown();
    vec![
        Statement::set(RESOURCE, 0),
        mark_resource(&format!(r#"{SCHEMA_URL} != "" and {unknown}"#)),
        Statement::set(SCHEMA_URL, EMPTY).only(unknown),
    ]
}

/// The statements for resources, with their condition and the name of their anchor.
fn resources(versions: &ProgramVersions<'_>) -> Vec<(Option<String>, String, Vec<Statement>)> {
    let mut groups = StatementGroups::default();
    for (index, version) in versions.all().enumerate() {
        groups.add(index, "", vec![vec![resource(version.registry)]]);
    }
    let each = |(index, group): (usize, &StatementGroup<'_>)| {
        (group.version(versions), format!("resource_{}", index + 1), group.statements())
    };
    groups.iter().enumerate().map(each).collect()
}

fn resource(registry: &Registry<'_>) -> Vec<Statement> {
    let path = "resource";
    // The service's end is that of each record.
    let attributes = registry.resource.iter().filter_map(|index| registry.attribute(*index));
    let attributes = attributes.map(|attribute| {
        let own = registry.expiry(None, Some(attribute)).date;
        (attribute, own.filter(|own| Some(*own) != registry.service.expires.date))
    });
    let facts = attributes.clone().flat_map(|(attribute, end)| facts_until(registry, path, attribute, end));
    let mut lines: Vec<_> = facts.collect();
    let lists = attributes.filter_map(|(attribute, end)| lacks_names(path, attribute, end));
    lines.extend(std::iter::once(lacks_attributes(path)).chain(lists).map(|condition| mark_resource(&condition)));
    lines.push(Statement::set("resource.attributes", "resource.cache"));
    lines
}

fn scope() -> Vec<Statement> {
    let version = is_text("scope.version", &format!("{NUMBER}([.]{NUMBER}){{2}}(-({TAGS}))?"));
    vec![
        Statement::set("scope.name", r#""scruple""#),
        Statement::set("scope.version", EMPTY).only(format!("not ({version})")),
        Statement::set("scope.schema_url", EMPTY),
        Statement::set("scope.attributes", "{}"),
        Statement::set("scope.dropped_attributes_count", 0),
    ]
}

fn span() -> Vec<Statement> {
    vec![
        // Without a trace id or an id of its own a span was dropped before.
        hash("span.trace_id", 32),
        hash("span.span_id", 16),
        hash("span.parent_span_id", 16).only(format!("span.parent_span_id.string != {}", no_id(16))),
        Statement::set("span.trace_state", EMPTY),
        Statement::set("span.links", "nil"),
        Statement::set("span.status.message", EMPTY),
        Statement::set("span.status.code", 0).only("span.status.code != 1 and span.status.code != 2"),
        Statement::set("span.dropped_attributes_count", 0),
        Statement::set("span.dropped_events_count", 0),
        Statement::set("span.dropped_links_count", 0),
    ]
}

fn log() -> Vec<Statement> {
    let (trace, span) = ("log.trace_id", "log.span_id");
    let is_of_a_span = format!("{trace}.string != {} and {span}.string != {}", no_id(32), no_id(16));
    let (is_set, is_unset) = ("log.flags == 1", "log.flags == 0");
    vec![
        Statement::set("log.flags", 0),
        Statement::set("log.flags", 1).only(is_of_a_span),
        Statement::set(&format!("{trace}.string"), no_id(32)).only(is_unset),
        Statement::set(&format!("{span}.string"), no_id(16)).only(is_unset),
        hash(trace, 32).only(is_set),
        hash(span, 16).only(is_set),
        Statement::set("log.severity_text", EMPTY),
        Statement::set("log.body", "nil"),
        Statement::set("log.dropped_attributes_count", 0),
    ]
}

/// The empty text.
const EMPTY: &str = r#""""#;

/// The hexadecimal digits of an absent id.
fn no_id(digits: usize) -> String {
    literal(&"0".repeat(digits))
}

/// The condition that a time, in nanoseconds since 1970, is more than 30 days ago. Whole numbers cost less than durations,
/// which the Collector parses for each record.
fn is_ancient(time: &str) -> String {
    format!("{time} < UnixNano(Now()) - {}", 30 * 24 * HOUR)
}

fn is_future(time: &str) -> String {
    format!("{time} > UnixNano(Now()) + {HOUR}")
}

/// In nanoseconds.
const HOUR: u64 = 3_600_000_000_000;

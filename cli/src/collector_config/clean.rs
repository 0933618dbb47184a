//! The two cleaning processors: `filter/usage` drops whole records, `transform/usage` rebuilds the others.

use scruple::registry::{Registry, Signal};

use super::address::Address;
use super::facts::{NUMBER, TAGS, facts};
use super::ottl::{floor, hash, is_one_name_of, is_text, literal};
use super::yaml::Yaml;

/// The OTTL paths of a kind of record, and its declared signals.
struct Context<'r> {
    path: &'static str,
    name: &'static str,
    times: &'static [&'static str],
    signals: &'r [Signal<'r>],
    /// A field that every record has in the same value at the end: its path, the value of a record that is not rebuilt
    /// yet, and of one that is.
    mark: (&'static str, u8, u8),
}

/// What is done to the records of these names.
struct Form<'r> {
    names: Vec<&'r str>,
    statements: Vec<String>,
}

impl<'r> Context<'r> {
    fn span(registry: &Registry<'r>) -> Self {
        let times = &["start_time_unix_nano", "end_time_unix_nano"];
        Self { path: "span", name: "span.name", times, signals: registry.spans, mark: ("span.flags", 0, 1) }
    }

    fn spanevent(registry: &Registry<'r>) -> Self {
        let mark = ("spanevent.dropped_attributes_count", 1, 0);
        Self { path: "spanevent", name: "spanevent.name", times: &["time_unix_nano"], signals: registry.events, mark }
    }

    fn log(registry: &Registry<'r>) -> Self {
        let mark = ("log.severity_number", 0, 9);
        Self { path: "log", name: "log.event_name", times: &["time_unix_nano"], signals: registry.events, mark }
    }

    /// The condition that drops a record which no group has rebuilt.
    fn is_undeclared(&self) -> String {
        let (path, _, rebuilt) = self.mark;
        format!("{path} != {rebuilt}")
    }

    /// One group of statements for all signals that are rebuilt alike: a record costs one condition for each other group,
    /// and its own statements. The first group makes the mark of a rebuilt record one that no sender can have set.
    fn groups(&self, yaml: &mut Yaml, registry: &Registry<'_>, address: Option<&Address>) {
        let (path, not_yet, _) = self.mark;
        group(yaml, self.path, "statements:", &[format!("set({path}, {not_yet})")]);
        let mut forms: Vec<Form<'_>> = Vec::new();
        for signal in self.signals {
            let statements = self.statements(registry, signal, address);
            match forms.iter_mut().find(|form| form.statements == statements) {
                Some(form) => form.names.push(signal.name),
                None => forms.push(Form { names: vec![signal.name], statements }),
            }
        }
        for form in forms {
            yaml.block(&format!("- context: {}", self.path), |yaml| {
                yaml.block("conditions:", |yaml| yaml.list(&[is_one_name_of(self.name, &form.names)]));
                yaml.block("statements:", |yaml| yaml.list(&form.statements));
            });
        }
    }

    /// One statement for each fact; the attributes that were received are replaced.
    fn statements(&self, registry: &Registry<'_>, signal: &Signal<'_>, address: Option<&Address>) -> Vec<String> {
        let path = self.path;
        let mut lines = Vec::new();
        if path == "span" {
            lines.push(format!("set(span.kind, {})", signal.kind as u8));
        }
        let resolution = signal.time.nanoseconds();
        lines.extend(self.times.iter().filter_map(|time| floor(&format!("{path}.{time}"), resolution)));
        let attributes = signal.attributes.iter().filter_map(|used| registry.attribute(used.attribute));
        lines.extend(attributes.flat_map(|attribute| facts(registry, path, attribute)));
        lines.extend(address.into_iter().flat_map(|address| address.statements(path, registry.schema_url)));
        lines.push(format!("set({path}.attributes, {path}.cache)"));
        let (mark, _, rebuilt) = self.mark;
        lines.push(format!("set({mark}, {rebuilt})"));
        lines
    }
}

/// Whole records that no program of this kind would send now.
pub fn filter(yaml: &mut Yaml, registry: &Registry<'_>) {
    yaml.comment("Whole records that no program of this kind would send now. A condition that is true drops.");
    yaml.block("filter/usage:", |yaml| {
        yaml.line("error_mode: propagate");
        yaml.block("trace_conditions:", |yaml| {
            yaml.comment("Records of another program, by its service name, even if their signals are declared here.");
            group(yaml, "resource", "conditions:", &another_program(registry));
            yaml.comment("No ids; older than 30 days or from the future; ended before it began.");
            group(
                yaml,
                "span",
                "conditions:",
                &[
                    format!("span.trace_id.string == {}", literal(&"0".repeat(32))),
                    format!("span.span_id.string == {}", literal(&"0".repeat(16))),
                    is_ancient("span.start_time"),
                    "span.end_time < span.start_time".to_owned(),
                    is_future("span.end_time"),
                ],
            );
            group(yaml, "spanevent", "conditions:", &[is_ancient("spanevent.time"), is_future("spanevent.time")]);
        });
        yaml.block("log_conditions:", |yaml| {
            group(yaml, "resource", "conditions:", &another_program(registry));
            group(yaml, "log", "conditions:", &[is_ancient("log.time"), is_future("log.time")]);
        });
    });
}

/// The conditions that drop the records of another service name. A record without a service name stays, as at the gate.
/// A key may come twice, and expressions see only the first value: so a second service name also drops the record.
fn another_program(registry: &Registry<'_>) -> Vec<String> {
    let name = r#"resource.attributes["service.name"]"#;
    let keys = r#"Concat(Keys(resource.attributes), "\n")"#;
    let twice = r"(?s)(^|\n)service[.]name\n(.*\n)?service[.]name(\n|$)";
    vec![
        format!("{name} != nil and {name} != {}", literal(registry.service.name)),
        format!("IsMatch({keys}, {})", literal(twice)),
    ]
}

/// Writes the processor that rebuilds each record from its declared values.
pub fn transform(yaml: &mut Yaml, registry: &Registry<'_>, address: Option<&Address>) {
    yaml.comment("Rebuilds each record from its declared values.");
    yaml.block("transform/usage:", |yaml| {
        yaml.line("error_mode: propagate");
        yaml.block("trace_statements:", |yaml| {
            group(yaml, "resource", "statements: &resource", &resource(registry));
            yaml.comment("The instrumentation scope: scruple and its version.");
            group(yaml, "scope", "statements: &scope", &scope());
            yaml.comment("Each span: kind, times rounded down, attributes. One group for all that are rebuilt alike.");
            Context::span(registry).groups(yaml, registry, address);
            yaml.comment("Ids are 24 bytes of anybody's choice. Their hashes link the same records as they did.");
            group(yaml, "span", "statements:", &span());
            yaml.comment("Each event on a span (Jaeger shows no logs): time rounded down, attributes.");
            Context::spanevent(registry).groups(yaml, registry, None);
            yaml.comment(
                "The last processor drops these as well; these statements are for Collectors built without it.",
            );
            let rest = lines(&[r#"set(resource.schema_url, "")"#, "set(resource.dropped_attributes_count, 0)"]);
            group(yaml, "resource", "statements: &resource_rest", &rest);
        });
        yaml.block("log_statements:", |yaml| {
            shared(yaml, "resource", "resource");
            shared(yaml, "scope", "scope");
            yaml.comment("Each event: time rounded down, attributes.");
            Context::log(registry).groups(yaml, registry, address);
            yaml.comment("A log that belongs to a span has both ids, any other has neither.");
            group(yaml, "log", "statements:", &log());
            shared(yaml, "resource", "resource_rest");
        });
    });
}

/// What `transform/usage` has not rebuilt.
pub fn undeclared(yaml: &mut Yaml, registry: &Registry<'_>) {
    yaml.comment("What no group of the statements above has rebuilt: no name in it is declared.");
    yaml.block("filter/undeclared:", |yaml| {
        yaml.line("error_mode: propagate");
        yaml.block("trace_conditions:", |yaml| {
            group(yaml, "span", "conditions:", &[Context::span(registry).is_undeclared()]);
            group(yaml, "spanevent", "conditions:", &[Context::spanevent(registry).is_undeclared()]);
        });
        yaml.block("log_conditions:", |yaml| {
            group(yaml, "log", "conditions:", &[Context::log(registry).is_undeclared()]);
        });
    });
}

fn resource(registry: &Registry<'_>) -> Vec<String> {
    let attributes = registry.resource.iter().filter_map(|index| registry.attribute(*index));
    let mut lines: Vec<_> = attributes.flat_map(|attribute| facts(registry, "resource", attribute)).collect();
    lines.push("set(resource.attributes, resource.cache)".to_owned());
    lines
}

fn scope() -> Vec<String> {
    let version = is_text("scope.version", &format!("{NUMBER}([.]{NUMBER}){{2}}(-({TAGS}))?"));
    vec![
        r#"set(scope.name, "scruple")"#.to_owned(),
        format!(r#"set(scope.version, "") where not ({version})"#),
        r#"set(scope.schema_url, "")"#.to_owned(),
        "set(scope.attributes, {})".to_owned(),
        "set(scope.dropped_attributes_count, 0)".to_owned(),
    ]
}

fn span() -> Vec<String> {
    // Without a trace id or an id of its own a span was dropped before.
    let parent = hash("span.parent_span_id", 16);
    let parent = format!("{parent} where span.parent_span_id.string != {}", literal(&"0".repeat(16)));
    let mut all = vec![hash("span.trace_id", 32), hash("span.span_id", 16), parent];
    all.extend(lines(&[
        r#"set(span.trace_state, "")"#,
        "set(span.links, nil)",
        r#"set(span.status.message, "")"#,
        "set(span.status.code, 0) where span.status.code != 1 and span.status.code != 2",
        "set(span.dropped_attributes_count, 0)",
        "set(span.dropped_events_count, 0)",
        "set(span.dropped_links_count, 0)",
    ]));
    all
}

fn log() -> Vec<String> {
    let [trace, span] = [literal(&"0".repeat(32)), literal(&"0".repeat(16))];
    let mut all = vec![
        format!("set(log.trace_id.string, {trace}) where log.span_id.string == {span}"),
        format!("set(log.span_id.string, {span}) where log.trace_id.string == {trace}"),
        format!("{} where log.trace_id.string != {trace}", hash("log.trace_id", 32)),
        "set(log.flags, 0)".to_owned(),
        format!("set(log.flags, 1) where log.span_id.string != {span}"),
        format!("{} where log.flags == 1", hash("log.span_id", 16)),
    ];
    all.extend(lines(&[
        "set(log.observed_time_unix_nano, log.time_unix_nano)",
        r#"set(log.severity_text, "")"#,
        "set(log.body, nil)",
        "set(log.dropped_attributes_count, 0)",
    ]));
    all
}

fn is_ancient(time: &str) -> String {
    format!(r#"{time} < Now() - Duration("720h")"#)
}

fn is_future(time: &str) -> String {
    format!(r#"{time} > Now() + Duration("1h")"#)
}

fn group(yaml: &mut Yaml, context: &str, head: &str, expressions: &[String]) {
    yaml.block(&format!("- context: {context}"), |yaml| yaml.block(head, |yaml| yaml.list(expressions)));
}

/// A reference to the statements of an earlier group with this anchor.
fn shared(yaml: &mut Yaml, context: &str, anchor: &str) {
    yaml.block(&format!("- context: {context}"), |yaml| yaml.line(&format!("statements: *{anchor}")));
}

fn lines(all: &[&str]) -> Vec<String> {
    all.iter().map(|line| (*line).to_owned()).collect()
}

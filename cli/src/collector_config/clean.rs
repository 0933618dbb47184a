//! The two cleaning processors: `filter/usage` drops whole records, `transform/usage` rebuilds the others.

use scruple::registry::{Registry, Signal};

use super::address::Address;
use super::facts::{NUMBER, TAGS, facts};
use super::ottl::{floor, hash, is_none_of, is_text, literal};
use super::yaml::Yaml;

/// The OTTL paths of a kind of record, and its declared signals.
struct Context<'r> {
    path: &'static str,
    name: &'static str,
    times: &'static [&'static str],
    signals: &'r [Signal<'r>],
}

impl<'r> Context<'r> {
    fn span(registry: &Registry<'r>) -> Self {
        let times = &["start_time_unix_nano", "end_time_unix_nano"];
        Self { path: "span", name: "span.name", times, signals: registry.spans }
    }

    fn spanevent(registry: &Registry<'r>) -> Self {
        Self { path: "spanevent", name: "spanevent.name", times: &["time_unix_nano"], signals: registry.events }
    }

    fn log(registry: &Registry<'r>) -> Self {
        Self { path: "log", name: "log.event_name", times: &["time_unix_nano"], signals: registry.events }
    }

    /// The condition that drops undeclared records.
    fn undeclared(&self) -> String {
        is_none_of(self.name, self.signals.iter().map(|signal| signal.name))
    }

    /// One statement for each declared fact; the last one replaces the received attributes.
    fn facts(&self, registry: &Registry<'_>, address: Option<&Address>) -> Vec<String> {
        let path = self.path;
        let mut lines = Vec::new();
        for signal in self.signals {
            let this = format!("{} == {}", self.name, literal(signal.name));
            if path == "span" {
                lines.push(format!("set(span.kind, {}) where {this}", signal.kind as u8));
            }
            for time in self.times {
                let rounded = floor(&format!("{path}.{time}"), signal.time.nanoseconds());
                lines.push(format!("{rounded} where {this}"));
            }
            for used in signal.attributes {
                let Some(attribute) = registry.attribute(used.attribute) else { continue };
                lines.extend(facts(registry, path, &format!("{this} and "), attribute));
            }
        }
        lines.extend(address.into_iter().flat_map(|address| address.statements(path, registry.schema_url)));
        lines.push(format!("set({path}.attributes, {path}.cache)"));
        lines
    }
}

/// Writes the processor that drops undeclared records, and records that this program would not send now.
pub fn filter(yaml: &mut Yaml, registry: &Registry<'_>) {
    yaml.comment(
        "Drops undeclared records, and records that this program would not send now. A true condition drops the \
         record.",
    );
    yaml.block("filter/usage:", |yaml| {
        yaml.line("error_mode: propagate");
        yaml.block("trace_conditions:", |yaml| {
            yaml.comment("Records of another program, by its service name, even if their signals are declared here.");
            group(yaml, "resource", "conditions:", &another_program(registry));
            group(yaml, "span", "conditions:", &[Context::span(registry).undeclared()]);
            yaml.comment("Records without ids, older than 30 days, from the future, or with an end before the start.");
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
            group(yaml, "spanevent", "conditions:", &[Context::spanevent(registry).undeclared()]);
            group(yaml, "spanevent", "conditions:", &[is_ancient("spanevent.time"), is_future("spanevent.time")]);
        });
        yaml.block("log_conditions:", |yaml| {
            group(yaml, "resource", "conditions:", &another_program(registry));
            group(yaml, "log", "conditions:", &[Context::log(registry).undeclared()]);
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
            yaml.comment("Each span: kind, rounded times, attributes.");
            group(yaml, "span", "statements:", &Context::span(registry).facts(registry, address));
            yaml.comment("A sender can choose the 24 bytes of the ids. Their hashes link the same records.");
            group(yaml, "span", "statements:", &span());
            yaml.comment("Each event on a span (Jaeger shows no logs): rounded time, attributes.");
            group(yaml, "spanevent", "statements:", &Context::spanevent(registry).facts(registry, None));
            group(yaml, "spanevent", "statements:", &lines(&["set(spanevent.dropped_attributes_count, 0)"]));
            yaml.comment(
                "The last processor drops these as well; these statements are for Collectors built without it.",
            );
            let rest = lines(&[r#"set(resource.schema_url, "")"#, "set(resource.dropped_attributes_count, 0)"]);
            group(yaml, "resource", "statements: &resource_rest", &rest);
        });
        yaml.block("log_statements:", |yaml| {
            shared(yaml, "resource", "resource");
            shared(yaml, "scope", "scope");
            yaml.comment("Each event: rounded time, attributes.");
            group(yaml, "log", "statements:", &Context::log(registry).facts(registry, address));
            yaml.comment("A log record of a span has both ids, any other has neither.");
            group(yaml, "log", "statements:", &log());
            shared(yaml, "resource", "resource_rest");
        });
    });
}

fn resource(registry: &Registry<'_>) -> Vec<String> {
    let attributes = registry.resource.iter().filter_map(|index| registry.attribute(*index));
    let mut lines: Vec<_> = attributes.flat_map(|attribute| facts(registry, "resource", "", attribute)).collect();
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
    let mut all = vec![hash("span.trace_id", 32), hash("span.span_id", 16), hash("span.parent_span_id", 16)];
    all.extend(lines(&[
        r#"set(span.trace_state, "")"#,
        "set(span.links, nil)",
        r#"set(span.status.message, "")"#,
        "set(span.status.code, 0) where span.status.code != 1 and span.status.code != 2",
        "set(span.flags, 1)",
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
        hash("log.trace_id", 32),
        hash("log.span_id", 16),
        "set(log.flags, 0)".to_owned(),
        format!("set(log.flags, 1) where log.span_id.string != {span}"),
    ];
    all.extend(lines(&[
        "set(log.observed_time_unix_nano, log.time_unix_nano)",
        "set(log.severity_number, 9)",
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

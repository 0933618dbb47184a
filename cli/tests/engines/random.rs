//! Random registries in YAML, and what a Collector may have kept of their programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::components::invented::{Dice, PIECES};

/// A day, in nanoseconds.
const DAY: u64 = 86_400_000_000_000;

/// An attribute with the values that a record may have; none is that of a record without it.
struct Declared {
    key: String,
    yaml: String,
    values: Vec<Value>,
}

/// A registry, and the lines of the Collector's two files.
pub struct Random {
    pub manifest: String,
    pub definitions: String,
    pub traces: Vec<String>,
    pub logs: Vec<String>,
}

/// The registry of a seed, with records of the weeks before a day of the year 2026.
pub fn random(seed: u64) -> Random {
    let mut dice = Dice::of(seed);
    let attributes: Vec<_> = (0..6 + dice.below(4)).map(|number| attribute(&mut dice, number)).collect();
    let signals: Vec<_> = (0..2 + dice.below(3)).map(|number| signal(&mut dice, number, attributes.len())).collect();
    let unit = dice.one(&["session.id", "service.instance.id"]);
    let service = format!("words{seed}");
    let definitions = definitions(&attributes, &signals, unit, &service);
    let units: Vec<_> =
        (0..3 + dice.below(20)).map(|_| uuid(&mut dice, if unit == "session.id" { 4 } else { 8 })).collect();
    let [mut traces, mut logs] = [Vec::new(), Vec::new()];
    for _ in 0..40 + dice.below(60) {
        let unit_id = dice.below(units.len());
        let resource = json!([
            pair("os.type", text(dice.one(&["darwin", "linux", "windows"]))),
            pair("service.name", text(&service)),
            pair(unit, text(&units[unit_id])),
        ]);
        for _ in 0..1 + dice.below(3) {
            let signal = &signals[dice.below(signals.len())];
            let (list, scopes, records) = match signal.is_span {
                true => ("resourceSpans", "scopeSpans", "spans"),
                false => ("resourceLogs", "scopeLogs", "logRecords"),
            };
            let record = record(&mut dice, signal, &attributes);
            let scope = json!({"scope": {"name": "scruple", "version": "0.1.0"}, records: [record]});
            let line = json!({list: [{"resource": {"attributes": resource}, scopes: [scope]}]}).to_string();
            let file = if signal.is_span { &mut traces } else { &mut logs };
            // A span that was sent again.
            if signal.is_span && dice.below(8) == 0 {
                file.push(line.clone());
            }
            file.push(line);
        }
    }
    let manifest = "schema_url: https://telemetry.example.com/schemas/words/1.0.0\n".to_owned();
    Random { manifest, definitions, traces, logs }
}

struct Declaration {
    name: String,
    is_span: bool,
    /// The indices of its attributes.
    uses: Vec<usize>,
}

fn signal(dice: &mut Dice, number: usize, attributes: usize) -> Declaration {
    // There is a span and an event.
    let is_span = number == 0 || (number > 1 && dice.below(2) == 0);
    let uses = (0..attributes).filter(|_| dice.below(2) == 0).collect();
    Declaration { name: format!("words.s{number}"), is_span, uses }
}

fn attribute(dice: &mut Dice, number: usize) -> Declared {
    let key = format!("words.a{number}");
    let bytes =
        |dice: &mut Dice, count: usize| (0..count).map(|_| format!("{:02x}", dice.below(256))).collect::<String>();
    let (yaml, values) = match dice.below(8) {
        0 => ("type: boolean".to_owned(), vec![json!({"boolValue": true}), json!({"boolValue": false})]),
        1 => {
            let members = members(dice);
            let yaml: Vec<_> = members.iter().enumerate().map(|(id, text)| member(id, &json!(text), "")).collect();
            (format!("type: {{members: [{}]}}", yaml.join(", ")), members.iter().map(|text| self::text(text)).collect())
        }
        2 => {
            let members = members(dice);
            let last = members.len() - 1;
            let below = |id: usize| match id < last {
                true => format!(", annotations: {{privacy: {{below: {}}}}}", (id + 1) * 10),
                false => String::new(),
            };
            let yaml: Vec<_> =
                members.iter().enumerate().map(|(id, text)| member(id, &json!(text), &below(id))).collect();
            let yaml = format!("type: {{members: [{}]}}, annotations: {{privacy: {{from: bucket}}}}", yaml.join(", "));
            (yaml, members.iter().map(|text| self::text(text)).collect())
        }
        3 => {
            let max = dice.one(&[1, 7, 255, 1_000]);
            let values = (0..6).map(|_| json!({"intValue": dice.below(max + 1).to_string()})).collect();
            (format!("type: int, annotations: {{privacy: {{from: count, max: {max}}}}}"), values)
        }
        4 => {
            let mut names: Vec<_> = (0..1 + dice.below(6)).map(|number| format!("--n{number}")).collect();
            names.push("--lines".to_owned());
            names.sort();
            let lists = (0..4).map(|_| {
                let list: Vec<_> = names.iter().filter(|_| dice.below(2) == 0).map(|name| text(name)).collect();
                let list = if list.is_empty() { vec![text("--lines")] } else { list };
                json!({"arrayValue": {"values": list}})
            });
            let lists = lists.collect();
            (format!("type: \"string[]\", annotations: {{privacy: {{from: names, members: {}}}}}", json!(names)), lists)
        }
        5 => {
            let all = [i64::MIN, -1, 0, 7, i64::MAX];
            let members: Vec<_> = all.iter().filter(|_| dice.below(2) == 0).chain([&14]).collect();
            let yaml: Vec<_> = members.iter().enumerate().map(|(id, number)| member(id, &json!(number), "")).collect();
            let values = members.iter().map(|number| json!({"intValue": number.to_string()})).collect();
            (format!("type: {{members: [{}]}}", yaml.join(", ")), values)
        }
        6 => {
            let values = (0..3).map(|_| text(&bytes(dice, 16))).collect();
            ("type: string, annotations: {privacy: {from: hash}}".to_owned(), values)
        }
        _ => {
            let values = (0..3).map(|_| text(&format!("{}.{}.0", dice.below(3), dice.below(20)))).collect();
            ("type: string, annotations: {privacy: {from: version}}".to_owned(), values)
        }
    };
    Declared { key, yaml, values }
}

/// One to six different texts, of characters that SQL and YAML give a meaning.
fn members(dice: &mut Dice) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for number in 0..1 + dice.below(6) {
        let piece = PIECES[dice.below(PIECES.len())].trim();
        all.push(format!("{number}{piece}{}", PIECES[dice.below(PIECES.len())].trim()).trim().to_owned());
    }
    all
}

fn member(id: usize, value: &Value, more: &str) -> String {
    format!("{{id: m{id}, value: {value}, brief: One of them., stability: stable{more}}}")
}

fn definitions(attributes: &[Declared], signals: &[Declaration], unit: &str, service: &str) -> String {
    let mut yaml = "file_format: definition/2\nattributes:\n".to_owned();
    let source = if unit == "session.id" { "session" } else { "installation" };
    let given = [
        ("service.name".to_owned(), "type: string, annotations: {privacy: {from: app}}".to_owned()),
        (unit.to_owned(), format!("type: string, annotations: {{privacy: {{from: {source}}}}}")),
        ("os.type".to_owned(), "type: string, annotations: {privacy: {from: system}}".to_owned()),
    ];
    let own = attributes.iter().map(|attribute| (attribute.key.clone(), attribute.yaml.clone()));
    for (key, rest) in given.into_iter().chain(own) {
        let _ = writeln!(yaml, "  - {{key: {key}, brief: What it was., stability: stable, {rest}}}");
    }
    let _ = write!(
        yaml,
        "entities:\n  - type: service\n    brief: The program that reports.\n    stability: stable\n    identity: [{{ref: \
         service.name}}, {{ref: {unit}}}]\n    description: [{{ref: os.type}}]\n    annotations: {{privacy: {{app_id: \
         com.example.words, name: {service}, controller: The example project, endpoint: \"https://telemetry.example.com\", \
         rotate: monthly, time: second, duration: ms}}}}\n"
    );
    let references = |signal: &Declaration| {
        let all: Vec<_> = signal.uses.iter().map(|index| format!("{{ref: {}}}", attributes[*index].key)).collect();
        all.join(", ")
    };
    for is_span in [true, false] {
        yaml += if is_span { "spans:\n" } else { "events:\n" };
        for signal in signals.iter().filter(|signal| signal.is_span == is_span) {
            let (name, uses) = (&signal.name, references(signal));
            let _ = match is_span {
                true => writeln!(
                    yaml,
                    "  - {{type: {name}, kind: internal, name: {{note: {name}}}, brief: It was done., stability: stable, \
                     attributes: [{uses}]}}"
                ),
                false => {
                    writeln!(yaml, "  - {{name: {name}, brief: It happened., stability: stable, attributes: [{uses}]}}")
                }
            };
        }
    }
    yaml
}

fn record(dice: &mut Dice, signal: &Declaration, attributes: &[Declared]) -> Value {
    let mut own = Vec::new();
    for attribute in signal.uses.iter().map(|index| &attributes[*index]) {
        if dice.below(5) > 0 {
            own.push(pair(&attribute.key, attribute.values[dice.below(attribute.values.len())].clone()));
        }
    }
    // The 30th of September 2026, a Wednesday.
    let noon = 1_790_769_600_000_000_000 - DAY * dice.below(40) as u64;
    let time = noon + 1_000_000_000 * dice.below(40_000) as u64;
    let id =
        |dice: &mut Dice, bytes: usize| (0..bytes).map(|_| format!("{:02x}", 1 + dice.below(255))).collect::<String>();
    let [trace, span] = [16, 8].map(|bytes| id(dice, bytes));
    if signal.is_span {
        let duration = 1_000_000 * dice.one(&[0, 1, 2, 3, 999, 1_000, 59_999, 60_000, 86_400_000]);
        json!({
            "traceId": trace, "spanId": span, "parentSpanId": "", "flags": 1, "name": signal.name, "kind": 1,
            "startTimeUnixNano": time.to_string(), "endTimeUnixNano": (time + duration).to_string(), "attributes": own,
            "status": {"code": dice.below(3)},
        })
    } else {
        json!({
            "timeUnixNano": time.to_string(), "observedTimeUnixNano": time.to_string(), "severityNumber": 9,
            "eventName": signal.name, "attributes": own,
        })
    }
}

/// A UUID of a version (RFC 9562).
fn uuid(dice: &mut Dice, version: u8) -> String {
    let digits: String = (0..16).map(|_| format!("{:02x}", dice.below(256))).collect();
    format!("{}-{}-{version}{}-8{}-{}", &digits[..8], &digits[8..12], &digits[13..16], &digits[17..20], &digits[20..])
}

fn text(text: &str) -> Value {
    json!({"stringValue": text})
}

fn pair(key: &str, value: Value) -> Value {
    json!({"key": key, "value": value})
}

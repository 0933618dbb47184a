//! What the gate lets through and what a Collector lets through agree, value by value, for registries of every shape.
//!
//! The gate's word on a value in its wire form is `upload::readmit_line`: of each line in the encoder's own spelling it
//! says what may leave. The Collector gets the same lines, and what it keeps has to be that and nothing else.

use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::components::declared::{self, values};
use crate::components::invented::{self, Dice, PIECES};
use crate::components::records::whole;
use crate::components::registries::{each_group, gateways};
use crate::components::several::Several;
use scruple::encode::{Encoder, Format, SCOPE_VERSION};
use scruple::privacy::{Declarations, DropCounts, DropReason};
use scruple::registry::{Attribute, Registry, Signal, SignalKind, Treatment};
use scruple::upload::{LineRefused, readmit_line};
use serde_json::{Value, json};

/// How often each declared value, and each that just is none, is changed in one place.
const CHANGES: usize = 2;

/// What a program may find out about its system (`std::env::consts`), as the conventions call it, and what it may not.
const WORDS: &str = "aarch64 aix alice amd64 android arm arm32 arm64 arm64ec csky cygwin darwin dragonfly dragonflybsd emscripten \
    freebsd fuchsia haiku hermit hexagon hpux hurd ia64 illumos ios linux loongarch32 loongarch64 m68k macos mips \
    mips32r6 mips64 mips64r6 netbsd nto openbsd powerpc ppc32 ppc64 redox riscv32 riscv64 s390x solaris sparc \
    sparc64 tvos visionos vxworks wasi wasm32 wasm64 watchos windows x86 x86_64 z_os zos";

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn the_gate_and_the_collector_agree_on_every_value() {
    each_group(|registries| {
        let collector = Several::start(&gateways(registries));
        let judged = registries.iter().enumerate().map(|(index, registry)| {
            let mut sent = Vec::new();
            let mut leaves = Vec::new();
            let lines = lines(registry, &mut Dice::of(index as u64));
            // Of a place in the sources the Collector knows the form: the gate is that of a program with these files.
            let gate = Gate::of(declared::with_files(registry, lines.iter().map(String::as_str)));
            for line in lines {
                if let Some(left) = gate.judge(&line) {
                    sent.push(line);
                    leaves.extend(left);
                }
            }
            for kind in [SignalKind::Span, SignalKind::Event] {
                let (path, head) = carrier(kind);
                let of_kind: Vec<_> =
                    sent.iter().filter_map(|line| line.strip_prefix(head)?.strip_suffix("]}")).collect();
                for some in of_kind.chunks(200) {
                    let body = format!("{head}{}]}}", some.join(","));
                    assert_eq!(collector.post(index, path, "application/json", body.as_bytes()), 200);
                }
            }
            (sent.len(), leaves)
        });
        let judged: Vec<_> = judged.collect();
        let [mut lines, mut values] = [0, 0];
        for ((sent, leaves), left) in judged.iter().zip(collector.stop()) {
            lines += sent;
            whole(&left, leaves.iter().map(String::as_str));
            values += leaves.iter().filter(|line| line.contains(r#"attributes":[{"key":"#)).count();
        }
        println!("{} registries, {lines} lines with one value each, of which {values} keep one", registries.len());
    });
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn a_record_among_many_keeps_its_own_attributes() {
    let registries: Vec<_> = (0..3).map(invented::large_registry).collect();
    let collector = Several::start(&gateways(&registries));
    let mut sent = vec![Vec::new(); registries.len()];
    for (index, (registry, sent)) in registries.iter().zip(&mut sent).enumerate() {
        let pairs: Vec<_> = registry
            .attributes
            .iter()
            .map(|it| values(registry, it).into_iter().find_map(|(_, left)| Some(pair(it.key, &left?))))
            .collect();
        let of = |indexes: &[u16]| {
            let pairs: Vec<_> = indexes.iter().filter_map(|index| pairs[usize::from(*index)].clone()).collect();
            pairs.join(",")
        };
        let given = |index: &u16| matches!(registry.attributes[usize::from(*index)].treatment, Treatment::Given { .. });
        let all: Vec<_> = (0..registry.attributes.len() as u16).filter(|index| !given(index)).collect();
        let post = |kind, signal: &Signal<'_>, attributes: &[u16]| {
            let record = match kind {
                SignalKind::Span => record_span(signal, &of(attributes), ""),
                SignalKind::Event => record_log(signal, &of(attributes)),
            };
            line(registry, "", kind, &record)
        };
        for (kind, signals) in [(SignalKind::Span, registry.spans), (SignalKind::Event, registry.events)] {
            for signal in signals {
                let own: Vec<_> = signal.attributes.iter().map(|used| used.attribute).collect();
                // The next name in the order of names is not declared.
                let next = Signal { name: &format!("{}!", signal.name), ..*signal };
                let bodies = [post(kind, signal, &all), post(kind, &next, &all)];
                for body in bodies {
                    assert_eq!(collector.post(index, carrier(kind).0, "application/json", body.as_bytes()), 200);
                }
                sent.push(post(kind, signal, &own));
            }
        }
    }
    for (left, sent) in collector.stop().iter().zip(&sent) {
        assert!(sent.len() > 80);
        whole(left, sent.iter().map(String::as_str));
    }
}

/// The gate of one registry, for a program whose author opted in to everything.
struct Gate {
    registries: [&'static Registry<'static>; 1],
    opt_in: Vec<String>,
}

impl Gate {
    fn of(registry: &'static Registry<'static>) -> Self {
        let opt_in = registry.attributes.iter().map(|attribute| attribute.key.to_owned()).collect();
        Self { registries: [registry], opt_in }
    }

    /// What is left of a line that is in the encoder's spelling, if anything is.
    fn judge(&self, line: &str) -> Option<Option<String>> {
        let terms = Declarations::all(&self.registries, &self.opt_in, "1.0.0");
        match readmit_line(line.as_bytes(), &terms, &DropCounts::default()) {
            Ok((resource, record)) => {
                let mut out = Vec::new();
                Encoder::new(&resource, &self.registries).request(Format::Json, record.kind(), [&record], &mut out);
                Some(Some(String::from_utf8(out).unwrap()))
            }
            // Of another program, by its name.
            Err(LineRefused::Withheld(why)) => {
                assert_eq!(why, DropReason::NotAMember);
                Some(None)
            }
            Err(LineRefused::Foreign(_)) => None,
            Err(LineRefused::Contradicted) => panic!("{line}"),
        }
    }
}

fn carrier(kind: SignalKind) -> (&'static str, &'static str) {
    match kind {
        SignalKind::Span => ("/v1/traces", r#"{"resourceSpans":["#),
        SignalKind::Event => ("/v1/logs", r#"{"resourceLogs":["#),
    }
}

/// Lines with one value each: on a span, on an event of one, on a log, in the resource.
fn lines(registry: &Registry<'_>, dice: &mut Dice) -> Vec<String> {
    let declared = |index: u16| registry.attribute(index).unwrap();
    let program = registry.resource.iter().map(|index| declared(*index)).find(|it| it.key == "service.name");
    let program = program.map(|it| pair(it.key, &json!({"stringValue": registry.service.name}))).unwrap_or_default();
    let mut all = Vec::new();
    for (index, attribute) in registry.attributes.iter().enumerate() {
        let uses = |signal: &&Signal<'_>| signal.attributes.iter().any(|used| usize::from(used.attribute) == index);
        let span = registry.spans.iter().find(uses);
        let event = registry.events.iter().find(uses);
        for (turn, value) in candidates(registry, attribute, dice).iter().enumerate() {
            let value = pair(attribute.key, value);
            // Each in one of its places: the registries are many.
            all.extend(match (turn % 3, span, event, registry.spans.first()) {
                (0, _, Some(event), _) | (_, None, Some(event), None) => {
                    Some(line(registry, &program, SignalKind::Event, &record_log(event, &value)))
                }
                (1, _, Some(event), Some(around)) | (_, None, Some(event), Some(around)) => {
                    let events = record_event(event, &value);
                    Some(line(registry, &program, SignalKind::Span, &record_span(around, "", &events)))
                }
                (_, Some(span), ..) => Some(line(registry, &program, SignalKind::Span, &record_span(span, &value, ""))),
                (_, None, None, _) => None,
            });
        }
    }
    for attribute in registry.resource.iter().map(|index| declared(*index)) {
        let Some(signal) = registry.spans.first() else { continue };
        let is_system = matches!(attribute.key, "os.type" | "host.arch");
        let words = WORDS.split(' ').chain([""]).filter(|_| is_system).map(|word| json!({"stringValue": word}));
        for value in candidates(registry, attribute, dice).into_iter().chain(words) {
            let resource = pair(attribute.key, &value);
            all.push(line(registry, &resource, SignalKind::Span, &record_span(signal, "", "")));
        }
    }
    all
}

fn pair(key: &str, value: &Value) -> String {
    format!(r#"{{"key":{},"value":{value}}}"#, json!(key))
}

fn line(registry: &Registry<'_>, resource: &str, kind: SignalKind, record: &str) -> String {
    let (_, head) = carrier(kind);
    let (scopes, records) = match kind {
        SignalKind::Span => ("scopeSpans", "spans"),
        SignalKind::Event => ("scopeLogs", "logRecords"),
    };
    let scope = format!(r#""scope":{{"name":"scruple","version":"{SCOPE_VERSION}"}}"#);
    let schema = json!(registry.schema_url);
    format!(
        r#"{head}{{"resource":{{"attributes":[{resource}]}},"{scopes}":[{{{scope},"{records}":[{record}]}}],"schemaUrl":{schema}}}]}}"#
    )
}

const IDS: &str = r#""traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","#;

fn record_span(signal: &Signal<'_>, value: &str, events: &str) -> String {
    let (name, kind, time) = (json!(signal.name), signal.kind as u8, time(signal));
    let times = format!(r#""startTimeUnixNano":"{time}","endTimeUnixNano":"{time}","#);
    let attributes = attributes(value);
    format!(r#"{{{IDS}"name":{name},"kind":{kind},{times}{attributes}{events}"status":{{"code":1}},"flags":1}}"#)
}

fn record_log(signal: &Signal<'_>, value: &str) -> String {
    let (name, time) = (json!(signal.name), time(signal));
    let attributes = attributes(value);
    format!(
        r#"{{"timeUnixNano":"{time}","severityNumber":9,{attributes}"flags":1,{IDS}"observedTimeUnixNano":"{time}","eventName":{name}}}"#
    )
}

fn record_event(signal: &Signal<'_>, value: &str) -> String {
    let (name, time) = (json!(signal.name), time(signal));
    format!(r#""events":[{{"timeUnixNano":"{time}","name":{name},"attributes":[{value}]}}],"#)
}

fn attributes(value: &str) -> String {
    if value.is_empty() { String::new() } else { format!(r#""attributes":[{value}],"#) }
}

/// The start of these tests, as its signal's grain leaves it.
fn time(signal: &Signal<'_>) -> u64 {
    static NOW: LazyLock<u64> = LazyLock::new(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs());
    signal.time.floor(*NOW * 1_000_000_000)
}

/// The values of an attribute, those that just are none, and each changed in one place.
fn candidates(registry: &Registry<'_>, attribute: &Attribute<'_>, dice: &mut Dice) -> Vec<Value> {
    let all: Vec<_> = values(registry, attribute).into_iter().map(|(sent, _)| sent).collect();
    let changed: Vec<_> = all.iter().flat_map(|value| (0..CHANGES).map(move |_| value)).collect();
    let changed: Vec<_> = changed.into_iter().map(|value| change(value, dice)).collect();
    all.into_iter().chain(changed).collect()
}

fn change(value: &Value, dice: &mut Dice) -> Value {
    if let Some(text) = value["stringValue"].as_str() {
        return json!({"stringValue": change_text(text, dice)});
    }
    if let Some(number) = value["intValue"].as_str().and_then(|number| number.parse::<i64>().ok()) {
        let by = dice.one(&[-1, 1, 2, 1 << 20]);
        return json!({"intValue": number.wrapping_add(by).to_string()});
    }
    if let Some(items) = value["arrayValue"]["values"].as_array() {
        let mut names: Vec<_> =
            items.iter().filter_map(|item| Some(item["stringValue"].as_str()?.to_owned())).collect();
        if !names.is_empty() {
            let index = dice.below(names.len());
            let name = names.swap_remove(index);
            names.push(change_text(&name, dice));
        }
        names.sort();
        names.dedup();
        let values: Vec<_> = names.iter().map(|name| json!({"stringValue": name})).collect();
        return json!({"arrayValue": {"values": values}});
    }
    value.clone()
}

/// A text with one piece put in, taken out or exchanged.
fn change_text(text: &str, dice: &mut Dice) -> String {
    let mut chars: Vec<_> = text.chars().map(String::from).collect();
    let at = dice.below(chars.len() + 1);
    let pieces = [&PIECES[..], &["1", "9", "f", "A", ":", "_", "-rc", ".0"]].concat();
    match dice.below(3) {
        0 => chars.insert(at, dice.one(&pieces).to_owned()),
        1 if at < chars.len() => drop(chars.remove(at)),
        _ if at < chars.len() => chars[at] = dice.one(&pieces).to_owned(),
        _ => {}
    }
    chars.concat()
}

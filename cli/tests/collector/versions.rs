//! Two versions of one program side by side, at a Collector that knows the old one or both: what it keeps, and what its metrics
//! count as cut.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use scruple::encode::Format;
use scruple::forward::Forward;
use scruple::registry::Registry;
use scruple::testing::Rehearsal;
use scruple_cli::collector_config::{CollectorKind, Options, generate};
use scruple_cli::registry;
use serde_json::{Value, json};
use tracing_subscriber::prelude::*;

use crate::components::records::{behind_the_gateway, records};
use crate::components::registries::lets;
use crate::components::{Collector, declared, wait_for};

/// The first version.
const OLD: &str = "file_format: definition/2
attributes:
  - {key: service.name, brief: The program., stability: stable, type: string, annotations: {privacy: {from: app}}}
  - {key: words.flags, brief: Which arguments were given., stability: stable, type: \"string[]\", annotations: {privacy: {from: names, members: [--lines]}}}
  - {key: words.files, brief: How many there were., stability: stable, type: int, annotations: {privacy: {from: count, max: 100}}}
  - key: words.unit
    brief: What was counted.
    stability: stable
    type: {members: [{id: line, value: line}, {id: word, value: word}]}
entities:
  - type: service
    brief: The program that reports.
    stability: stable
    identity: [{ref: service.name}]
    annotations: {privacy: {app_id: com.example.words, name: words, controller: The example project, endpoint: \"https://telemetry.example.com\", rotate: monthly, time: second}}
spans:
  - {type: words.run, kind: internal, name: {note: words.run}, brief: One run., stability: stable, attributes: [{ref: words.unit}]}
  - {type: words.load, kind: internal, name: {note: words.load}, brief: One load., stability: stable, attributes: [{ref: words.flags}]}
events:
  - {name: words.read, brief: The input was read., stability: stable, attributes: [{ref: words.files}]}
  - {name: words.kept, brief: Declared alike by both., stability: stable, attributes: [{ref: words.unit}]}
  - {name: words.old, brief: Declared by the first version., stability: stable, attributes: [{ref: words.unit}]}
";

/// What the second version changes: a name in a list, a larger number, an attribute of the resource and of a span, an event
/// more, and one less.
const CHANGES: [(&str, &str); 6] = [
    ("members: [--lines]", "members: [--bytes, --lines]"),
    ("max: 100", "max: 1000"),
    (
        "  - key: words.unit",
        "  - {key: os.type, brief: The system., stability: stable, type: string, annotations: {privacy: {from: system}}}\n  - key: words.unit",
    ),
    ("identity: [{ref: service.name}]", "identity: [{ref: service.name}]\n    description: [{ref: os.type}]"),
    (
        "stability: stable, attributes: [{ref: words.flags}]",
        "stability: stable, attributes: [{ref: words.flags}, {ref: words.files}]",
    ),
    (
        "{name: words.old, brief: Declared by the first version.",
        "{name: words.new, brief: Declared by the second version.",
    ),
];

/// A version as the tables of its program.
fn read(version: &str, yaml: &str) -> &'static Registry<'static> {
    let folder = tempfile::tempdir().unwrap();
    let manifest = format!("schema_url: https://example.com/schemas/words/{version}\n");
    std::fs::write(folder.path().join("manifest.yaml"), manifest).unwrap();
    std::fs::write(folder.path().join("all.yaml"), yaml).unwrap();
    registry::read(folder.path()).unwrap().leak()
}

fn both() -> [&'static Registry<'static>; 2] {
    let new = CHANGES.iter().fold(OLD.to_owned(), |yaml, (from, to)| {
        assert!(yaml.contains(from), "{from}");
        yaml.replace(from, to)
    });
    [read("1.0.0", OLD), read("2.0.0", &new)]
}

/// Runs the program of a version, which records the same in each: the lines of its own encoder.
fn run(version: &'static Registry<'static>, endpoint: &str) -> Vec<String> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&lines);
    let forward = Forward::http();
    let deliveries = forward.deliveries();
    let builder = scruple::start(version).rehearsal(Rehearsal::new()).endpoint(endpoint);
    let builder = builder.shutdown_timeout(Duration::from_secs(60)).span_events();
    let builder =
        builder.tee(Format::Json, move |_, line| keep.lock().unwrap().push(String::from_utf8(line.to_vec()).unwrap()));
    let telemetry = builder.export(forward).build();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
        use tracing::Level;
        {
            let _run = tracing::info_span!("words.run", words.unit = "line").entered();
            tracing::event!(name: "words.kept", Level::INFO, { words.unit = "word" });
        }
        {
            let _run = tracing::info_span!("words.run", words.unit = "line").entered();
            tracing::event!(name: "words.old", Level::INFO, { words.unit = "word" });
            tracing::event!(name: "words.new", Level::INFO, { words.unit = "word" });
        }
        tracing::info_span!("words.load", words.flags = "--lines --bytes", words.files = 7).in_scope(|| {});
        tracing::event!(name: "words.read", Level::INFO, { words.files = 400 });
    });
    drop(telemetry);
    // The receipt says that all was accepted, whatever the Collector cuts.
    assert_eq!((deliveries.sent(), deliveries.waiting()), (6, 0), "{deliveries:?}");
    std::mem::take(&mut *lines.lock().unwrap())
}

/// What the metrics of a Collector count, of spans and of logs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    dropped: [u64; 2],
    cut: [u64; 2],
    whole: [u64; 2],
}

impl Counts {
    fn of(collector: &Collector) -> Self {
        let metrics = collector.metrics();
        let count = |name: &str| {
            let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.map_or(0, |count| count.parse().unwrap())
        };
        let undeclared =
            |what: &str| count(&format!(r#"otelcol_processor_filter_{what}_filtered{{filter="filter/undeclared"}}"#));
        let groups = |how: &str| {
            ["spans", "logs"].map(|what| count(&format!("otelcol_processor_groupbyattrs_num_{how}_{what}")))
        };
        Self { dropped: ["spans", "logs"].map(undeclared), cut: groups("grouped"), whole: groups("non_grouped") }
    }

    fn sum(&self) -> u64 {
        [self.dropped, self.cut, self.whole].as_flattened().iter().sum()
    }

    fn since(&self, before: &Self) -> Self {
        let less = |now: [u64; 2], before: [u64; 2]| [now[0] - before[0], now[1] - before[1]];
        Self {
            dropped: less(self.dropped, before.dropped),
            cut: less(self.cut, before.cut),
            whole: less(self.whole, before.whole),
        }
    }
}

/// The configuration for these versions, with requests joined for less long than elsewhere.
fn start(current: &Registry<'_>, others: &[&Registry<'_>], kind: CollectorKind) -> Collector {
    let file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
    std::fs::write(file.path(), generate(current, others, &Options::of(kind))).unwrap();
    Collector::start(&[file.path().to_str().unwrap(), "yaml:processors::batch::timeout: 100ms"], &[])
}

/// The carriers of lines.
fn carriers(lines: &[String]) -> Vec<Value> {
    let of = |line: &String| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        ["resourceSpans", "resourceLogs"]
            .into_iter()
            .flat_map(|key| line[key].as_array_mut().map(std::mem::take).unwrap_or_default())
            .collect::<Vec<_>>()
    };
    lines.iter().flat_map(of).collect()
}

/// The lines of one schema URL, each with a carrier of its own.
fn of_url(lines: &[String], url: &str) -> Vec<String> {
    let is = |carrier: &Value| carrier["schemaUrl"].as_str().unwrap_or_default() == url;
    let line = |carrier: Value| {
        let key = if carrier.get("scopeSpans").is_some() { "resourceSpans" } else { "resourceLogs" };
        json!({key: [carrier]}).to_string()
    };
    carriers(lines).into_iter().filter(is).map(line).collect()
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn two_versions_at_the_old_and_the_new_configuration() {
    scruple_fixtures::alone!();
    let [old, new] = both();
    let whole = Counts { whole: [3, 3], ..Counts::default() };
    // Each span and log of a version that is not declared lacks its schema URL; its own event is dropped, and so the span
    // around it lacks one as well.
    let cut = Counts { dropped: [0, 1], cut: [3, 2], ..Counts::default() };
    for joined in [false, true] {
        for order in [[old, new], [new, old]] {
            let collector = if joined {
                start(new, &[old], CollectorKind::Gateway)
            } else {
                start(old, &[], CollectorKind::Gateway)
            };
            let mut before = Counts::default();
            let mut sent = Vec::new();
            for version in order {
                let lines = run(version, &collector.http);
                let counted =
                    wait_for(|| Some(Counts::of(&collector)).filter(|counts| counts.sum() == before.sum() + 6));
                let counted = counted.unwrap_or_else(|| panic!("{:?}", Counts::of(&collector)));
                let expected = if joined || version == old { whole } else { cut };
                assert_eq!(counted.since(&before), expected, "joined: {joined}, {}", version.schema_url);
                before = counted;
                sent.push((version, lines));
            }
            if joined {
                // Under the old schema URL, the new program's records are the old one's, and no more of them is kept.
                let new_lines = sent.iter().find(|(version, _)| *version == new).map(|(_, lines)| lines.as_slice());
                for line in new_lines.unwrap_or_default() {
                    let path = if line.contains("resourceSpans") { "/v1/traces" } else { "/v1/logs" };
                    let line = line.replace(new.schema_url, old.schema_url);
                    assert_eq!(collector.post(path, "application/json", line.as_bytes()), 200);
                }
                let counted = wait_for(|| Some(Counts::of(&collector)).filter(|it| it.sum() == before.sum() + 6));
                assert_eq!(counted.unwrap_or_default().since(&before), cut);
            }
            let left = collector.stop();
            let kept: Vec<_> = left.traces.iter().chain(&left.logs).cloned().collect();
            for (version, lines) in sent {
                let arrived = records(of_url(&kept, version.schema_url).iter().map(String::as_str));
                let wanted = behind_the_gateway(lines.iter().map(String::as_str));
                if joined && version == old {
                    // Beside those that came under its schema URL.
                    assert!(wanted.iter().all(|record| arrived.contains(record)), "{arrived:#?}");
                    assert_eq!(arrived.len(), 6 + 5);
                    for part in ["os.type", "--bytes", "words.new"] {
                        assert!(!arrived.iter().any(|record| record.contains(part)), "{part}: {arrived:#?}");
                    }
                } else if joined || version == old {
                    assert_eq!(arrived, wanted, "{}", version.schema_url);
                }
            }
            if !joined {
                let arrived = of_url(&kept, "");
                let text = arrived.join("\n");
                assert_eq!(records(arrived.iter().map(String::as_str)).len(), 5);
                for (part, times) in [
                    ("os.type", 0),
                    ("--bytes", 0),
                    ("--lines", 1),
                    // The larger number is beyond the old one's maximum, and the old span has none.
                    ("words.files", 0),
                    ("words.new", 0),
                    // On its span and as a log.
                    (r#""words.kept""#, 2),
                    (r#""words.read""#, 1),
                ] {
                    assert_eq!(text.matches(part).count(), times, "{part}: {text}");
                }
            }
            let urls = |url: &str| {
                carriers(&kept).iter().filter(|it| it["schemaUrl"].as_str().unwrap_or_default() == url).count()
            };
            assert_eq!(urls(new.schema_url) > 0, joined);
            assert!(urls(old.schema_url) > 0);
            assert_eq!(urls("") > 0, !joined);
        }
    }
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn the_address_is_kept_for_a_version_that_declares_it() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let [old, new] = both();
    for (old, new) in [(lets(old, false), lets(new, true)), (lets(old, true), lets(new, false))] {
        let collector = start(&new, &[&old], CollectorKind::Gateway);
        let case = &declared::cases(&old, now)[0];
        let mut request = case.sent.clone();
        let urls = [old.schema_url, new.schema_url, "", "https://example.com/schemas/words/3.0.0"];
        for url in urls {
            request["resourceSpans"][0]["schemaUrl"] = url.into();
            assert_eq!(collector.post(case.path, "application/json", request.to_string().as_bytes()), 200);
        }
        let left = collector.stop();
        for version in [&old, &new] {
            let text = of_url(&left.traces, version.schema_url).join("\n");
            assert!(text.contains("words.load"), "{text}");
            assert_eq!(text.contains("client.address"), version.service.client_address, "{text}");
        }
        assert!(!of_url(&left.traces, "").join("\n").contains("client.address"));
    }
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn each_part_that_is_cut_is_counted() {
    let [old, _] = both();
    let collector = start(old, &[], CollectorKind::Gateway);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() * 1_000_000_000;
    let attribute = |key: &str, value: Value| json!({"key": key, "value": value});
    let names = |names: &[&str]| {
        let values: Vec<_> = names.iter().map(|name| json!({"stringValue": name})).collect();
        attribute("words.flags", json!({"arrayValue": {"values": values}}))
    };
    let files = |number: u64| attribute("words.files", json!({"intValue": number.to_string()}));
    let resource = || vec![attribute("service.name", json!({"stringValue": "words"}))];
    let span = |attributes: Vec<Value>, events: Value| {
        let ids = ["5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"];
        json!({"traceId": ids[0], "spanId": ids[1], "name": "words.load", "kind": 1, "startTimeUnixNano": now.to_string(),
               "endTimeUnixNano": now.to_string(), "attributes": attributes, "events": events})
    };
    let event = |name: &str, attributes: Vec<Value>| json!({"name": name, "eventName": name, "timeUnixNano": now.to_string(), "attributes": attributes});
    let check = |schema_url: &str, resource: Vec<Value>, record: Value, [dropped, cut]: [bool; 2]| {
        let (path, carrier, scopes, records) = match record.get("spanId") {
            Some(_) => ("/v1/traces", "resourceSpans", "scopeSpans", "spans"),
            None => ("/v1/logs", "resourceLogs", "scopeLogs", "logRecords"),
        };
        let resource = json!({"attributes": resource});
        let request =
            json!({carrier: [{"resource": resource, "schemaUrl": schema_url, scopes: [{records: [record]}]}]});
        let before = Counts::of(&collector);
        assert_eq!(collector.post(path, "application/json", request.to_string().as_bytes()), 200);
        let after = wait_for(|| Some(Counts::of(&collector)).filter(|it| it.sum() > before.sum())).unwrap();
        let one = |is: bool| if is { [u64::from(path == "/v1/traces"), u64::from(path == "/v1/logs")] } else { [0, 0] };
        let expected = Counts { dropped: one(dropped), cut: one(cut), whole: one(!dropped && !cut) };
        assert_eq!(after.since(&before), expected, "{request}");
    };
    const WHOLE: [bool; 2] = [false, false];
    const CUT: [bool; 2] = [false, true];
    const DROPPED: [bool; 2] = [true, false];
    let url = old.schema_url;
    let more = || attribute("words.more", json!({"boolValue": true}));
    let text = |key: &str| attribute(key, json!({"stringValue": "--lines"}));
    for (attributes, expected) in [
        (vec![names(&["--lines"])], WHOLE),
        (vec![], WHOLE),
        (vec![names(&["--lines", "--bytes"])], CUT),
        (vec![names(&["--lines"]), more()], CUT),
        (vec![more()], CUT),
        (vec![text("words.flags")], CUT),
    ] {
        check(url, resource(), span(attributes, json!([])), expected);
    }
    for (name, attributes, expected) in [
        ("words.read", vec![files(100)], [WHOLE, WHOLE]),
        ("words.read", vec![files(101)], [CUT, CUT]),
        ("words.read", vec![files(1), more()], [CUT, CUT]),
        ("words.more", vec![], [CUT, DROPPED]),
    ] {
        let event = event(name, attributes);
        check(url, resource(), span(vec![], json!([event])), expected[0]);
        check(url, resource(), event, expected[1]);
    }
    for record in [span(vec![], json!([])), event("words.read", vec![])] {
        check("", resource(), record.clone(), WHOLE);
        check("https://example.com/schemas/words/9.0.0", resource(), record.clone(), CUT);
        check(url, [resource(), vec![more()]].concat(), record, CUT);
    }
}

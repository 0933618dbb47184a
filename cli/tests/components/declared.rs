//! Requests with each declared attribute's values, those at the edges and those just beyond, and what may be left of them.

use std::collections::BTreeSet;

use scruple::registry::{Attribute, Expiry, Registry, Signal, Source, SourceFile, Treatment};
use scruple_fixtures::tables::treated;
use serde_json::{Value, json};

/// A request, and the same request as it may arrive, ids aside.
pub struct Case {
    pub path: &'static str,
    pub sent: Value,
    pub arrives: Value,
}

/// Whether a Collector drops what has this end: one by version is the program's own.
pub fn is_over(end: Expiry, now: u64) -> bool {
    Expiry { version: None, ..end }.is_over(now, "")
}

/// One request for each signal, and one for each value of the resource.
pub fn cases(registry: &Registry<'_>, now: u64) -> Vec<Case> {
    let given = [("service.name", registry.service.name), ("session.id", "45e27512-43e8-4c7e-87ac-a6ac25d75a0d")];
    let is_declared = |key: &str| registry.resource.iter().any(|index| registry.attribute(*index).unwrap().key == key);
    let given = given.into_iter().filter(|(key, _)| is_declared(key));
    let whole: Value = given.map(|(key, value)| pair(key, text(value))).collect::<Vec<_>>().into();
    let is_past = |signal: &Signal<'_>| is_over(registry.expiry(Some(signal), None), now);
    let mut all = Vec::new();
    for signal in registry.spans {
        let record = |index, attributes, arrives| span(signal, now, index, attributes, arrives);
        all.push(case(&whole, &whole, "resourceSpans", each(registry, signal, now, record)));
    }
    for signal in registry.events {
        let record = |index, attributes, arrives| log(signal, now, index, attributes, arrives);
        all.push(case(&whole, &whole, "resourceLogs", each(registry, signal, now, record)));
        if let Some(around) = registry.spans.iter().find(|span| !is_past(span)) {
            let record = |index, attributes, arrives| {
                let mut span = span(around, now, index, json!([]), arrives);
                let time = time(signal, now, arrives);
                if !(arrives && is_past(signal)) {
                    span["events"] = json!([{"name": signal.name, "timeUnixNano": time, "attributes": attributes}]);
                }
                span
            };
            all.push(case(&whole, &whole, "resourceSpans", pairs(registry, signal, now, record)));
        }
    }
    for index in registry.resource {
        let attribute = registry.attribute(*index).unwrap();
        let is_gone = is_over(registry.expiry(None, Some(attribute)), now);
        let single = values(registry, attribute).into_iter();
        let single = single.map(|(sent, arrives)| (sent, arrives.filter(|_| !is_gone)));
        let mut resources: Vec<_> = single.map(|(sent, arrives)| attributes(attribute, sent, arrives)).collect();
        if attribute.key == "service.name" {
            let name = |name: Value| pair(attribute.key, name);
            let own = || name(text(registry.service.name));
            let other = pair("os.type", text("linux"));
            for names in [
                vec![own(), name(text("alice"))],
                vec![own(), own()],
                vec![own(), other.clone(), name(text("alice")), other.clone()],
                vec![other, name(json!({})), name(text("alice"))],
            ] {
                resources.push([names.into(), json!([])]);
            }
        }
        for [sent, arrives] in resources {
            // What names another program is dropped with all its records.
            let others = attribute.key == "service.name" && arrives == json!([]);
            let number = |arrives: bool| usize::from(!(arrives && others));
            if let Some(signal) = registry.events.iter().find(|event| !is_past(event)) {
                let record = |arrives| vec![log(signal, now, 0, json!([]), arrives); number(arrives)];
                all.push(case(&sent, &arrives, "resourceLogs", [record(false), record(true)]));
            }
            if let Some(signal) = registry.spans.iter().find(|span| !is_past(span)) {
                let record = |arrives| vec![span(signal, now, 0, json!([]), arrives); number(arrives)];
                all.push(case(&sent, &arrives, "resourceSpans", [record(false), record(true)]));
            }
        }
    }
    all
}

/// A signal's records with one attribute each, as they are sent and as they arrive.
fn each(
    registry: &Registry<'_>,
    signal: &Signal<'_>,
    now: u64,
    record: impl Fn(usize, Value, bool) -> Value,
) -> [Vec<Value>; 2] {
    let [sent, arrives] = pairs(registry, signal, now, record);
    let is_past = is_over(registry.expiry(Some(signal), None), now);
    [sent, if is_past { Vec::new() } else { arrives }]
}

/// The same, for a record that arrives even if the signal is past its end.
fn pairs(
    registry: &Registry<'_>,
    signal: &Signal<'_>,
    now: u64,
    record: impl Fn(usize, Value, bool) -> Value,
) -> [Vec<Value>; 2] {
    let used = signal.attributes.iter().map(|used| registry.attribute(used.attribute).unwrap());
    let mut both = [Vec::new(), Vec::new()];
    for (attribute, (sent, arrives)) in
        used.flat_map(|it| values(registry, it).into_iter().map(move |values| (it, values)))
    {
        let index = both[0].len();
        let is_gone = is_over(registry.expiry(Some(signal), Some(attribute)), now);
        let [sent, arrives] = attributes(attribute, sent, arrives.filter(|_| !is_gone));
        both[0].push(record(index, sent, false));
        both[1].push(record(index, arrives, true));
    }
    both
}

fn attributes(attribute: &Attribute<'_>, sent: Value, arrives: Option<Value>) -> [Value; 2] {
    let arrives: Vec<_> = arrives.map(|value| pair(attribute.key, value)).into_iter().collect();
    [json!([pair(attribute.key, sent)]), arrives.into()]
}

fn pair(key: &str, value: Value) -> Value {
    json!({"key": key, "value": value})
}

fn case(sent: &Value, arrives: &Value, carrier: &'static str, [from, to]: [Vec<Value>; 2]) -> Case {
    let (path, scopes, records) = match carrier {
        "resourceSpans" => ("/v1/traces", "scopeSpans", "spans"),
        _ => ("/v1/logs", "scopeLogs", "logRecords"),
    };
    let request = |resource: &Value, all: Vec<Value>| {
        let scope = json!({"name": "scruple", "version": "0.1.0"});
        json!({carrier: [{"resource": {"attributes": resource}, scopes: [{"scope": scope, records: all}]}]})
    };
    Case { path, sent: request(sent, from), arrives: request(arrives, to) }
}

/// A time within this second.
fn exact(now: u64) -> u64 {
    now * 1_000_000_000 + 123_456_789
}

/// The same, or as the resolution of the signal leaves it.
fn time(signal: &Signal<'_>, now: u64, arrives: bool) -> String {
    if arrives { signal.time.floor(exact(now)) } else { exact(now) }.to_string()
}

/// The end of a span that began a second before, in the same way.
fn end(signal: &Signal<'_>, now: u64, arrives: bool) -> String {
    if arrives { signal.end(signal.time.floor(exact(now - 1)), exact(now - 1), exact(now)) } else { exact(now) }
        .to_string()
}

/// Ids that are text.
fn trace_id(index: usize) -> String {
    format!("alice.liddel{index:04}").bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn span_id(index: usize) -> String {
    format!("alic{index:04}").bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn span(signal: &Signal<'_>, now: u64, index: usize, attributes: Value, arrives: bool) -> Value {
    json!({
        "traceId": trace_id(index),
        "spanId": span_id(index),
        "parentSpanId": if index.is_multiple_of(2) { String::new() } else { span_id(0) },
        "flags": if arrives { 1 } else { 0x101 },
        "name": signal.name,
        "kind": signal.kind as u8,
        "startTimeUnixNano": time(signal, now - 1, arrives),
        "endTimeUnixNano": end(signal, now, arrives),
        "attributes": attributes,
        "status": {"code": index % 3},
    })
}

fn log(signal: &Signal<'_>, now: u64, index: usize, attributes: Value, arrives: bool) -> Value {
    let mut log = json!({
        "timeUnixNano": time(signal, now, arrives),
        "observedTimeUnixNano": time(signal, now, arrives),
        "severityNumber": 9,
        "eventName": signal.name,
        "attributes": attributes,
    });
    if index.is_multiple_of(2) {
        log["traceId"] = trace_id(index).into();
        log["spanId"] = span_id(index).into();
        log["flags"] = 1.into();
    }
    log
}

/// Values of an attribute as they are sent, and what may arrive.
pub fn values(registry: &Registry<'_>, attribute: &Attribute<'_>) -> Vec<(Value, Option<Value>)> {
    let same = |value: Value| (value.clone(), Some(value));
    let texts = |pass: &[&str], stop: &[&str]| {
        let pass = pass.iter().map(|it| same(text(it)));
        pass.chain(stop.iter().map(|it| (text(it), None))).collect::<Vec<_>>()
    };
    let int = |value: i64| json!({"intValue": value.to_string()});
    let mut all = match attribute.treatment {
        Treatment::Boolean => {
            vec![same(json!({"boolValue": true})), same(json!({"boolValue": false})), (text("true"), None)]
        }
        Treatment::IntegerEnum { members, .. } => {
            let number = |member: &&str| member.parse::<i64>().expect("a number");
            let beyond =
                members.iter().flat_map(|member| [number(member).checked_sub(1), number(member).checked_add(1)]);
            let beyond = beyond.flatten().filter(|it| !members.contains(&it.to_string().as_str()));
            let stop = beyond.map(int).chain(members.iter().map(|member| text(member)));
            let pass: Vec<_> = members.iter().map(|member| same(int(number(member)))).collect();
            pass.into_iter().chain(stop.map(|it| (it, None)).collect::<Vec<_>>()).collect()
        }
        Treatment::Enum { members, .. }
        | Treatment::Bucket { members, .. }
        | Treatment::UriScheme { members, .. }
        | Treatment::Agent { members }
        | Treatment::Given { members: members @ [_, ..], .. } => {
            let beyond = members.iter().map(|member| format!("{member} "));
            let beyond: Vec<_> = beyond.filter(|it| !members.contains(&it.as_str())).collect();
            texts(members, &beyond.iter().map(String::as_str).chain([""]).collect::<Vec<_>>())
        }
        Treatment::Names { members } => {
            let list = |names: &mut dyn Iterator<Item = &&str>| json!({"arrayValue": {"values": names.map(|name| text(name)).collect::<Vec<_>>()}});
            let sorted = list(&mut members.iter());
            let with_others = list(&mut members.iter().chain([&"alice", &""]).rev().chain(members));
            let mut all = vec![same(sorted.clone()), (with_others, Some(sorted)), (text(members[0]), None)];
            all.extend(members.iter().map(|name| same(list(&mut std::iter::once(name)))));
            all
        }
        Treatment::Count { max } => {
            let beyond = [-1, max + 1, i64::MAX, i64::MIN].map(|value| (int(value), None));
            [0, 1.min(max), max].map(|value| same(int(value))).into_iter().chain(beyond).collect()
        }
        Treatment::Hash => hex(32),
        Treatment::Sha256 { .. } => hex(64),
        Treatment::Version => texts(
            &["0", "0.8", "1.2.3", "9999.0.0-rc"],
            &["", "1.2.3.4", "01.2", "10000", "1.2.3-alice", "1.2.3\n", "1.2.3-rc.1"],
        ),
        Treatment::Location { files, .. } => {
            // Which files a program has, and how long they are, its own gate knows alone.
            let of = |file: &SourceFile<'_>| {
                let place = |line: u32| format!("{}:{line}", file.path);
                let pass = [place(1), place(file.lines), place(file.lines + 1)].map(|it| same(text(&it)));
                pass.into_iter().chain([place(0), place(1_000_000)].map(|it| (text(&it), None)))
            };
            let others = places().map(|(place, passes)| if passes { same(text(&place)) } else { (text(&place), None) });
            files.iter().flat_map(of).chain(others).collect()
        }
        Treatment::Given { source, members: [] } => match (source, attribute.key) {
            (Source::App, "service.name") => texts(&[registry.service.name], &["scruple-demo ", "alice"]),
            (Source::App, _) => texts(
                &["0.1.0", "16.18.2.33901", "1.0.0-rc.2", "1.0.0-rc2"],
                &["1.0.0+alice", "alice", "1.2.3.4.5", "123456", "1.0.0-alice", "1.0.0-rc.alice"],
            ),
            (Source::Session, _) => texts(
                &["45e27512-43e8-4c7e-87ac-a6ac25d75a0d"],
                &["45e27512-43e8-7c7e-87ac-a6ac25d75a0d", "45E27512-43E8-4C7E-87AC-A6AC25D75A0D", ""],
            ),
            (Source::Installation, _) => texts(&["45e27512-43e8-8c7e-87ac-a6ac25d75a0d"], &["alice"]),
            (Source::System, "os.type") => {
                texts(&["linux", "darwin", "windows", "redox"], &["Linux", "z_os", "linux alice"])
            }
            (Source::System, "os.version") => texts(&["6.12", "10.0"], &["10", "6.12.1", "6.12-alices-laptop"]),
            (Source::System, _) => texts(&["amd64", "arm64", "wasm32"], &["AMD64", "ia64", "alice"]),
            (Source::Runtime, "process.runtime.name") => texts(&["rustc"], &["rustc alice"]),
            (Source::Runtime, _) => texts(&["1.95.0"], &["1.95", "1.97.0-nightly", "1.95.0-alice"]),
        },
    };
    // Never of another type.
    all.push((json!({"doubleValue": 1.0}), None));
    all.push((json!({"bytesValue": "YWxpY2U="}), None));
    all.push((json!({"kvlistValue": {"values": [pair(attribute.key, int(1))]}}), None));
    all
}

/// Places in sources, and whether they have the form of a program's own.
fn places() -> impl Iterator<Item = (String, bool)> {
    let long = "a".repeat(64);
    let eight = "b/".repeat(8);
    let pass = [
        "src/lib.rs:1".to_owned(),
        "src/a_b/c-d/2.pb.rs:999999".to_owned(),
        format!("src/{long}/{long}.rs:1"),
        format!("src/{eight}lib.rs:1"),
    ];
    let registry = "index.crates.io-1949cf8c6b5b557f/serde-1.0.228";
    let stop = [
        format!("/home/alice/.cargo/registry/src/{registry}/src/lib.rs:1"),
        format!("src/{registry}/src/lib.rs:1"),
        format!("src/{registry}/lib.rs:1"),
        format!("src/{long}a/lib.rs:1"),
        format!("src/{long}a.rs:1"),
        format!("src/{eight}b/lib.rs:1"),
    ];
    let others = [
        "src/lib.rs",
        "src/lib.rs:",
        "src/lib.rs:0",
        "src/lib.rs:01",
        "src/lib.rs:-1",
        "src/lib.rs: 1",
        "src/lib.rs:1 ",
        "src/lib.rs:1000000",
        "src/lib.rs:1:2",
        "src/lib.rs:1\n",
        "\nsrc/lib.rs:1",
        "src/lib.rs\n:1",
        "src/lib.rs:1\r",
        "src/libxrs:1",
        "src/lib.RS:1",
        "src/lib.rst:1",
        "src/.rs:1",
        "src/.lib.rs:1",
        "src:1",
        "src/:1",
        "lib.rs:1",
        "/src/lib.rs:1",
        "./src/lib.rs:1",
        "../src/lib.rs:1",
        "~/src/lib.rs:1",
        "cli/src/lib.rs:1",
        "Src/lib.rs:1",
        "src//lib.rs:1",
        "src/./lib.rs:1",
        "src/../lib.rs:1",
        "src/a/../../lib.rs:1",
        "src/.git/lib.rs:1",
        "src\\lib.rs:1",
        "src/a\\lib.rs:1",
        "C:\\src\\lib.rs:1",
        "C:/src/lib.rs:1",
        "\\\\alice\\src\\lib.rs:1",
        "src/alice liddell.rs:1",
        "src/alice@example.org.rs:1",
        "src/a:b.rs:1",
        "src/a-b+c(d)/[x].rs:7",
        "src/é.rs:1",
        "src/\u{1b}[31m.rs:1",
        "src/a\0.rs:1",
        "src/a\tb.rs:1",
        "src/\u{202e}sr.rs:1",
        "src/%2e%2e/lib.rs:1",
        "file:///src/lib.rs:1",
        "library/core/src/option.rs:1",
        "alice src/lib.rs:1",
        "src/lib.rs:1 alice",
        "",
    ];
    let stop = stop.into_iter().chain(others.map(str::to_owned));
    pass.into_iter().map(|place| (place, true)).chain(stop.map(|place| (place, false)))
}

/// The registry of a program that has every file that is named in these texts, in the form of a program's own.
pub fn with_files<'t>(
    registry: &Registry<'static>,
    texts: impl IntoIterator<Item = &'t str>,
) -> &'static Registry<'static> {
    let named = texts.into_iter().flat_map(|text| text.split(r#""stringValue":""#).skip(1));
    let named: BTreeSet<&str> = named.filter_map(|rest| path(rest.split('"').next()?)).collect();
    let file = |path: &str| SourceFile::new(&*path.to_owned().leak(), 999_999);
    let files: &[_] = named.into_iter().map(file).collect::<Vec<_>>().leak();
    let attribute = |attribute: &Attribute<'static>| match attribute.treatment {
        Treatment::Location { root, .. } => treated(attribute, Treatment::Location { files, root }),
        _ => *attribute,
    };
    let attributes = registry.attributes.iter().map(attribute).collect::<Vec<_>>().leak();
    Box::leak(Box::new(registry.attributes(attributes)))
}

/// The path of a place in a program's own sources, by its form.
fn path(place: &str) -> Option<&str> {
    let (path, line) = place.rsplit_once(':')?;
    let is_line = line.len() <= 6 && line.bytes().all(|byte| byte.is_ascii_digit()) && !line.starts_with('0');
    let mut parts: Vec<_> = path.strip_prefix("src/")?.strip_suffix(".rs")?.split('/').collect();
    let name = parts.pop()?;
    let plain = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let sized = |part: &str| !part.is_empty() && part.len() <= 64;
    let folders = parts.len() <= 8 && parts.iter().all(|part| sized(part) && plain(part));
    let file = sized(name) && !name.starts_with('.') && plain(&name.replace('.', ""));
    (is_line && !line.is_empty() && folders && file).then_some(path)
}

fn text(text: &str) -> Value {
    json!({"stringValue": text})
}

fn hex(digits: usize) -> Vec<(Value, Option<Value>)> {
    let pass = "0123456789abcdef".repeat(digits / 16);
    let beyond =
        [pass.to_uppercase(), format!("{pass}0"), pass[1..].to_owned(), format!("{pass}\n"), "g".repeat(digits)];
    std::iter::once((text(&pass), Some(text(&pass)))).chain(beyond.map(|it| (text(&it), None))).collect()
}

//! Written configurations in a real Collector, for registries of every shape: what is declared arrives whole, and
//! nothing else.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::components::forms::found;
use crate::components::planted::{self, Planted};
use crate::components::records::{findings_of, records, whole};
use crate::components::registries::{GROUP, INVENTED, configurations, each, each_group, gateways, lets, written};
use crate::components::several::Several;
use crate::components::{Collector, Jaeger, Left, declared, invented, validate};
use scruple::check::{Format, check_received};
use scruple::registry::{Expiry, Registry, ReleaseNumber, SignalKind};
use scruple_cli::collector_config::{Backend, CollectorKind, Options, generate};
use scruple_cli::demo::usage;

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn every_configuration_is_valid() {
    let headers = CollectorKind::ALL.map(|kind| Options { header: Some("x-real-ip".to_owned()), ..Options::of(kind) });
    let with_backend =
        Backend::ALL.map(|backend| Options { backend: Some(backend), ..Options::of(CollectorKind::Gateway) });
    let options: Vec<_> = CollectorKind::ALL.map(Options::of).into_iter().chain(headers).chain(with_backend).collect();
    let check = |(registry, options): &(&Registry<'_>, &Options)| {
        let file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
        std::fs::write(file.path(), generate(registry, &[], options)).unwrap();
        validate("collector", &[file.path().to_str().unwrap()]);
    };
    let written: Vec<_> = written().into_iter().map(|registry| lets(registry, true)).collect();
    let mut all: Vec<_> = written.iter().flat_map(|it| options.iter().map(move |options| (it, options))).collect();
    let invented: Vec<_> = (0..INVENTED).map(|seed| lets(invented::registry(seed), seed.is_multiple_of(2))).collect();
    all.extend(invented.iter().zip(options.iter().cycle()));
    each(&all, check);
    println!("{} configurations", all.len());
}

/// The records with one value each that were sent to a Collector, and those that arrived: what should have, whole.
fn check_values(registries: &[&'static Registry<'static>]) -> [usize; 2] {
    let all: Vec<_> = registries.iter().map(|registry| declared::cases(registry, now())).collect();
    let collector = Several::start(&gateways(registries));
    for (index, cases) in all.iter().enumerate() {
        for case in cases {
            let body = case.sent.to_string();
            assert_eq!(collector.post(index, case.path, "application/json", body.as_bytes()), 200);
        }
    }
    let [mut sent, mut number] = [0, 0];
    for ((registry, cases), left) in registries.iter().zip(all).zip(collector.stop()) {
        let arrives: Vec<_> = cases.iter().map(|case| case.arrives.to_string()).collect();
        number += whole(&left, arrives.iter().map(String::as_str));
        sent += records(cases.iter().map(|case| case.sent.to_string()).collect::<Vec<_>>().iter().map(String::as_str))
            .len();
        // The reader that shares no code with the writer says the same of a program with these files.
        let registry = declared::with_files(registry, arrives.iter().map(String::as_str));
        assert_eq!(findings_of(registry, SignalKind::Span, &left.traces), BTreeSet::new());
        assert_eq!(findings_of(registry, SignalKind::Event, &left.logs), BTreeSet::new());
    }
    println!("{} registries, {number} of {sent} records with one value each", registries.len());
    [sent, number]
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn every_declared_value_of_any_registry_arrives_whole_and_none_beyond() {
    each_group(|registries| {
        check_values(registries);
    });
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn nothing_past_the_day_of_its_end_passes() {
    let registries: Vec<_> = (0..40).map(invented::past).collect();
    for group in registries.chunks(GROUP) {
        let [sent, arrived] = check_values(group);
        assert!(0 < arrived && arrived < sent, "{arrived} of {sent}");
    }
    // An end by version is the program's: its records arrive.
    let mut service = usage::REGISTRY.service;
    service.expires = Expiry::before(ReleaseNumber::new(0, 0, 0));
    let registry: &Registry<'_> = Box::leak(Box::new(usage::REGISTRY.service(service)));
    assert_eq!(gateways(&[registry]), gateways(&[usage::REGISTRY]));
}

/// Requests with no, one and two events on a span, and logs.
fn requests(registry: &Registry<'_>) -> Vec<Planted> {
    let traces = (0..3).map(|events| planted::traces_of(registry, events, now()));
    traces.chain([planted::logs_of(registry, now())]).collect()
}

/// Posts them in both encodings.
fn post(requests: &[Planted], post: impl Fn(&str, &str, &[u8]) -> u16) {
    for request in requests {
        let path = if request.signal == SignalKind::Span { "/v1/traces" } else { "/v1/logs" };
        assert_eq!(post(path, "application/json", &request.json), 200);
        assert_eq!(post(path, "application/x-protobuf", &request.protobuf), 200);
    }
}

/// What is left of requests with markers, for each registry, and the requests.
fn planted(registries: &[&Registry<'_>], collector: Several) -> Vec<(Vec<Planted>, Left)> {
    let all: Vec<_> = registries.iter().map(|registry| requests(registry)).collect();
    for (index, requests) in all.iter().enumerate() {
        post(requests, |path, content_type, body| collector.post(index, path, content_type, body));
    }
    all.into_iter().zip(collector.stop()).collect()
}

/// Which markers are in a text. No form of one has a comma: each piece between two is searched once, however often it is
/// there.
fn markers<'t>(requests: &'t [Planted], left: &str) -> BTreeSet<&'t str> {
    let distinct: BTreeSet<_> = left.split(',').collect();
    let left = distinct.into_iter().collect::<Vec<_>>().join(",");
    let markers: BTreeSet<_> = requests.iter().flat_map(|request| &request.markers).map(String::as_str).collect();
    found(markers, &left).into_iter().collect()
}

fn all(left: &Left) -> String {
    [left.traces.join("\n"), left.logs.join("\n"), left.log.clone()].join("\n")
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn no_marker_passes_with_any_registry() {
    fn check(registries: &[&Registry<'_>]) {
        let planted = planted(registries, Several::start(&gateways(registries)));
        // Most markers are the same in each: one search for all.
        let (requests, left): (Vec<_>, Vec<_>) = planted.into_iter().unzip();
        let text: Vec<_> = left.iter().map(all).collect();
        let requests: Vec<_> = requests.into_iter().flatten().collect();
        assert_eq!(markers(&requests, &text.join("\n")), BTreeSet::new());
    }
    each_group(check);
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn every_marker_passes_without_the_cleaning_parts() {
    fn check(registries: &[&Registry<'_>]) {
        let mut number = 0;
        for (requests, left) in planted(registries, Several::control(&gateways(registries))) {
            let every: BTreeSet<_> = requests.iter().flat_map(|it| &it.markers).map(String::as_str).collect();
            let passed = markers(&requests, &all(&left));
            assert_eq!(every.difference(&passed).collect::<Vec<_>>(), [&""; 0]);
            number += every.len();
        }
        println!("{} registries, {number} markers", registries.len());
    }
    each_group(check);
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn only_references_to_entities_pass_without_the_last_processor() {
    let registries = written();
    let without = gateways(&registries)
        .iter()
        .map(|text| text.replace("batch, groupbyattrs, transform/schema]", "batch, transform/schema]"))
        .collect::<Vec<_>>();
    for (requests, left) in planted(&registries, Several::start(&without)) {
        let passed = markers(&requests, &all(&left));
        assert!(!passed.is_empty() && passed.iter().all(|it| it.starts_with("planted_entity-")), "{passed:?}");
    }
}

#[test]
#[ignore = "needs Jaeger and the Collector: collector-config/build"]
fn no_marker_reaches_jaeger_behind_a_debugging_collector() {
    fn check(registries: &[&Registry<'_>]) {
        let jaeger = Jaeger::start();
        let collector = Several::debugging(&configurations(registries, CollectorKind::Debug), &jaeger);
        let (requests, left): (Vec<_>, Vec<_>) = planted(registries, collector).into_iter().unzip();
        let services: serde_json::Value = serde_json::from_str(&jaeger.ask("/api/services")).unwrap();
        let services: BTreeSet<_> =
            services["data"].as_array().into_iter().flatten().flat_map(|it| it.as_str()).collect();
        let mut text = vec![services.iter().copied().collect()];
        for registry in registries {
            assert!(registry.spans.is_empty() || services.contains(registry.service.name), "{services:?}");
        }
        for service in services {
            let escaped: String = service.bytes().map(|byte| format!("%{byte:02x}")).collect();
            let shown = jaeger.ask(&format!("/api/traces?limit=1500&service={escaped}"));
            let named = registries.iter().filter(|registry| registry.service.name == service);
            for span in named.flat_map(|registry| registry.spans) {
                assert!(shown.contains(&format!(r#""operationName":"{}""#, span.name)), "{}: {shown}", span.name);
            }
            text.push(shown);
        }
        text.extend(left.iter().map(all));
        text.push(jaeger.kill().log);
        let requests: Vec<_> = requests.into_iter().flatten().collect();
        assert_eq!(markers(&requests, &text.join("\n")), BTreeSet::new());
    }
    each_group(check);
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn the_connections_three_octets_are_kept_if_declared_and_a_claimed_address_is_dropped() {
    fn check(address: bool, options: &Options, schema_url: Option<&str>, expected: &[&str]) {
        let registry = lets(usage::REGISTRY, address);
        let requests = requests(&registry);
        let cases = declared::cases(&registry, now());
        let collector = Collector::of(&registry, options, &[]);
        post(&requests, |path, content_type, body| collector.post(path, content_type, body));
        for case in &cases {
            let sent = of_schema(&case.sent, schema_url.unwrap_or(registry.schema_url)).to_string();
            assert_eq!(collector.post(case.path, "application/json", sent.as_bytes()), 200);
        }
        let left = collector.stop();
        let text = all(&left);
        assert_eq!(markers(&requests, &text), BTreeSet::new());
        let seen: BTreeSet<_> = text.split(r#"{"key":"client.address","value":{"stringValue":""#).skip(1).collect();
        let seen: BTreeSet<_> = seen.into_iter().map(|it| it.split('"').next().unwrap()).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), expected);
        // No more of it is kept than `check` lets a receiver keep, whose program has these files.
        let arrives: Vec<_> = cases.iter().map(|case| case.arrives.to_string()).collect();
        let known = declared::with_files(&registry, arrives.iter().map(String::as_str));
        let undeclared = |signal, lines: &[String]| {
            let of = |line: &String| check_received(&[known], signal, Format::Json, line.as_bytes());
            lines.iter().flat_map(of).filter(|it| it.path.contains(".attributes[")).collect::<Vec<_>>()
        };
        assert_eq!(undeclared(SignalKind::Span, &left.traces), []);
        assert_eq!(undeclared(SignalKind::Event, &left.logs), []);
        // All of it, or nothing: of records with the registry's schema URL.
        let records = cases.iter().map(|case| records([case.arrives.to_string().as_str()]).len()).sum::<usize>();
        let kept = text.matches(r#""client.address""#).count();
        assert_eq!(kept, if expected.is_empty() { 0 } else { records });
    }
    let gateway = Options::of(CollectorKind::Gateway);
    let header = Options { header: Some("x-real-ip".to_owned()), ..gateway.clone() };
    check(false, &gateway, None, &[]);
    check(false, &header, None, &[]);
    check(true, &gateway, None, &["127.0.0.0"]);
    // People who run another version may have been told of another registry.
    for other in ["", "https://example.com/", "https://telemetry.example.com/schemas/scruple-demo/0.9.0"] {
        check(true, &gateway, Some(other), &[]);
    }
    // No such header, and a claim in the record.
    check(true, &header, None, &[]);
}

/// A request with a schema URL at its resources.
fn of_schema(request: &serde_json::Value, schema_url: &str) -> serde_json::Value {
    let mut request = request.clone();
    for carriers in request.as_object_mut().unwrap().values_mut() {
        carriers.as_array_mut().unwrap().iter_mut().for_each(|carrier| carrier["schemaUrl"] = schema_url.into());
    }
    request
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn a_headers_three_octets_are_kept_if_it_is_an_address() {
    let registry = lets(usage::REGISTRY, true);
    let case = &declared::cases(&registry, now())[0];
    let sent = of_schema(&case.sent, registry.schema_url);
    let options = Options { header: Some("x-real-ip".to_owned()), ..Options::of(CollectorKind::Gateway) };
    for (claim, kept) in [
        ("203.0.113.7", Some("203.0.113.0")),
        ("0.0.0.0", Some("0.0.0.0")),
        ("255.249.199.99:65535", Some("255.249.199.0")),
        ("256.0.113.7", None),
        ("999.1.1.1", None),
        ("01.2.3.4", None),
        ("203.0.113.1000", None),
        ("203.0.113", None),
        ("203.0.113.7, 10.0.0.1", None),
        ("alice203.0.113.7", None),
        ("203.0.113.7alice", None),
        ("2001:db8::7", None),
        ("::ffff:203.0.113.7", None),
    ] {
        let collector = Collector::of(&registry, &options, &[]);
        let request =
            crate::components::agent().post(format!("{}{}", collector.http, case.path)).header("X-Real-IP", claim);
        let answer = request.content_type("application/json").send(sent.to_string().as_bytes()).unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        let left = collector.stop();
        let is = all(&left);
        assert_eq!(is.contains("client.address"), kept.is_some(), "{claim}: {is}");
        assert!(kept.is_none_or(|kept| is.contains(&format!(r#"{{"stringValue":"{kept}"}}"#))), "{claim}: {is}");
        let undeclared = |line: &String| check_received(&[&registry], SignalKind::Span, Format::Json, line.as_bytes());
        assert_eq!(left.traces.iter().flat_map(undeclared).collect::<Vec<_>>(), [], "{claim}");
    }
}

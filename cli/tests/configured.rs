//! Written configurations in a real Collector, for registries of every shape: what is declared arrives whole, and
//! nothing else.

mod components;

use std::collections::BTreeSet;
use std::path::Path;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use components::forms::found;
use components::planted::{self, Planted};
use components::records::{NO_BODY, behind_the_gateway, findings_of, records};
use components::{Collector, Jaeger, Left, declared, invented, validate};
use scruple::registry::{Registry, SignalKind};
use scruple_cli::collector_config::{Address, Kind, Options, generate};
use scruple_cli::demo::usage;
use scruple_cli::registry::{self, Sources};

/// How many invented registries are run, and how many are only looked at by the Collector.
const RUN: u64 = 20;
const VALID: u64 = 200;

/// The demo's registry, and those of the tests.
fn written() -> Vec<&'static Registry<'static>> {
    let folders = [
        "../examples/mlnet/telemetry",
        "../examples/mlflow/telemetry",
        "tests/registries/awkward",
        "tests/registries/treatments",
    ];
    let read = folders.map(|folder| {
        let files = vec![("src/main.rs".to_owned(), 40), ("src/usage/a.rs".to_owned(), 3)];
        let sources = Sources { root: "/build/program".to_owned(), files };
        registry::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap().with_sources(sources).leak()
    });
    std::iter::once(usage::REGISTRY).chain(read).collect()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Does something with each of these, two at a time.
fn each<T: Sync>(all: &[T], check: impl Fn(&T) + Sync) {
    let halves = all.split_at(all.len() / 2);
    thread::scope(|scope| {
        scope.spawn(|| halves.0.iter().for_each(&check));
        halves.1.iter().for_each(&check);
    });
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn every_configuration_is_valid() {
    let address = |kind| match kind {
        Kind::GatewayKafka => Address::Cut,
        Kind::EdgeKafka => Address::Header("x-real-ip".to_owned()),
        _ => Address::Connection,
    };
    let plain = Kind::ALL.map(Options::of);
    let with_address = Kind::ALL.map(|kind| Options { address: Some(address(kind)), ..Options::of(kind) });
    let with_backend = Options { backend: true, ..Options::of(Kind::Gateway) };
    let options: Vec<_> = plain.into_iter().chain(with_address).chain([with_backend]).collect();
    let check = |(registry, options): &(&Registry<'_>, &Options)| {
        let file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
        std::fs::write(file.path(), generate(registry, options)).unwrap();
        validate("collector", &[file.path().to_str().unwrap()]);
    };
    let mut all: Vec<_> =
        written().into_iter().flat_map(|it| options.iter().map(move |options| (it, options))).collect();
    all.extend((0..VALID).map(|seed| (invented::registry(seed), &options[seed as usize % options.len()])));
    each(&all, check);
    println!("{} configurations", all.len());
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn every_declared_value_of_any_registry_arrives_whole_and_none_beyond() {
    fn check(registry: &Registry<'_>) {
        let cases = declared::cases(registry, now());
        let collector = Collector::of(registry, &Options::of(Kind::Gateway), &[]);
        for case in &cases {
            assert_eq!(collector.post(case.path, "application/json", case.sent.to_string().as_bytes()), 200);
        }
        let left = collector.stop();
        let arrived = records(left.traces.iter().chain(&left.logs).map(String::as_str));
        let arrives: Vec<_> = cases.iter().map(|case| case.arrives.to_string()).collect();
        let expected = behind_the_gateway(arrives.iter().map(String::as_str));
        let [is, wanted] = [&arrived, &expected].map(|it| it.iter().collect::<BTreeSet<_>>());
        let (more, less) = (is.difference(&wanted).next(), wanted.difference(&is).next());
        assert!(arrived == expected, "{} and {}, first: {more:#?} {less:#?}", arrived.len(), expected.len());
        // The reader that shares no code with the writer says the same.
        assert_eq!(findings_of(registry, SignalKind::Span, &left.traces), BTreeSet::new());
        let events = findings_of(registry, SignalKind::Event, &left.logs);
        assert!(events.iter().all(|it| it == NO_BODY), "{events:?}");
        println!("{} records with one value each", arrived.len());
    }
    let all: Vec<_> = written().into_iter().chain((0..RUN).map(invented::registry)).collect();
    each(&all, |registry| check(registry));
}

/// Requests with no, one and two events on a span, and logs.
fn requests(registry: &Registry<'_>) -> Vec<Planted> {
    let traces = (0..3).map(|events| planted::traces_of(registry, events, now()));
    traces.chain([planted::logs_of(registry, now())]).collect()
}

/// Posts them in both encodings, and says what is left.
fn post(collector: &Collector, requests: &[Planted]) {
    for request in requests {
        let path = if request.signal == SignalKind::Span { "/v1/traces" } else { "/v1/logs" };
        assert_eq!(collector.post(path, "application/json", &request.json), 200);
        assert_eq!(collector.post(path, "application/x-protobuf", &request.protobuf), 200);
    }
}

/// Which markers are in a text. No form of one has a comma: each piece between two is searched once, however often it is
/// there.
fn markers<'t>(requests: &'t [Planted], left: &str) -> BTreeSet<&'t str> {
    let distinct: BTreeSet<_> = left.split(',').collect();
    let left = distinct.into_iter().collect::<Vec<_>>().join(",");
    found(requests.iter().flat_map(|request| &request.markers).map(String::as_str), &left).into_iter().collect()
}

fn all(left: &Left) -> String {
    [left.traces.join("\n"), left.logs.join("\n"), left.log.clone()].join("\n")
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn no_marker_passes_with_any_registry() {
    fn check(registry: &Registry<'_>) {
        let requests = requests(registry);
        let collector = Collector::of(registry, &Options::of(Kind::Gateway), &[]);
        post(&collector, &requests);
        assert_eq!(markers(&requests, &all(&collector.stop())), BTreeSet::new());
    }
    let all: Vec<_> = written().into_iter().chain((0..RUN).map(invented::registry)).collect();
    each(&all, |registry| check(registry));
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn without_the_cleaning_parts_every_marker_passes() {
    fn check(registry: &Registry<'_>) {
        let requests = requests(registry);
        let collector = Collector::control();
        post(&collector, &requests);
        let every: BTreeSet<_> = requests.iter().flat_map(|it| &it.markers).map(String::as_str).collect();
        let passed = markers(&requests, &all(&collector.stop()));
        assert_eq!(every.difference(&passed).collect::<Vec<_>>(), [&""; 0]);
        println!("{} markers", every.len());
    }
    each(&written(), |registry| check(registry));
}

#[test]
#[ignore = "needs Jaeger and the Collector: collector-config/build"]
fn no_marker_reaches_jaeger_behind_a_debugging_collector() {
    let jaeger = Jaeger::start();
    let registry = usage::REGISTRY;
    let requests = requests(registry);
    let collector = Collector::of(registry, &Options::of(Kind::Debug), &[("SCRUPLE_JAEGER_PORT", jaeger.port())]);
    post(&collector, &requests);
    let left = collector.stop();
    let services = jaeger.ask("/api/services");
    let services: serde_json::Value = serde_json::from_str(&services).unwrap();
    let mut shown = services.to_string();
    for service in services["data"].as_array().unwrap() {
        shown += &jaeger.ask(&format!("/api/traces?limit=1500&service={}", service.as_str().unwrap()));
    }
    assert!(shown.contains("demo.load"), "{shown}");
    assert_eq!(markers(&requests, &[all(&left), shown, jaeger.stop().log].join("\n")), BTreeSet::new());
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn three_octets_of_the_connection_are_kept_where_asked_for_and_no_claim() {
    fn check(address: Option<Address>, expected: &[&str]) {
        let registry = usage::REGISTRY;
        let requests = requests(registry);
        let collector = Collector::of(registry, &Options { address, ..Options::of(Kind::Gateway) }, &[]);
        post(&collector, &requests);
        let left = collector.stop();
        let text = all(&left);
        assert_eq!(markers(&requests, &text), BTreeSet::new());
        let seen: BTreeSet<_> = text.split(r#"{"key":"client.address","value":{"stringValue":""#).skip(1).collect();
        let seen: BTreeSet<_> = seen.into_iter().map(|it| it.split('"').next().unwrap()).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), expected);
    }
    check(None, &[]);
    check(Some(Address::Connection), &["127.0.0.0"]);
    // No such header, and a claim in the record.
    check(Some(Address::Header("x-real-ip".to_owned())), &[]);
    check(Some(Address::Cut), &[]);
}

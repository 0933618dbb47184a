//! A real Collector with gateway.yaml: what the program sends passes whole, and nothing else passes.

mod components;

use std::collections::BTreeSet;

use components::planted::{self, Planted, found};
use components::program::{self, PRIVATE, Sent};
use components::records::{behind_the_gateway, findings, records};
use components::{Collector, Left, validate};
use scruple::forward::Forward;
use scruple::registry::SignalKind;

/// What the file exporter writes for a log record that has no body: the one difference to what the program sends that
/// `check` sees. The others it does not judge: ids are hashed, and the schema URL is dropped with its envelope.
const NO_BODY: &str = "body: something where nothing may be";

/// Everything that a Collector left, as one text.
fn all(left: &Left) -> String {
    [left.traces.join("\n"), left.logs.join("\n"), left.log.clone()].join("\n")
}

/// Runs the program against a gateway, and compares what it sent with the gateway's files.
fn check(forward: Forward, endpoint: fn(&Collector) -> &str, span_events: bool) {
    let collector = Collector::gateway();
    let Sent { lines, deliveries } = program::run(endpoint(&collector), forward, span_events);
    assert_eq!((deliveries.sent(), deliveries.waiting()), (program::SPANS + program::EVENTS, 0), "{deliveries:?}");
    let left = collector.stop();
    let arrived = records(left.traces.iter().chain(&left.logs).map(String::as_str));
    assert_eq!(arrived, behind_the_gateway(lines.iter().map(String::as_str)));
    assert_eq!(findings(SignalKind::Span, &left.traces), BTreeSet::new());
    assert_eq!(findings(SignalKind::Event, &left.logs), BTreeSet::from([NO_BODY.to_owned()]));
    assert_eq!(found(PRIVATE, &all(&left)), [""; 0]);
}

/// Posts requests in both encodings, and says which markers are in the files or the log.
fn left_of(collector: Collector, requests: &[Planted]) -> BTreeSet<String> {
    for request in requests {
        let path = if request.signal == SignalKind::Span { "/v1/traces" } else { "/v1/logs" };
        assert_eq!(collector.post(path, "application/json", &request.json), 200);
        assert_eq!(collector.post(path, "application/x-protobuf", &request.protobuf), 200);
    }
    let left = all(&collector.stop());
    let markers = requests.iter().flat_map(|request| &request.markers).map(String::as_str);
    found(markers, &left).into_iter().map(str::to_owned).collect()
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn the_configurations_are_valid() {
    validate("collector", &["gateway.yaml"]);
    validate("collector", &["gateway.yaml", "backend.yaml"]);
    validate("collector", &["jaeger.yaml"]);
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn what_the_program_sends_over_http_arrives_whole() {
    check(Forward::http(), |collector| &collector.http, false);
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn what_the_program_sends_over_grpc_arrives_whole() {
    check(Forward::grpc(), |collector| &collector.grpc, true);
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn no_marker_passes_and_without_the_cleaning_parts_all_do() {
    let now = planted_now();
    let requests = [planted::traces(0, now), planted::traces(1, now), planted::traces(2, now), planted::logs(now)];
    let markers: BTreeSet<_> = requests.iter().flat_map(|request| request.markers.clone()).collect();
    assert_eq!(left_of(Collector::gateway(), &requests), BTreeSet::new());
    let seen = left_of(Collector::control(), &requests);
    assert_eq!(markers.difference(&seen).collect::<Vec<_>>(), [""; 0]);
    println!("{} markers: 0 passed, {} without the cleaning parts", markers.len(), seen.len());
}

fn planted_now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

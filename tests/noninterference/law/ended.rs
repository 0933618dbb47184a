//! What is past its end is in no byte that leaves, for any registry, any time and any program that runs over ends.

use super::program::{self, Program, Variant, run};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use scruple::encode::Format;
use scruple::registry::{Date, Expiry, Registry, ReleaseNumber, SignalKind};
use scruple::testing::Rehearsal;
use scruple_fixtures::source::{Counting, FixedClock};
use serde_json::Value;
use std::cell::Cell;
use std::sync::{Arc, Mutex};
use tracing_subscriber::prelude::*;

const CASES: u32 = 10_000;

/// 2026-09-21T00:00:00Z.
const DAY: Date = Date::new(2026, 9, 21);
const HOUR: u64 = 3_600;

/// What a program sends that starts at this time, in hours after [`DAY`], with eight hours between two looks at the clock.
fn sent(registry: &'static Registry<'static>, program: &Program, hour: u64) -> Vec<(SignalKind, Value)> {
    let requests = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&requests);
    let start = (DAY.days() * 24 + hour) * HOUR * 1_000_000_000;
    let clock = FixedClock::at(start).step(8 * HOUR * 1_000_000_000);
    let rehearsal = Rehearsal::new().clock(clock).random(Counting::spread()).secret([9; 32]);
    let mut builder = scruple::start(registry).rehearsal(rehearsal);
    if program.span_events {
        builder = builder.span_events();
    }
    let take = move |kind, bytes: &[u8]| {
        keep.lock().expect("no panic").push((kind, serde_json::from_slice(bytes).expect("a request is JSON")));
    };
    let telemetry = builder.export(scruple::Exporter::requests(Format::Json, take)).build();
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    tracing::subscriber::with_default(subscriber, || run(program, registry, Variant::One));
    drop(telemetry);
    std::mem::take(&mut *requests.lock().expect("no panic"))
}

/// The record or event with its kind, its name and its time in seconds.
fn carriers(kind: SignalKind, request: &Value) -> Vec<(SignalKind, &str, u64, &Value)> {
    let time =
        |value: &Value| value.as_str().and_then(|text| text.parse::<u64>().ok()).expect("a time") / 1_000_000_000;
    if kind == SignalKind::Event {
        let record = &request["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0];
        return vec![(kind, record["eventName"].as_str().expect("a name"), time(&record["timeUnixNano"]), record)];
    }
    let span = &request["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
    let end = time(&span["endTimeUnixNano"]);
    let events = span["events"].as_array().into_iter().flatten();
    // With its span, an event leaves when that ends.
    let events = events.map(|event| (SignalKind::Event, event["name"].as_str().expect("a name"), end, event));
    std::iter::once((kind, span["name"].as_str().expect("a name"), end, span)).chain(events).collect()
}

/// Ends on the days around the start, by a version before and after the program's, and none.
fn ends() -> impl Strategy<Value = Vec<Expiry>> {
    let day = (0..6_u8).prop_map(|day| Expiry::on(Date::new(2026, 9, 20 + day)));
    let version = prop::sample::select(vec![ReleaseNumber::new(0, 9, 0), ReleaseNumber::new(7, 0, 0)]);
    let end = prop_oneof![3 => Just(Expiry::NEVER), 4 => day, 1 => version.prop_map(Expiry::before)];
    prop::collection::vec(end, 1..12)
}

#[test]
fn what_is_past_its_end_is_not_sent() {
    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    let (left, records) = (Cell::new(0), Cell::new(0));
    let result = runner.run(&(program::programs(), ends(), 0..100_u64), |((spec, program), ends, hour)| {
        let registry = spec.with_ends(&ends).leak();
        let requests = sent(registry, &program, hour);
        for (kind, request) in &requests {
            for (kind, name, seconds, carrier) in carriers(*kind, request) {
                let signal = registry.signals(kind).iter().find(|signal| signal.name == name).expect("declared");
                let is_over = |end: Expiry| end.is_over(seconds, registry.service.version);
                prop_assert!(!is_over(registry.expiry(Some(signal), None)), "{name}: {request:#}");
                for attribute in carrier["attributes"].as_array().into_iter().flatten() {
                    let declared = registry.attributes.iter().find(|declared| attribute["key"] == declared.key);
                    prop_assert!(
                        !is_over(registry.expiry(Some(signal), declared)),
                        "{attribute} of {name}: {request:#}"
                    );
                }
                records.set(records.get() + 1);
            }
        }
        left.set(left.get() + u32::from(!requests.is_empty()));
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
    println!("{} of {CASES} left something, {} records", left.get(), records.get());
    assert!(left.get() > CASES / 3, "too few cases leave anything: {}", left.get());
}

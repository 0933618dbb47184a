//! Law 1, noninterference: two runs with the same clock and random source that differ only in undeclared content send
//! identical requests, for any registry and any program, in both encodings.
//!
//! The clock and the random source count how often they are asked, so that undeclared content that only moves one of
//! them shows too.

mod ended;
#[cfg(unix)]
mod forked;
mod narrowed;
mod program;
mod registry;

use program::{Program, Variant, run};
use proptest::test_runner::{Config, TestRunner};
use registry::KINDS;
use scruple::encode::Format;
use scruple::registry::{Registry, SignalKind};
use scruple::testing::Rehearsal;
use scruple_fixtures::{
    alone,
    source::{Counting, FixedClock},
};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tracing_subscriber::prelude::*;

const CASES: u32 = 10_000;

type Requests = Vec<(SignalKind, Vec<u8>)>;

/// What one variant of a program sends.
fn sent(registry: &'static Registry<'static>, program: &Program, variant: Variant, format: Format) -> Requests {
    sent_by(registry, registry, program, variant, format)
}

/// What one variant of a program sends whose tables are others than those that it was written for.
fn sent_by(
    tables: &'static Registry<'static>,
    registry: &'static Registry<'static>,
    program: &Program,
    variant: Variant,
    format: Format,
) -> Requests {
    let requests = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&requests);
    let fixed = Rehearsal::new()
        .clock(FixedClock::at(1_790_000_000_000_000_000).step(1_500_000_001))
        .random(Counting::spread())
        .secret([9; 32]);
    let mut builder = scruple::start(tables).rehearsal(fixed);
    if program.span_events {
        builder = builder.span_events();
    }
    let take = move |kind, bytes: &[u8]| keep.lock().expect("no panic").push((kind, bytes.to_vec()));
    let telemetry = builder.export(scruple::Exporter::requests(format, take)).build();
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    // Half of the programs have a neighbour that sees everything, so that undeclared spans are really made.
    if program.neighbour {
        tracing::subscriber::with_default(subscriber.with(Neighbour), || run(program, registry, variant));
    } else {
        tracing::subscriber::with_default(subscriber, || run(program, registry, variant));
    }
    drop(telemetry);
    std::mem::take(&mut *requests.lock().expect("no panic"))
}

struct Neighbour;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Neighbour {}

/// How often each treatment and carrier was on the wire.
fn count(registry: &Registry<'_>, requests: &Requests, counts: &mut BTreeMap<&'static str, u64>) {
    for (kind, line) in requests {
        let value: serde_json::Value = serde_json::from_slice(line).expect("a request is JSON");
        let (resource, record) = match kind {
            SignalKind::Span => (&value["resourceSpans"][0], &value["resourceSpans"][0]["scopeSpans"][0]["spans"][0]),
            SignalKind::Event => {
                (&value["resourceLogs"][0], &value["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0])
            }
        };
        let mut add = |what| *counts.entry(what).or_default() += 1;
        add(if *kind == SignalKind::Span { "carrier: span" } else { "carrier: log" });
        if resource["resource"]["attributes"].as_array().is_some_and(|list| !list.is_empty()) {
            add("carrier: resource");
        }
        for (field, carrier) in [("parentSpanId", "carrier: parent"), ("status", "carrier: status")] {
            if record.get(field).is_some() {
                add(carrier);
            }
        }
        if *kind == SignalKind::Event && record.get("traceId").is_some() {
            add("carrier: log in a trace");
        }
        let events = record["events"].as_array().into_iter().flatten();
        let carriers = std::iter::once((record, "carrier: record")).chain(events.map(|e| (e, "carrier: span event")));
        for (carrier, name) in carriers {
            add(name);
            for attribute in carrier["attributes"].as_array().into_iter().flatten() {
                let key = attribute["key"].as_str().expect("a key");
                let declared = registry.attributes.iter().find(|declared| declared.key == key).expect("declared");
                add(registry::kind(&declared.treatment));
            }
        }
    }
}

#[test]
fn undeclared_content_changes_no_byte() {
    // Half of the programs have no neighbour, and no other test may be one.
    alone!();
    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    let counts = Mutex::new(BTreeMap::new());
    let (cases, left, records) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let result = runner.run(&program::programs(), |(spec, program)| {
        let registry = spec.leak();
        let one = sent(registry, &program, Variant::One, Format::Json);
        let other = sent(registry, &program, Variant::Other, Format::Json);
        assert_eq!(show(&one), show(&other), "JSON");
        let one_protobuf = sent(registry, &program, Variant::One, Format::Protobuf);
        let other_protobuf = sent(registry, &program, Variant::Other, Format::Protobuf);
        assert_eq!(one_protobuf, other_protobuf, "protobuf");
        assert_eq!(one.len(), one_protobuf.len());
        count(registry, &one, &mut counts.lock().expect("no panic"));
        cases.set(cases.get() + 1);
        records.set(records.get() + one.len());
        left.set(left.get() + u32::from(!one.is_empty()));
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
    let counts = counts.into_inner().expect("no panic");
    println!("{} cases, {} of them left something, {} records", cases.get(), left.get(), records.get());
    counts.iter().for_each(|(what, count)| println!("{count:>8}  {what}"));
    assert!(left.get() * 2 >= cases.get(), "at least half of the cases leave something");
    let carriers = ["span", "log", "resource", "parent", "status", "log in a trace", "record", "span event"];
    for what in KINDS.iter().map(|kind| (*kind).to_owned()).chain(carriers.map(|name| format!("carrier: {name}"))) {
        assert!(counts.get(what.as_str()).is_some_and(|count| *count >= 100), "{what} was hit too seldom");
    }
}

fn show(requests: &Requests) -> Vec<String> {
    requests.iter().map(|(_, line)| String::from_utf8_lossy(line).into_owned()).collect()
}

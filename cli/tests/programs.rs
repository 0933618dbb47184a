//! What the gate lets through and what a Collector lets through agree: the records of random programs arrive whole.

mod components;
#[path = "../../tests/doors/program.rs"]
mod program;
#[path = "../../tests/doors/registry.rs"]
mod registry;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use components::Collector;
use components::program::Door;
use components::records::{behind_the_gateway, records};
use program::{Step, Undeclared, programs, run};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use registry::REGISTRY;
use scruple::encode::Format;
use scruple::privacy::{Clean, Record, Sink};
use scruple::testing::Rehearsal;
use scruple_cli::collector_config::{Kind, Options};
use tracing_subscriber::prelude::*;

/// How many programs, each through both doors, with their events on their spans and without.
const PROGRAMS: usize = 300;

/// Records end in the copy.
struct Nowhere;

impl Sink for Nowhere {
    fn accept(&self, _: &Clean<Record>) {}
}

/// The requests that a program's records make.
fn lines(program: &[Step], door: Door, span_events: bool) -> Vec<String> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&lines);
    let copy = move |_, line: &[u8]| keep.lock().unwrap().push(String::from_utf8(line.to_vec()).unwrap());
    let builder = scruple::start(&REGISTRY).rehearsal(Rehearsal::new()).opt_in("s.extra").sink(Nowhere);
    let builder = builder.copy(Format::Json, copy);
    let telemetry = if span_events { builder.span_events() } else { builder }.build();
    let act = || run(program, Undeclared::Loud);
    let subscriber = tracing_subscriber::registry();
    match door {
        Door::Layer => tracing::subscriber::with_default(subscriber.with(telemetry.layer()), act),
        Door::Sdk => tracing::subscriber::with_default(subscriber.with(telemetry.otel_layers()), act),
    }
    drop(telemetry);
    std::mem::take(&mut *lines.lock().unwrap())
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn the_records_of_random_programs_arrive_whole() {
    let mut runner = TestRunner::deterministic();
    let mut all = Vec::new();
    for _ in 0..PROGRAMS {
        let program = programs().new_tree(&mut runner).unwrap().current();
        for door in [Door::Layer, Door::Sdk] {
            for span_events in [false, true] {
                all.extend(lines(&program, door, span_events));
            }
        }
    }
    assert!(all.len() > PROGRAMS, "{} records", all.len());
    let collector = Collector::of(&REGISTRY, &Options::of(Kind::Gateway), &[]);
    for line in &all {
        let path = if line.starts_with(r#"{"resourceSpans""#) { "/v1/traces" } else { "/v1/logs" };
        assert_eq!(collector.post(path, "application/json", line.as_bytes()), 200);
    }
    let left = collector.stop();
    let arrived = records(left.traces.iter().chain(&left.logs).map(String::as_str));
    let expected = behind_the_gateway(all.iter().map(String::as_str));
    let [is, wanted] = [&arrived, &expected].map(|it| it.iter().collect::<BTreeSet<_>>());
    let (more, less) = (is.difference(&wanted).next(), wanted.difference(&is).next());
    assert!(arrived == expected, "{} and {}, first: {more:#?} {less:#?}", arrived.len(), expected.len());
    println!("{} records", arrived.len());
}

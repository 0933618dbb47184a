//! What the gate lets through and what a Collector lets through agree: the records of random programs arrive whole.

#[path = "../../../tests/noninterference/doors/program.rs"]
mod program;
#[path = "../../../tests/noninterference/doors/registry.rs"]
mod registry;

use std::sync::{Arc, Mutex};

use crate::components::invented::{Dice, GIVEN, GRAINS, KINDS};
use crate::components::program::Door;
use crate::components::records::whole;
use crate::components::registries::gateways;
use crate::components::several::Several;
use program::{Ends, Step, Undeclared, programs, run};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use registry::REGISTRY;
use scruple::encode::Format;
use scruple::privacy::{Clean, Record, Sink};
use scruple::registry::{AttributeRef, Registry, RequirementLevel, Signal, Treatment};
use scruple::testing::Rehearsal;
use scruple_fixtures::tables::{given, treated};
use tracing_subscriber::prelude::*;

/// How many registries, beside the one with every treatment as it is.
const VARIED: u64 = 24;

/// How many programs of the first, and of each other, through both doors, with their events on their spans and without.
const PROGRAMS: [usize; 2] = [300, 40];

/// Records end in the copy.
struct Nowhere;

impl Sink for Nowhere {
    fn accept(&self, _: &Clean<Record>) {}
}

/// The requests that a program's records make.
fn lines(registry: &'static Registry<'static>, program: &[Step], door: Door, span_events: bool) -> Vec<String> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&lines);
    let copy = move |_, line: &[u8]| keep.lock().unwrap().push(String::from_utf8(line.to_vec()).unwrap());
    let builder = scruple::start(registry).rehearsal(Rehearsal::new()).opt_in("s.extra").export(Nowhere);
    let builder = builder.tee(Format::Json, copy);
    let telemetry = if span_events { builder.span_events() } else { builder }.build();
    let act = || run(program, Undeclared::Loud, Ends::AsTold);
    let subscriber = tracing_subscriber::registry();
    match door {
        Door::Layer => tracing::subscriber::with_default(subscriber.with(telemetry.layer()), act),
        Door::Sdk => tracing::subscriber::with_default(subscriber.with(telemetry.otel_layers()), act),
    }
    drop(telemetry);
    std::mem::take(&mut *lines.lock().unwrap())
}

/// The registry of the doors with other treatments, grains, kinds, limits and levels, and a resource.
fn varied(seed: u64) -> &'static Registry<'static> {
    let mut dice = Dice::of(seed);
    let mut attributes: Vec<_> = REGISTRY
        .attributes
        .iter()
        .map(|attribute| treated(attribute, REGISTRY.attributes[dice.below(12)].treatment))
        .chain(GIVEN.iter().map(|(key, source)| given(key, *source)))
        .collect();
    attributes.sort_by_key(|attribute| attribute.key);
    let is_given = |index: &u16| matches!(attributes[usize::from(*index)].treatment, Treatment::Given { .. });
    let all = 0..u16::try_from(attributes.len()).unwrap();
    let resource: Vec<_> = all.clone().filter(is_given).filter(|_| dice.below(3) > 0).collect();
    let recorded: Vec<_> = all.filter(|index| !is_given(index)).collect();
    let mut signals = |of: &[Signal<'static>]| {
        let signal = |signal: &Signal<'static>| {
            let used = recorded.iter().filter(|_| dice.below(4) > 0).copied().collect::<Vec<_>>();
            let used = used.into_iter().map(|attribute| {
                AttributeRef::new(
                    attribute,
                    dice.one(&[RequirementLevel::Required, RequirementLevel::Recommended, RequirementLevel::OptIn]),
                )
            });
            let attributes: &[_] = used.collect::<Vec<_>>().leak();
            let at_most = dice.one(&[1, 2, 5, u32::MAX]);
            signal
                .attributes(attributes)
                .time(dice.one(&GRAINS))
                .duration(dice.one(&GRAINS))
                .kind(dice.one(&KINDS))
                .at_most(at_most)
        };
        of.iter().map(signal).collect::<Vec<_>>().leak()
    };
    let (spans, events) = (signals(REGISTRY.spans), signals(REGISTRY.events));
    Box::leak(Box::new(REGISTRY.attributes(attributes.leak()).resource(resource.leak()).spans(spans).events(events)))
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn the_records_of_random_programs_arrive_whole() {
    // Other tests' subscribers have a say in which undeclared spans there are.
    scruple_fixtures::alone!();
    let mut runner = TestRunner::deterministic();
    let registries: Vec<_> = std::iter::once(&REGISTRY).chain((0..VARIED).map(varied)).collect();
    let collector = Several::start(&gateways(&registries));
    let recorded = registries.iter().enumerate().map(|(index, registry)| {
        assert_eq!(registry.validate(), Ok(()));
        let mut all = Vec::new();
        for _ in 0..PROGRAMS[index.min(1)] {
            let program = programs().new_tree(&mut runner).unwrap().current();
            for door in [Door::Layer, Door::Sdk] {
                for span_events in [false, true] {
                    all.extend(lines(registry, &program, door, span_events));
                }
            }
        }
        assert!(all.len() > PROGRAMS[index.min(1)], "{} records", all.len());
        for line in &all {
            let path = if line.starts_with(r#"{"resourceSpans""#) { "/v1/traces" } else { "/v1/logs" };
            assert_eq!(collector.post(index, path, "application/json", line.as_bytes()), 200);
        }
        all
    });
    let recorded: Vec<_> = recorded.collect();
    let arrived =
        collector.stop().into_iter().zip(&recorded).map(|(left, all)| whole(&left, all.iter().map(String::as_str)));
    println!("{} registries, {} records", registries.len(), arrived.sum::<usize>());
}

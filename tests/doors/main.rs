//! The same program through both doors gives the same records.

mod program;
mod registry;

use program::{Step, programs, run};
use proptest::prelude::*;
use registry::REGISTRY;
use scruple::Telemetry;
use scruple::identity::{Random, Secret};
use scruple::privacy::{Clean, Ids, Record, Sink, Status, Value, Withheld};
use scruple::testing::Rehearsal;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tracing_subscriber::prelude::*;

/// A record without its times, which are not the same clock's.
#[derive(Debug, PartialEq)]
struct Seen {
    name: &'static str,
    ids: Ids,
    status: Status,
    attributes: Vec<(&'static str, Value)>,
    events: Vec<Seen>,
}

#[derive(Clone, Default)]
struct Keep(Arc<Mutex<Vec<Seen>>>);

impl Sink for Keep {
    fn accept(&self, record: &Clean<Record>) {
        self.0.lock().unwrap().push(seen(record));
    }
}

fn seen(record: &Record) -> Seen {
    Seen {
        name: record.signal().name,
        ids: record.ids(),
        status: record.status(),
        attributes: record.attributes().map(|(_, attribute, value)| (attribute.key, value)).collect(),
        events: record.events().iter().map(seen).collect(),
    }
}

/// Another number each time, the same ones in each run.
#[derive(Default)]
struct Counting(AtomicU64);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::Relaxed) + 1;
            chunk.copy_from_slice(&next.to_be_bytes()[8 - chunk.len()..]);
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Door {
    Layer,
    Sdk,
}

/// Undeclared spans exist for both doors: without anybody who wants them, `tracing` does not make them at all, and a
/// span with such an explicit parent is a root.
struct Neighbour;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Neighbour {}

fn through(door: Door, program: &[Step], span_events: bool) -> (Vec<Seen>, Vec<(Withheld, u64)>) {
    let keep = Keep::default();
    let rehearsal = Rehearsal::new().random(Counting::default()).secret(Secret::new([7; 32]));
    let builder = scruple::start(&REGISTRY).rehearsal(rehearsal).sink(keep.clone());
    let telemetry = if span_events { builder.span_events() } else { builder }.build();
    let act = || run(program);
    let subscriber = tracing_subscriber::registry().with(Neighbour);
    match door {
        Door::Layer => tracing::subscriber::with_default(subscriber.with(telemetry.layer()), act),
        Door::Sdk => tracing::subscriber::with_default(subscriber.with(telemetry.otel_layers()), act),
    }
    let records = std::mem::take(&mut *keep.0.lock().unwrap());
    (records, withheld(&telemetry))
}

/// What was withheld, as far as both doors count the same: only the gate counts undeclared signals, and only the layer
/// reads what is later recorded on a span that is over its limit.
fn withheld(telemetry: &Telemetry) -> Vec<(Withheld, u64)> {
    let withheld = telemetry.withheld();
    match withheld.get(Withheld::OverLimit) {
        0 => withheld.iter().filter(|(why, _)| *why != Withheld::UndeclaredSignal).collect(),
        count => vec![(Withheld::OverLimit, count)],
    }
}

static LEFT: AtomicUsize = AtomicUsize::new(0);
static RECORDS: AtomicUsize = AtomicUsize::new(0);

#[test]
fn both_doors_give_the_same_records() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1_000);
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) };
    proptest!(config, |(program in programs(), span_events in any::<bool>())| {
        let layer = through(Door::Layer, &program, span_events);
        let sdk = through(Door::Sdk, &program, span_events);
        RECORDS.fetch_add(layer.0.len(), Ordering::Relaxed);
        LEFT.fetch_add(usize::from(!layer.0.is_empty()), Ordering::Relaxed);
        prop_assert_eq!(layer, sdk);
    });
    let (left, records) = (LEFT.load(Ordering::Relaxed), RECORDS.load(Ordering::Relaxed));
    println!("{cases} programs, {left} of which left something, {records} records");
    assert!(left * 2 >= cases as usize);
}

//! The same program through both doors gives the same records, whatever else it does.
//!
//! The interest in a callsite is that of all subscribers of the process: with another test's, undeclared spans exist
//! where there are none otherwise. So each test here has a process of its own.

mod program;
pub mod registry;

use crate::dispatch;
use crate::stacks::{self, Deed, Stack, stacks};
use program::{Ends, Step, Undeclared, programs, run};
use proptest::prelude::*;
use registry::REGISTRY;
use scruple::Telemetry;
use scruple::privacy::{Clean, DropReason, Ids, Record, Sink, SpanStatus, Value};
use scruple::testing::Rehearsal;
use scruple_fixtures::{alone, source::Counting};
use std::cell::Cell;
use std::sync::{Arc, Mutex};
use tracing::Level;
use tracing_subscriber::prelude::*;

/// A record without its times, which are not the same clock's.
#[derive(Debug, PartialEq)]
struct Seen {
    name: &'static str,
    ids: Ids,
    status: SpanStatus,
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
        attributes: record.attributes().map(|(_, attribute, value)| (attribute.key, *value)).collect(),
        events: record.events().iter().map(seen).collect(),
    }
}

#[derive(Debug, Clone, Copy)]
enum Door {
    Layer,
    Sdk,
}

fn through(
    door: Door,
    stack: Stack,
    program: &[Step],
    (undeclared, ends): (Undeclared, Ends),
    span_events: bool,
) -> (Vec<Seen>, Vec<(DropReason, u64)>) {
    let keep = Keep::default();
    let rehearsal = Rehearsal::new().random(Counting::up()).secret([7; 32]);
    let builder = scruple::start(&REGISTRY).rehearsal(rehearsal).export(keep.clone());
    let telemetry = if span_events { builder.span_events() } else { builder }.build();
    let act = || run(program, undeclared, ends);
    let dispatch = match door {
        Door::Layer => dispatch!(stack, telemetry.layer()),
        Door::Sdk => dispatch!(stack, telemetry.otel_layers()),
    };
    tracing::dispatcher::with_default(&dispatch, act);
    let mut records = std::mem::take(&mut *keep.0.lock().unwrap());
    // When a span closes depends on undeclared spans around it, whose callsites `tracing` may ask once for both doors.
    records.sort_by_key(|seen| (seen.ids.trace, seen.ids.span));
    (records, withheld(&telemetry))
}

/// What was withheld, as far as both doors count the same: only the gate counts undeclared signals, and only the layer
/// reads what is later recorded on a span that is over its limit.
fn withheld(telemetry: &Telemetry) -> Vec<(DropReason, u64)> {
    let withheld = telemetry.drop_counts();
    match withheld.get(DropReason::OverLimit) {
        0 => withheld.iter().filter(|(why, _)| *why != DropReason::UndeclaredSignal).collect(),
        count => vec![(DropReason::OverLimit, count)],
    }
}

/// Checks any programs, of which at least half must leave something.
fn check(holds: impl Fn(Stack, &[Step], bool) -> (Vec<Seen>, Result<(), TestCaseError>)) {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1_000);
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) };
    let (left, records) = (Cell::new(0), Cell::new(0));
    proptest!(config, |(stack in stacks(), program in programs(), span_events in any::<bool>())| {
        let (seen, result) = holds(stack, &program, span_events);
        left.set(left.get() + u32::from(!seen.is_empty()));
        records.set(records.get() + seen.len());
        result?;
    });
    println!("{cases} programs, {} of which left something, {} records", left.get(), records.get());
    assert!(left.get() * 2 >= cases);
}

#[test]
fn both_doors_give_the_same_records() {
    alone!();
    check(|stack, program, span_events| {
        let layer = through(Door::Layer, stack, program, (Undeclared::Loud, Ends::AsTold), span_events);
        let sdk = through(Door::Sdk, stack, program, (Undeclared::Loud, Ends::AsTold), span_events);
        let same = (|| {
            prop_assert_eq!(&layer, &sdk);
            Ok(())
        })();
        (layer.0, same)
    });
}

/// Nor does what stands in the subscriber: no record is lost, and none has another parent.
#[test]
fn undeclared_content_changes_no_record() {
    alone!();
    check(|stack, program, span_events| {
        let (quiet, _) = through(Door::Layer, Stack::Alone, program, (Undeclared::Quiet, Ends::Last), span_events);
        let same = [Door::Layer, Door::Sdk].into_iter().try_for_each(|door| {
            let (loud, _) = through(door, stack, program, (Undeclared::Loud, Ends::Last), span_events);
            prop_assert_eq!(&loud, &quiet, "{:?}", door);
            Ok(())
        });
        (quiet, same)
    });
}

/// A program that asks before it makes something dear goes on as it did. (The bridge from `log` goes by the most verbose
/// level of all, and what is declared may have any.)
#[test]
fn no_layer_changes_the_result_of_the_enabled_macros() {
    alone!();
    let answers = || {
        [
            tracing::enabled!(Level::INFO),
            tracing::enabled!(Level::DEBUG),
            tracing::span_enabled!(Level::INFO),
            tracing::event_enabled!(Level::DEBUG),
        ]
    };
    Deed::AskLog.act();
    for wanted in stacks::WANTED {
        let formatter = || tracing_subscriber::registry().with(stacks::formatter_of(wanted));
        let telemetry = scruple::start(&REGISTRY).rehearsal(Rehearsal::new()).export(Keep::default()).build();
        let without = tracing::subscriber::with_default(formatter(), answers);
        assert_eq!(
            tracing::subscriber::with_default(formatter().with(telemetry.layer()), answers),
            without,
            "{wanted}"
        );
        let sdk = formatter().with(telemetry.otel_layers());
        assert_eq!(tracing::subscriber::with_default(sdk, answers), without, "{wanted}");
    }
}

//! What comes back from the disk: a line is the encoder's own or refused, and only what is declared now leaves.

mod damage;
mod hostile;
mod json;
mod narrow;
#[path = "../../noninterference/law/program.rs"]
#[expect(dead_code, reason = "one variant is enough")]
mod program;
#[path = "../../noninterference/law/registry.rs"]
#[expect(dead_code, reason = "nothing is counted here")]
mod registry;
mod values;

use crate::otlp::tables::REGISTRIES;
use program::{Program, Variant, run};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;
use scruple::check::{Finding, Format as Read, check as second_opinion};
use scruple::encode::{Encoder, Format};
use scruple::privacy::{Clean, Declarations, DropCounts, Record, Resource, Sink};
use scruple::registry::{Registry, SignalKind};
use scruple::testing::Rehearsal;
use scruple::upload::{LineRefused, readmit_line};
use scruple_fixtures::source::{Counting, FixedClock};
use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use tracing_subscriber::prelude::*;

/// How many lines are changed in one place.
const CASES: u32 = 10_000;

/// How many programs write lines where all of these are looked at: about 10,000 lines.
const PROGRAMS: u32 = 2_500;

/// The registries of a program, and what its author opted in to.
#[derive(Debug, Clone)]
pub struct Joined {
    pub registries: Vec<&'static Registry<'static>>,
    pub opt_in: Vec<String>,
}

impl Joined {
    pub fn terms(&self) -> Declarations<'_> {
        let version = self.registries.first().map_or("", |registry| registry.service.version);
        Declarations::all(&self.registries, &self.opt_in, version)
    }
}

/// One record as it was written.
pub struct Line {
    pub resource: Clean<Resource>,
    pub record: Clean<Record>,
    pub json: Vec<u8>,
    pub protobuf: Vec<u8>,
}

struct Keep(Clean<Resource>, Encoder, Arc<Mutex<Vec<Line>>>);

impl Sink for Keep {
    fn accept(&self, record: &Clean<Record>) {
        let [json, protobuf] = encoded(&self.1, record);
        self.2.lock().unwrap().push(Line { resource: self.0.clone(), record: record.clone(), json, protobuf });
    }
}

fn encoded(encoder: &Encoder, record: &Clean<Record>) -> [Vec<u8>; 2] {
    [Format::Json, Format::Protobuf].map(|format| {
        let mut out = Vec::new();
        encoder.request(format, record.kind(), [record], &mut out);
        out
    })
}

/// What a program leaves on the disk.
fn lines(joined: &Joined, program: &Program) -> Vec<Line> {
    let [first, rest @ ..] = joined.registries.as_slice() else { panic!("a registry") };
    let all = Arc::new(Mutex::new(Vec::new()));
    let fixed = Rehearsal::new()
        .clock(FixedClock::at(1_790_000_000_000_000_000).step(1_500_000_001))
        .random(Counting::spread());
    let mut builder = scruple::start(first).rehearsal(fixed.secret([9; 32]));
    builder = rest.iter().fold(builder, |builder, registry| builder.library(registry));
    builder = joined.opt_in.iter().fold(builder, |builder, key| builder.opt_in(key));
    builder = if program.span_events { builder.span_events() } else { builder };
    let keep = Arc::clone(&all);
    let telemetry = builder
        .export(scruple::Exporter::open(move |opening| {
            let encoder = Encoder::new(opening.resource, opening.registries);
            Ok(Box::new(Keep(opening.resource.clone(), encoder, keep)))
        }))
        .build();
    let last = rest.last().unwrap_or(first);
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    tracing::subscriber::with_default(subscriber, || run(program, last, Variant::One));
    drop(telemetry);
    std::mem::take(&mut *all.lock().unwrap())
}

/// A program of any registry, alone or joined to one with every treatment and resource.
fn joined() -> impl Strategy<Value = (Joined, Program)> {
    (program::programs(), any::<bool>(), any::<bool>()).prop_map(|((spec, program), alone, opted_in)| {
        let registries = if alone { vec![spec.leak()] } else { vec![REGISTRIES[0], spec.leak()] };
        let opt_in = if opted_in { (0..12).map(|index| format!("k.{index:02}")).collect() } else { Vec::new() };
        (Joined { registries, opt_in }, program)
    })
}

/// What may leave of a line, which holds nothing undeclared.
struct Out {
    resource: Clean<Resource>,
    record: Clean<Record>,
    json: Vec<u8>,
    protobuf: Vec<u8>,
    /// How much was dropped.
    counted: u64,
}

/// Readmits a line, and asks the second opinion of what is left in both encodings.
#[track_caller]
fn readmitted(line: &[u8], joined: &Joined) -> Result<Out, LineRefused> {
    let tally = DropCounts::default();
    let (resource, record) = readmit_line(line, &joined.terms(), &tally)?;
    let [json, protobuf] = with_encoder(&resource, &joined.registries, |encoder| encoded(encoder, &record));
    for (format, bytes) in [(Read::Json, &json), (Read::Protobuf, &protobuf)] {
        assert_eq!(findings(joined, record.kind(), format, bytes), [], "{}", String::from_utf8_lossy(line));
    }
    // What objects to the line has nothing to object to in what is sent: then they are not the same.
    let objects = !findings(joined, record.kind(), Read::Json, line).is_empty();
    assert!(!objects || json != line, "{}", String::from_utf8_lossy(line));
    let counted = tally.iter().map(|(_, count)| count).sum();
    Ok(Out { resource, record, json, protobuf, counted })
}

/// The last encoder again if it is one of this resource and these registries: the lines of a program have one resource,
/// and an encoder takes longer to make than a line to encode.
fn with_encoder<T>(
    resource: &Clean<Resource>,
    registries: &[&'static Registry<'static>],
    act: impl FnOnce(&Encoder) -> T,
) -> T {
    type Last = Option<(Clean<Resource>, Vec<&'static Registry<'static>>, Encoder)>;
    thread_local!(static LAST: RefCell<Last> = const { RefCell::new(None) });
    LAST.with_borrow_mut(|last| {
        // None is ever freed, so that an address means one of them.
        let same = |last: &[&'static Registry<'static>]| {
            last.len() == registries.len() && last.iter().zip(registries).all(|(one, other)| std::ptr::eq(*one, *other))
        };
        last.take_if(|(of, with, _)| of != resource || !same(with));
        let new = || (resource.clone(), registries.to_vec(), Encoder::new(resource, registries));
        act(&last.get_or_insert_with(new).2)
    })
}

fn findings(joined: &Joined, kind: SignalKind, format: Read, bytes: &[u8]) -> Vec<Finding> {
    second_opinion(&joined.registries, kind, format, bytes)
}

/// Checks a property on the lines of any programs, with something drawn for each. At least every second program leaves
/// a line.
#[track_caller]
fn check<T: Debug>(programs: u32, drawn: impl Strategy<Value = T>, property: impl Fn(&Joined, &[Line], &T)) {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(programs) };
    let left = Cell::new(0);
    let result = TestRunner::new(config).run(&(joined(), drawn), |((joined, program), drawn)| {
        let lines = lines(&joined, &program);
        left.set(left.get() + u32::from(!lines.is_empty()));
        property(&joined, &lines, &drawn);
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(left.get() * 2 >= programs, "at least half of the programs leave something");
}

/// Checks a property on [`CASES`] lines, with something drawn for each.
#[track_caller]
fn check_lines<T: Debug>(drawn: impl Strategy<Value = T>, property: impl Fn(&Joined, &Line, &T)) {
    const EACH: usize = 5;
    let cases = Cell::new(0);
    // A few programs leave nothing.
    let programs = CASES / EACH as u32 * 5 / 4;
    check(programs, prop::collection::vec((any::<Index>(), drawn), EACH), |joined, lines, drawn| {
        for (which, drawn) in drawn.iter().filter(|_| !lines.is_empty()) {
            property(joined, which.get(lines), drawn);
            cases.set(cases.get() + 1);
        }
    });
    assert!(cases.get() >= CASES, "{} cases", cases.get());
}

#[test]
fn the_pipelines_lines_are_readmitted_and_encoded_to_the_same_bytes() {
    let kept = Cell::new(0);
    check(PROGRAMS, Just(()), |joined, lines, ()| {
        let read = |line: &Line| {
            let shown = String::from_utf8_lossy(&line.json);
            let out = readmitted(&line.json, joined).unwrap_or_else(|why| panic!("{why}: {shown}"));
            assert!(out.resource == line.resource && out.record == line.record, "{shown}");
            assert!(out.json == line.json && out.protobuf == line.protobuf, "{shown}");
            assert_eq!(out.counted, 0, "{shown}");
            out
        };
        let again: Vec<_> = lines.iter().map(read).collect();
        kept.set(kept.get() + again.len());
        // Together too, as they are sent: all records of one process and kind.
        for kind in [SignalKind::Span, SignalKind::Event] {
            let Some(first) = lines.first() else { continue };
            for format in [Format::Json, Format::Protobuf] {
                let [mut before, mut after] = [Vec::new(), Vec::new()];
                let records = lines.iter().map(|line| &line.record);
                Encoder::new(&first.resource, &joined.registries).request(format, kind, records, &mut before);
                let records = again.iter().map(|out| &out.record);
                Encoder::new(&again[0].resource, &joined.registries).request(format, kind, records, &mut after);
                assert_eq!(before, after);
            }
        }
    });
    println!("{} lines", kept.get());
}

//! Law 7 for a program that collects more than a person agreed to: what it sends is declared by the text that was told and
//! by the program, for any two registries.

use super::program::{self, Variant};
use super::registry::{another_version, registries};
use super::{Requests, sent_by, show};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use scruple::check;
use scruple::encode::Format;
use scruple::registry::snapshot::{Snapshot, is_wider, text};
use scruple::registry::{Registry, SignalKind};
use scruple_fixtures::alone;
use std::cell::Cell;

const CASES: u32 = 10_000;

/// What a registry does not declare of these requests.
fn undeclared(registry: &'static Registry<'static>, requests: &Requests, format: check::Format) -> Vec<String> {
    let findings = requests.iter().flat_map(|(kind, bytes)| check::check(&[registry], *kind, format, bytes));
    findings.map(|finding| finding.to_string()).collect()
}

#[test]
fn what_is_sent_is_declared_by_the_text_that_was_told_and_by_the_program() {
    // Half of the programs have no neighbour, and no other test may be one.
    alone!();
    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    let (narrower, left, records) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let cases =
        program::programs().prop_flat_map(|(spec, program)| (another_version(spec.clone()), Just((spec, program))));
    let result = runner.run(&cases, |(told, (spec, program))| {
        let (told, now) = (told.leak(), spec.leak());
        let text = text(&[told]);
        let told_text = Snapshot::parse(&text).expect("a canonical text");
        let Ok(allowed) = told_text.narrow(&[now], &[]) else { return Ok(()) };
        let [allowed] = allowed[..] else { return Err(TestCaseError::fail("one registry")) };
        prop_assert_eq!(allowed.validate(), Ok(()));
        let facts = Snapshot::of(&[allowed]);
        prop_assert!(!is_wider(&told_text, &facts), "than what was told");
        prop_assert!(!is_wider(&Snapshot::of(&[now]), &facts), "than the program's own");
        // What both have stays.
        for kind in [SignalKind::Span, SignalKind::Event] {
            let both = now.signals(kind).iter().filter(|signal| {
                told.signals(kind).iter().any(|other| {
                    other.name == signal.name
                        && (kind == SignalKind::Event || other.kind == signal.kind)
                        && told.purpose(other) == now.purpose(signal)
                })
            });
            prop_assert!(both.map(|signal| signal.name).eq(allowed.signals(kind).iter().map(|signal| signal.name)));
        }
        for (format, read) in [(Format::Json, check::Format::Json), (Format::Protobuf, check::Format::Protobuf)] {
            let requests = sent_by(allowed, now, &program, Variant::One, format);
            for registry in [told, now] {
                let found = undeclared(registry, &requests, read);
                prop_assert!(found.is_empty(), "{:#?}\n{:#?}", found, show(&requests));
            }
            records.set(records.get() + requests.len());
            left.set(left.get() + u32::from(!requests.is_empty()));
        }
        narrower.set(narrower.get() + u32::from(!std::ptr::eq(allowed, now)));
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
    println!("{} of {CASES} narrowed, {} runs left something, {} records", narrower.get(), left.get(), records.get());
    assert!(narrower.get() * 2 > CASES && left.get() > CASES / 2, "too few cases show anything");
}

/// The tables of what is agreed to, if the text was told and these purposes are.
fn agreed(
    told: &Registry<'static>,
    now: &'static Registry<'static>,
    purposes: &[&str],
) -> Option<&'static Registry<'static>> {
    let is_agreed = |name: &str| purposes.contains(&name);
    let tables = Snapshot::of(&[told]).only(&is_agreed).narrow(&[now], &[]).ok()?;
    tables.first().map(|tables| tables.limited(&|_, _| true, &is_agreed, &|_| false))
}

#[test]
fn fewer_purposes_never_send_more_and_a_new_one_sends_nothing() {
    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    let kept = Cell::new(0);
    let cases = registries().prop_flat_map(|spec| (another_version(spec.clone()), Just(spec)));
    let result = runner.run(&(cases, any::<bool>()), |((told, now), first)| {
        let (told, now) = (told.leak(), now.leak());
        let (one, other) = if first { ("failures", "usage") } else { ("usage", "failures") };
        let both = agreed(told, now, &[one, other]);
        let Some(fewer) = agreed(told, now, &[one]) else { return Ok(()) };
        let both = both.ok_or_else(|| TestCaseError::fail("more purposes are agreed to"))?;
        prop_assert!(!is_wider(&Snapshot::of(&[both]), &Snapshot::of(&[fewer])));
        for kind in [SignalKind::Span, SignalKind::Event] {
            for signal in fewer.signals(kind) {
                prop_assert_eq!(fewer.purpose(signal), one);
                let carried = signal.attributes.iter().filter_map(|used| fewer.attribute(used.attribute));
                let others: Vec<_> = carried.filter(|carried| carried.purpose == Some(other)).collect();
                prop_assert!(others.is_empty(), "{:?}", others);
                kept.set(kept.get() + 1);
            }
        }
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(kept.get() > CASES / 2, "too few signals are left: {}", kept.get());
}

//! Lines that waited while the registry changed: what is no longer declared is gone, and what still is remains.

use super::registry::registries;
use super::{Joined, PROGRAMS, check, readmitted};
use proptest::prelude::*;
use proptest::sample::Index;
use scruple::encode::text;
use scruple::privacy::{DropCounts, Record};
use scruple::registry::{
    Attribute, AttributeRef, Registry, RequirementLevel, Signal, SignalKind, SpanKind, TimeResolution, Treatment,
};
use scruple::upload::{LineRefused, readmit_line};
use scruple_fixtures::tables::{required, treated};
use std::cell::Cell;

/// What is taken away, by a draw for each place where something may be.
#[derive(Debug, Clone)]
struct Narrower {
    draws: Vec<u8>,
    opted_in: bool,
}

fn narrower() -> impl Strategy<Value = Narrower> {
    (prop::collection::vec(any::<u8>(), 64), any::<bool>()).prop_map(|(draws, opted_in)| Narrower { draws, opted_in })
}

fn leak<T>(list: Vec<T>) -> &'static [T] {
    Box::leak(list.into_boxed_slice())
}

impl Narrower {
    fn joined(&self, joined: &Joined) -> Joined {
        let draws = Cell::new(0);
        // One in `n`.
        let one_in = |n: u8| {
            draws.set(draws.get() + 1);
            self.draws[draws.get() % self.draws.len()].is_multiple_of(n)
        };
        let registries = joined.registries.iter().map(|registry| narrow(registry, &one_in)).collect();
        Joined { registries, opt_in: if self.opted_in { joined.opt_in.clone() } else { Vec::new() } }
    }
}

fn narrow(registry: &Registry<'static>, one_in: &dyn Fn(u8) -> bool) -> &'static Registry<'static> {
    let members = |members: &'static [&'static str]| -> &'static [&'static str] {
        leak(members.iter().copied().filter(|_| !one_in(3)).collect())
    };
    let treatment = |treatment: Treatment<'static>| match treatment {
        Treatment::Enum { members: all, .. } => Treatment::Enum { members: members(all), otherwise: None },
        Treatment::IntegerEnum { members: all, .. } => {
            Treatment::IntegerEnum { members: members(all), otherwise: None }
        }
        Treatment::UriScheme { members: all, .. } => {
            Treatment::UriScheme { members: members(all), otherwise: None, absent: None }
        }
        Treatment::Names { members: all } => Treatment::Names { members: members(all) },
        Treatment::Count { max } => Treatment::Count { max: max / 2 },
        Treatment::Location { files, root } => Treatment::Location { files: &files[..1], root },
        Treatment::Hash | Treatment::Version if one_in(2) => Treatment::Boolean,
        other => other,
    };
    let attribute = |attribute: &Attribute<'static>| {
        treated(attribute, if one_in(3) { treatment(attribute.treatment) } else { attribute.treatment })
    };
    let signals = |signals: &[Signal<'static>]| {
        let signals = signals.iter().filter(|_| !one_in(6)).map(|signal| {
            signal
                .attributes(leak(signal.attributes.iter().copied().filter(|_| !one_in(5)).collect()))
                .time(if one_in(3) { signal.time.max(TimeResolution::Minute) } else { signal.time })
                .duration(if one_in(3) { signal.duration.max(TimeResolution::Minute) } else { signal.duration })
                .kind(if one_in(12) { SpanKind::Internal } else { signal.kind })
        });
        leak(signals.collect())
    };
    Box::leak(Box::new(
        registry
            .schema_url(if one_in(2) { "https://telemetry.example.com/schemas/law/2.0.0" } else { registry.schema_url })
            .attributes(leak(registry.attributes.iter().map(attribute).collect()))
            .resource(leak(registry.resource.iter().copied().filter(|_| !one_in(5)).collect()))
            .spans(signals(registry.spans))
            .events(signals(registry.events)),
    ))
}

/// The texts of a record's attributes, by key.
fn texts(record: &Record) -> Vec<(&'static Attribute<'static>, String)> {
    record.attributes().map(|(_, attribute, value)| (attribute, text(attribute, value))).collect()
}

/// Whether the record's signal still declares this very attribute.
fn still(record: &Record, attribute: &Attribute<'_>, opt_in: &[String]) -> bool {
    let is_it = |used: &AttributeRef| {
        let opted_in = used.level != RequirementLevel::OptIn || opt_in.iter().any(|key| key == attribute.key);
        record.registry().attribute(used.attribute) == Some(attribute) && opted_in
    };
    record.signal().attributes.iter().any(is_it)
}

/// Everything in one record that is declared as before is in the other.
fn compare(before: &Record, after: &Record, joined: &Joined) {
    assert_eq!(before.signal().name, after.signal().name);
    assert_eq!((before.ids(), before.status()), (after.ids(), after.status()));
    let events =
        |event: &&Record| joined.registries.iter().any(|registry| registry.event(event.signal().name).is_some());
    let still_there: Vec<_> = before.events().iter().filter(events).collect();
    assert_eq!(still_there.len(), after.events().len());
    still_there.iter().zip(after.events()).for_each(|(before, after)| compare(before, after, joined));
    assert_eq!(after.start(), after.signal().time.floor(before.start()));
    let is_span = before.kind() == SignalKind::Span;
    let end = if is_span { after.signal().end(after.start(), before.start(), before.end()) } else { after.start() };
    assert_eq!(after.end(), end);
    let (all, left) = (texts(before), texts(after));
    let kept: Vec<_> = all.iter().filter(|(attribute, _)| still(after, attribute, &joined.opt_in)).collect();
    for said in &kept {
        assert!(left.contains(said), "{} is still declared", said.0.key);
    }
    for (attribute, text) in &left {
        assert!(still(after, attribute, &joined.opt_in), "{} is not declared", attribute.key);
        let (_, was) = all.iter().find(|(before, _)| before.key == attribute.key).expect("nothing is added");
        let part = |name| was.split(", ").any(|all| all == name);
        assert!(was == text || text.is_empty() || text.split(", ").all(part), "{was} became {text}");
    }
}

#[test]
fn a_narrower_registry_drops_its_removed_data_only() {
    let counts = [const { Cell::new(0) }; 3];
    let count = |which: usize| counts[which].set(counts[which].get() + 1);
    check(PROGRAMS, narrower(), |joined, lines, narrower| {
        let joined = narrower.joined(joined);
        for line in lines {
            match readmitted(&line.json, &joined) {
                Ok(out) => {
                    compare(&line.record, &out.record, &joined);
                    let given = |(key, text): (_, &str)| out.resource.attributes().any(|left| left == (key, text));
                    let registry = joined.registries[0];
                    let declared = |key| {
                        registry.resource.iter().any(|&index| registry.attribute(index).is_some_and(|a| a.key == key))
                    };
                    assert!(line.resource.attributes().filter(|(key, _)| declared(*key)).all(given));
                    count(usize::from(out.json == line.json));
                    // Once narrow, it is a line of the narrower program.
                    let again = readmitted(&out.json, &joined).expect("what was readmitted once");
                    assert!(again.json == out.json && again.record == out.record && again.resource == out.resource);
                }
                Err(LineRefused::Withheld(_)) => {
                    let find = |registry: &&'static Registry<'static>| {
                        let mut signals = registry.signals(line.record.kind()).iter();
                        signals.any(|signal| {
                            let kind =
                                line.record.kind() == SignalKind::Event || signal.kind == line.record.signal().kind;
                            signal.name == line.record.signal().name && kind
                        })
                    };
                    assert!(!joined.registries.iter().any(find), "{} is still declared", line.record.signal().name);
                    count(2);
                }
                Err(why) => panic!("{why}: {}", String::from_utf8_lossy(&line.json)),
            }
        }
    });
    println!("less, the same, withheld: {:?}", counts.each_ref().map(Cell::get));
    assert!(counts.iter().all(|count| count.get() > 250));
}

#[test]
fn a_line_of_any_other_registry_leaves_only_what_this_one_declares() {
    check(PROGRAMS, (registries(), any::<Index>()), |joined, lines, (other, opted_in)| {
        let opt_in = vec![format!("k.{:02}", opted_in.index(12))];
        let other = Joined { registries: vec![other.leak()], opt_in };
        for line in lines {
            match readmitted(&line.json, &other) {
                Ok(out) => {
                    assert!(joined.registries.len() == 1 && out.record.signal().name == line.record.signal().name)
                }
                Err(why) => assert!(matches!(why, LineRefused::Withheld(_)), "{why}"),
            }
        }
    });
}

#[test]
fn unverified_tables_cause_no_panic() {
    check(PROGRAMS / 5, any::<u8>(), |joined, lines, shift| {
        let broken = |registry: &&'static Registry<'static>| -> &'static Registry<'static> {
            let reversed = |signals: &[Signal<'static>]| {
                let signals = signals
                    .iter()
                    .rev()
                    .map(|signal| signal.attributes(leak((0..300).map(|index| required(index * 7 % 19)).collect())));
                leak(signals.collect())
            };
            let mut attributes = registry.attributes.to_vec();
            attributes.rotate_left(usize::from(*shift) % registry.attributes.len());
            let resource = leak(registry.resource.iter().map(|index| index + u16::from(*shift)).collect());
            let (spans, events) = (reversed(registry.spans), reversed(registry.events));
            Box::leak(Box::new(registry.attributes(leak(attributes)).resource(resource).spans(spans).events(events)))
        };
        let registries: Vec<_> = joined.registries.iter().map(broken).collect();
        let many = vec![registries[0]; 300];
        for registries in [registries, many] {
            let joined = Joined { registries, opt_in: Vec::new() };
            lines.iter().for_each(|line| _ = readmit_line(&line.json, &joined.terms(), &DropCounts::default()));
        }
    });
}

//! One table of rules: it decides, each reason is given by one of its rules, and the documentation is its rendering.

use crate::decide::{SILENT, SOURCES, any_facts};
use proptest::prelude::*;
use scruple::consent::{Facts, Mode, RULES, Reason, Source, decide};
use std::collections::BTreeSet;
use std::mem::discriminant;

/// The rules that give a reason, by their number, whatever stands before them.
fn rules_that_give(facts: &Facts, reason: Reason) -> Vec<usize> {
    let gives = |number: &usize| {
        let given = RULES[*number].decide(facts);
        given.is_some_and(|given| discriminant(&given.reason) == discriminant(&reason))
    };
    (0..RULES.len()).filter(gives).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn the_first_rule_that_gives_a_reason_decides(facts in any_facts(), rehearsal in prop::bool::weighted(0.1)) {
        let facts = Facts { rehearsal, ..facts };
        let given: Vec<_> = RULES.iter().map(|rule| rule.decide(&facts)).collect();
        let first = given.iter().position(Option::is_some).expect("the last rule always gives a reason");
        let mut expected = given[first].expect("a decision");
        prop_assert_eq!(expected.mode, RULES[first].mode);
        if facts.log && expected.mode != Mode::Off {
            expected.mode = Mode::Log;
        }
        prop_assert_eq!((decide(&facts).mode, decide(&facts).reason), (expected.mode, expected.reason));
        // The same reason can't come from two places of the order.
        for given in given.into_iter().flatten() {
            prop_assert_eq!(rules_that_give(&facts, given.reason).len(), 1, "{:?}", given.reason);
        }
    }
}

#[test]
fn each_reason_is_given_by_one_rule_and_each_rule_gives_one() {
    let mut used = BTreeSet::new();
    let mut last = 0;
    for row in SOURCES {
        let mut rules = BTreeSet::new();
        // Also where another source says something: no other rule gives this reason.
        for other in SOURCES {
            let mut facts = SILENT;
            (other.say)(&mut facts);
            (row.say)(&mut facts);
            rules.extend(rules_that_give(&facts, row.because));
        }
        assert_eq!(rules.len(), 1, "{}: {rules:?}", row.sentence);
        let rule = *rules.first().unwrap();
        assert!(rule >= last, "{} stands elsewhere in the table", row.sentence);
        last = rule;
        used.insert(rule);
    }
    assert_eq!(used, (0..RULES.len()).collect(), "each rule has a row");
}

#[test]
fn the_documentation_matches_the_table() {
    let text = include_str!("../../src/consent.rs");
    let lines = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
    let list = lines.skip_while(|line| !line.starts_with("1. ")).take_while(|line| !line.is_empty());
    let documented = list.collect::<Vec<_>>().join(" ");
    let items: Vec<_> =
        RULES.iter().enumerate().map(|(index, rule)| format!("{}. {}", index + 1, rule.documented)).collect();
    assert_eq!(documented, format!("{}.", items.join("; ")));
}

#[test]
fn the_rules_of_one_source_stand_together() {
    let mut sources: Vec<Source> = RULES.iter().map(|rule| rule.source).collect();
    sources.dedup();
    for (index, source) in sources.iter().enumerate() {
        assert!(!sources[..index].contains(source), "{source:?} would be shown twice");
    }
}

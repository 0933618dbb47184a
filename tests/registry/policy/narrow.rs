//! What a policy turns off; by property, that it never turns anything on.

use super::clauses::{Clauses, KEYS, SIGNALS, VALUES, VERSIONS, clauses};
use super::{NOW, plain, sign_payload, terms};
use proptest::collection::{btree_map, btree_set};
use proptest::prelude::*;
use proptest::sample::select;
use scruple::policy::{Narrowing, OffVersions, OffWhere, Payload, Policy, draw, verify};
use std::collections::{BTreeMap, BTreeSet};

fn policy(payload: &Payload) -> Policy {
    verify(&sign_payload(payload), &terms(), NOW).expect("it holds")
}

#[track_caller]
fn check(policy: &Policy, version: &str, expected: Option<Narrowing>) {
    assert_eq!(policy.allows_program(version, [], 0).err(), expected, "{version}");
}

fn without(from: &[u32], to: &[u32]) -> Policy {
    policy(&Payload { off_versions: vec![OffVersions { from: from.to_vec(), to: to.to_vec() }], ..plain() })
}

#[test]
fn a_policy_without_clauses_turns_nothing_off() {
    let policy = policy(&plain());
    for version in VERSIONS {
        check(&policy, version, None);
    }
    assert!(policy.allows_signal("a") && policy.allows_attribute("a") && policy.in_rollout(9_999));
    assert_eq!(policy.allows_record("a", [("os.type", "linux")]), Ok(()));
}

#[test]
fn a_range_of_versions_has_its_first_and_not_its_end() {
    let off = Some(Narrowing::Version);
    let some = without(&[1, 2], &[1, 4]);
    for (version, expected) in [
        ("1.1.9", None),
        ("1.2", off),
        ("1.2.0.0", off),
        ("1.3.99.99", off),
        ("1.4", None),
        ("1.4.0.0", None),
        ("1.10", None),
        ("2", None),
        ("1.02.0", off),
        ("1.2.3+build.5", off),
        ("1.4.0+1.3.0", None),
    ] {
        check(&some, version, expected);
    }
    let four = without(&[16, 18, 2, 1], &[16, 18, 2, 2]);
    for (version, expected) in [("16.18.2", None), ("16.18.2.1", off), ("16.18.2.2", None)] {
        check(&four, version, expected);
    }
    for version in ["0", "1.9.9", "1.9-rc"] {
        check(&without(&[], &[2]), version, off);
        check(&without(&[2], &[]), version, None);
    }
    for version in ["2", "2.0.0.1", "4294967295"] {
        check(&without(&[], &[2]), version, None);
        check(&without(&[2], &[]), version, off);
    }
    check(&without(&[], &[]), "1", off);
}

#[test]
fn a_pre_release_is_off_with_its_release_and_with_what_comes_before() {
    for version in ["1.2.0-rc.1", "1.2-alpha", "1.2.0.0-SNAPSHOT-5"] {
        check(&without(&[], &[1, 2]), version, Some(Narrowing::Version));
        check(&without(&[1, 2], &[]), version, Some(Narrowing::Version));
        check(&without(&[], &[1, 1]), version, None);
        check(&without(&[1, 2, 0, 1], &[]), version, None);
    }
}

#[test]
fn a_version_that_cannot_be_compared_is_off_where_any_is() {
    for version in ["", "dev", "1.2.3.4.5", "1..2", "1.", ".1", "v1.2", "+1", "-1", "1.-2", "4294967296", "1.2 ", "１"]
    {
        check(&without(&[7], &[8]), version, Some(Narrowing::UnreadableVersion));
        check(&policy(&plain()), version, None);
    }
}

#[test]
fn a_value_turns_off_the_program_or_the_record_that_has_it() {
    let clause = |key: &str, members: &[&str]| OffWhere {
        key: key.to_owned(),
        members: members.iter().map(|member| (*member).to_owned()).collect(),
    };
    let off_where = vec![clause("mlflow.sdk", &["skinny", "tracing"]), clause("os.type", &["darwin", "windows"])];
    let policy = policy(&Payload { off_where, ..plain() });
    let off = Err(Narrowing::Member);
    for (attributes, expected) in [
        (&[("os.type", "linux"), ("mlflow.sdk", "full")][..], Ok(())),
        (&[("os.type", "windows")], off),
        (&[("os.type", "linux"), ("mlflow.sdk", "skinny")], off),
        (&[("os.type", "skinny"), ("host.arch", "windows")], Ok(())),
        (&[("os.type", "Windows"), ("os.type.windows", "")], Ok(())),
        (&[], Ok(())),
        // A list's names, one each.
        (&[("mlflow.sdk", "full"), ("mlflow.sdk", "tracing")], off),
    ] {
        assert_eq!(policy.allows_program("1", attributes.iter().copied(), 0), expected, "{attributes:?}");
        assert_eq!(policy.allows_record("a", attributes.iter().copied()), expected, "{attributes:?}");
    }
}

#[test]
fn a_signal_and_an_attribute_are_off_by_their_whole_name() {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let (disabled_signals, disabled_attributes) = (names(&["a.load", "b"]), names(&["a.size", "sdk"]));
    let policy = policy(&Payload { disabled_signals, disabled_attributes, ..plain() });
    for (name, allowed) in [("a.load", false), ("b", false), ("a", true), ("a.loads", true), ("A.load", true)] {
        assert_eq!(policy.allows_signal(name), allowed, "{name}");
        assert_eq!(policy.allows_record(name, []).is_ok(), allowed, "{name}");
    }
    for (key, allowed) in [("a.size", false), ("sdk", false), ("a", true), ("a.load", true)] {
        assert_eq!(policy.allows_attribute(key), allowed, "{key}");
    }
}

#[test]
fn a_rollout_of_0_turns_all_off_and_a_full_one_none() {
    let share = |rollout| policy(&Payload { rollout_basis_points: rollout, ..plain() });
    for (rollout, of_all) in [(Some(0), 0), (Some(1), 1), (Some(2_500), 2_500), (Some(10_000), 10_000), (None, 10_000)]
    {
        let policy = share(rollout);
        assert_eq!((0..=u16::MAX).filter(|draw| policy.in_rollout(*draw)).count(), of_all, "{rollout:?}");
    }
    let expected = Err(Narrowing::Rollout);
    assert_eq!(share(Some(2_500)).allows_program("1", [], 2_500), expected);
    assert_eq!(share(Some(2_500)).allows_program("1", [], 2_499), Ok(()));
}

#[test]
fn a_draw_is_below_10_000_and_depends_on_the_first_8_bytes() {
    let of = |first: u64, rest: u8| {
        let mut mac = [rest; 32];
        mac[..8].copy_from_slice(&first.to_be_bytes());
        draw(&mac)
    };
    for (first, expected) in [(0, 0), (1, 1), (9_999, 9_999), (10_000, 0), (u64::MAX, 1_615), (1 << 63, 5_808)] {
        assert_eq!((of(first, 0), of(first, 0xff)), (expected, expected), "{first}");
    }
}

/// A program that is about to send: what it is, and its records.
#[derive(Debug, Clone)]
struct Program {
    version: &'static str,
    draw: u16,
    resource: BTreeMap<&'static str, &'static str>,
    records: BTreeSet<(&'static str, BTreeMap<&'static str, &'static str>)>,
}

/// One thing that is sent: a record, or an attribute of one or of the resource.
type Sent = (Option<(&'static str, BTreeMap<&'static str, &'static str>)>, Option<&'static str>);

impl Program {
    /// What is sent under a policy; without one, everything.
    fn sent(&self, policy: Option<&Policy>) -> BTreeSet<Sent> {
        let pairs = |values: &BTreeMap<&'static str, &'static str>| {
            values.iter().map(|(key, value)| (*key, *value)).collect::<Vec<_>>()
        };
        let kept = |key: &&'static str| policy.is_none_or(|policy| policy.allows_attribute(key));
        if policy.is_some_and(|policy| policy.allows_program(self.version, pairs(&self.resource), self.draw).is_err()) {
            return BTreeSet::new();
        }
        let mut sent: BTreeSet<Sent> =
            self.resource.keys().copied().filter(kept).map(|key| (None, Some(key))).collect();
        for (name, attributes) in &self.records {
            if policy.is_none_or(|policy| policy.allows_record(name, pairs(attributes)).is_ok()) {
                let record = (*name, attributes.clone());
                sent.insert((Some(record.clone()), None));
                sent.extend(attributes.keys().copied().filter(kept).map(|key| (Some(record.clone()), Some(key))));
            }
        }
        sent
    }

    fn under(&self, clauses: &Clauses) -> BTreeSet<Sent> {
        self.sent(Some(&policy(&clauses.payload())))
    }
}

fn programs() -> impl Strategy<Value = Program> {
    let values = || btree_map(select(&KEYS[..]), select(&VALUES[..]), 0..3);
    let draws = prop_oneof![Just(0), Just(1), Just(9_998), Just(9_999), 0..10_000_u16];
    let records = btree_set((select(&SIGNALS[..]), values()), 0..5);
    (select(&VERSIONS[..]), draws, values(), records).prop_map(|(version, draw, resource, records)| Program {
        version,
        draw,
        resource,
        records,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_policy_leaves_a_part_of_the_unfiltered_data(program in programs(), clauses in clauses()) {
        prop_assert!(program.under(&clauses).is_subset(&program.sent(None)));
    }

    #[test]
    fn another_clause_never_allows_more(program in programs(), one in clauses(), other in clauses()) {
        let both = program.under(&one.and(&other));
        prop_assert!(both.is_subset(&program.under(&one)));
        // Not only no more: a clause does not lose another one's meaning either.
        let each: BTreeSet<_> = &program.under(&one) & &program.under(&other);
        prop_assert_eq!(both, each);
    }
}

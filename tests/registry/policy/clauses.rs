//! Policies as sets of clauses over few names, so that what is generated meets what it is about.

use super::plain;
use proptest::collection::btree_set;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use scruple::policy::{OffVersions, OffWhere, Payload};
use std::collections::{BTreeMap, BTreeSet};

pub const SIGNALS: [&str; 3] = ["a.load", "a.save", "b"];
pub const KEYS: [&str; 3] = ["os.type", "sdk", "service.version"];
pub const VALUES: [&str; 3] = ["linux", "skinny", "x y"];
pub const VERSIONS: [&str; 12] =
    ["0", "1", "1.0.0", "1.2", "1.2.0-rc.1", "1.2.3", "1.10", "2.0.0-beta", "2", "16.18.2.1", "1.2.3.4.5", "dev"];

/// The clauses of one policy.
#[derive(Debug, Clone)]
pub struct Clauses {
    signals: BTreeSet<&'static str>,
    attributes: BTreeSet<&'static str>,
    members: BTreeSet<(&'static str, &'static str)>,
    /// With whether the end is open first, which is the order they have in a payload.
    versions: BTreeSet<(Vec<u32>, bool, Vec<u32>)>,
    rollout: Option<u32>,
}

impl Clauses {
    /// Those of both.
    pub fn and(&self, other: &Self) -> Self {
        let rollout = match (self.rollout, other.rollout) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        Self {
            signals: &self.signals | &other.signals,
            attributes: &self.attributes | &other.attributes,
            members: &self.members | &other.members,
            versions: &self.versions | &other.versions,
            rollout,
        }
    }

    pub fn payload(&self) -> Payload {
        let names = |set: &BTreeSet<&str>| set.iter().map(|name| (*name).to_owned()).collect();
        let mut off_where = BTreeMap::<_, Vec<String>>::new();
        for (key, member) in &self.members {
            off_where.entry(*key).or_default().push((*member).to_owned());
        }
        let off_where = off_where.into_iter().map(|(key, members)| OffWhere { key: key.to_owned(), members });
        let off_versions = self.versions.iter().map(|(from, _, to)| OffVersions { from: from.clone(), to: to.clone() });
        Payload {
            disabled_signals: names(&self.signals),
            disabled_attributes: names(&self.attributes),
            off_where: off_where.collect(),
            off_versions: off_versions.collect(),
            rollout_basis_points: self.rollout,
            ..plain()
        }
    }
}

pub fn clauses() -> impl Strategy<Value = Clauses> {
    let numbers = select(vec![vec![], vec![1], vec![1, 2], vec![1, 2, 3], vec![1, 10], vec![2], vec![16, 18, 2, 1]]);
    let versions = (numbers.clone(), numbers)
        .prop_filter("not empty", |(from, to)| to.is_empty() || from < to)
        .prop_map(|(from, to)| (from, to.is_empty(), to));
    let rollout = prop_oneof![Just(0), Just(1), Just(9_999), Just(10_000), 0..=10_000_u32];
    (
        btree_set(select(&SIGNALS[..]), 0..3),
        btree_set(select(&KEYS[..]), 0..3),
        btree_set((select(&KEYS[..]), select(&VALUES[..])), 0..4),
        btree_set(versions, 0..3),
        option::of(rollout),
    )
        .prop_map(|(signals, attributes, members, versions, rollout)| Clauses {
            signals,
            attributes,
            members,
            versions,
            rollout,
        })
}

/// Payloads that are accepted.
pub fn payloads() -> impl Strategy<Value = Payload> {
    clauses().prop_map(|clauses| clauses.payload())
}

//! Losses on disk: what is added is found again, whatever was in the file, and a code stands for one kind.

use super::{FILE, Loss, add, losses};
use crate::files::Folder;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn each_kind_has_a_code_of_its_own() {
    let codes: BTreeSet<_> = Loss::all().map(Loss::code).collect();
    assert_eq!(codes.len(), Loss::all().count());
    Loss::all().for_each(|kind| assert_eq!(Loss::parse(kind.code()), kind));
    assert_eq!(Loss::parse("of_a_later_version"), Loss::Other);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_added_loss_is_read_back(rounds in prop::collection::vec(prop::collection::vec((0..Loss::all().count(), 0..u64::MAX / 64), 0..6), 1..5)) {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("state");
        Folder::make(&state).unwrap();
        let kinds: Vec<_> = Loss::all().collect();
        let mut expected = BTreeMap::new();
        for round in rounds {
            let new: Vec<_> = round.into_iter().map(|(kind, count)| (kinds[kind], count)).collect();
            add(&state, &new, &|| true).unwrap();
            for (kind, count) in new.into_iter().filter(|(_, count)| *count > 0) {
                *expected.entry(kind).or_insert(0) += count;
            }
        }
        prop_assert_eq!(losses(&state).into_iter().collect::<BTreeMap<_, _>>(), expected);
    }

    #[test]
    fn the_file_is_bounded_after_the_next_loss(bytes in prop::collection::vec(any::<u8>(), 0..4_000)) {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("state");
        let folder = Folder::make(&state).unwrap();
        folder.lock().unwrap().write(FILE, |_| bytes).unwrap();
        add(&state, &[(Loss::FilesTooOld, 1)], &|| true).unwrap();
        let text = std::fs::read_to_string(state.join(FILE)).unwrap();
        prop_assert!(text.lines().count() <= Loss::all().count() && text.len() < 2_000, "{}", text);
        prop_assert!(losses(&state).iter().any(|(kind, count)| *kind == Loss::FilesTooOld && *count > 0));
    }
}

#[test]
fn no_loss_is_written_after_a_no() {
    let home = tempfile::tempdir().unwrap();
    let state = home.path().join("state");
    Folder::make(&state).unwrap();
    add(&state, &[(Loss::FilesTooOld, 1)], &|| false).unwrap();
    assert_eq!(std::fs::read_dir(&state).unwrap().count(), 0);
}

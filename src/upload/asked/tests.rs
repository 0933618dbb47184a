//! The policy's file in the folder for state: what is written is read back, and what is not understood is a no.

use super::{FILE, PolicyOutcome, PolicyState, PolicyStateError};
use crate::files::Folder;
use crate::policy::{Narrowing, NewestPolicy, PolicyRefused};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn outcomes() -> Vec<PolicyOutcome> {
    let refused = PolicyRefused::ALL.into_iter().map(PolicyOutcome::Refused);
    let off = Narrowing::ALL.into_iter().map(PolicyOutcome::Off);
    [PolicyOutcome::Holds, PolicyOutcome::Unreachable].into_iter().chain(refused).chain(off).collect()
}

#[test]
fn each_outcome_has_a_code_of_its_own_which_is_no_sentence() {
    let codes: BTreeSet<_> = outcomes().into_iter().map(PolicyOutcome::to_line).collect();
    assert_eq!(codes.len(), outcomes().len());
    let is_code = |code: &String| code.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'_' | b'-' | b' '));
    assert!(codes.iter().all(|code| is_code(code) && code.split(' ').count() <= 2), "{codes:?}");
    outcomes().into_iter().for_each(|found| assert_eq!(PolicyOutcome::parse(&found.to_line()), Some(found)));
}

fn any_state() -> impl Strategy<Value = PolicyState> {
    let newest = (any::<u64>(), "[0-9a-f]{64}").prop_map(|(serial, hash)| NewestPolicy { serial, hash });
    let parts =
        (prop::option::of(newest), any::<u64>(), prop::sample::select(outcomes()), prop::option::of("[0-9a-f]{64}"));
    parts.prop_map(|(newest, asked, found, file)| PolicyState { newest, asked, found, file })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_written_outcome_is_read_back_and_an_unknown_code_is_a_no(memory in any_state(), code in "[a-z]{1,9}") {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("state");
        let folder = Folder::make(&state).unwrap();
        let text = memory.text();
        folder.lock().unwrap().write(FILE, |_| text.clone().into_bytes()).unwrap();
        prop_assert_eq!(PolicyState::read(&state), Ok(Some(memory.clone())));
        let other = text.replace(&memory.found.to_line(), &format!("off {code}x"));
        folder.lock().unwrap().write(FILE, |_| other.into_bytes()).unwrap();
        prop_assert_eq!(PolicyState::read(&state), Err(PolicyStateError::Malformed));
    }
}

//! Periods: a secret is moved on by whole ones, never back, and nothing of the one before is kept.

use super::{NOON, State};
use crate::files::Inode;
use crate::identity::stored::{FILE, StoredIdentity, installation, length, make};
use crate::identity::tests::Repeated;
use crate::identity::{Secret, SystemRandom};
use crate::limits::{MAX_PERIODS, SECOND};
use crate::registry::Rotation;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read as _;

const ROTATIONS: [Rotation; 3] = [Rotation::Daily, Rotation::Monthly, Rotation::Yearly];

fn any_rotation() -> impl Strategy<Value = Rotation> {
    prop::sample::select(ROTATIONS.to_vec())
}

/// A period, in nanoseconds.
fn long(rotation: Rotation) -> u64 {
    length(rotation).unwrap() * SECOND
}

/// What a secret was made of, at some time in seconds.
#[derive(Debug, Clone, Copy)]
struct Case {
    rotation: Rotation,
    phase: u64,
    secret: [u8; 32],
    at: u64,
}

impl Case {
    fn kept(&self) -> StoredIdentity {
        let secret = Secret::new(self.secret);
        let kept = StoredIdentity { secret, phase: self.phase % self.length(), period: 0, is_copied: false };
        StoredIdentity { period: kept.period_at(self.rotation, self.at), ..kept }
    }

    fn length(&self) -> u64 {
        length(self.rotation).unwrap()
    }
}

prop_compose! {
    fn any_case()(rotation in any_rotation(), phase: u64, secret: [u8; 32], at in 0..u64::MAX / SECOND) -> Case {
        Case { rotation, phase, secret, at }
    }
}

/// The parts that can be compared.
fn parts(kept: &StoredIdentity) -> ([u8; 32], u64, u64) {
    (kept.secret.0, kept.phase, kept.period)
}

proptest! {
    #[test]
    fn several_periods_are_as_many_single_steps(case in any_case(), steps in 0_u64..40, rest: u64) {
        let (rotation, length) = (case.rotation, case.length());
        let until = case.at + steps * length + rest % length;
        let mut single = case.kept();
        for step in (case.at..until).step_by(usize::try_from(length).unwrap()).chain([until]) {
            single = single.moved_on(rotation, step).unwrap();
        }
        let at_once = case.kept().moved_on(rotation, until).unwrap();
        prop_assert_eq!(parts(&at_once), parts(&single));
        prop_assert!(at_once.is_current(rotation, until));
    }

    #[test]
    fn the_present_is_in_the_computed_period(case in any_case(), nanoseconds in 0..SECOND) {
        let now = case.at * SECOND + nanoseconds;
        let whole = case.kept().installation(case.rotation);
        let ends = whole.ends.unwrap();
        prop_assert!(whole.began <= now && now < ends, "{} <= {} < {}", whole.began, now, ends);
        // But that which began before time did, and that which ends after.
        prop_assert!(ends - whole.began == long(case.rotation) || whole.began == 0 || ends == u64::MAX);
    }

    #[test]
    fn the_next_period_begins_where_this_one_ends(case in any_case()) {
        let this = case.kept();
        let next = StoredIdentity { secret: this.secret.next(), period: this.period + 1, ..this };
        prop_assert_eq!(this.installation(case.rotation).ends.unwrap(), next.installation(case.rotation).began);
    }

    #[test]
    fn a_clock_that_goes_back_by_less_than_a_period_keeps_the_secret(case in any_case(), back: u64) {
        let before = case.at.saturating_sub(back % case.length());
        prop_assert!(case.kept().is_current(case.rotation, before));
    }

    #[test]
    fn a_clock_that_goes_back_by_two_periods_leads_to_no_secret(case in any_case(), more: u64) {
        let back = 2 * case.length() + more % (case.at + 1);
        prop_assume!(back <= case.at);
        prop_assert!(!case.kept().is_current(case.rotation, case.at - back));
        prop_assert!(case.kept().moved_on(case.rotation, case.at - back).is_none());
    }

    #[test]
    fn a_new_secret_is_current(rotation in any_rotation(), at in 0..u64::MAX / SECOND) {
        let made = make(rotation, at, &SystemRandom::new().unwrap());
        prop_assert!(made.phase < length(rotation).unwrap());
        prop_assert!(made.is_current(rotation, at));
        let never = make(Rotation::Never, at, &SystemRandom::new().unwrap());
        prop_assert!(never.is_current(Rotation::Never, at) && never.is_current(Rotation::Never, 0));
    }

    #[test]
    fn the_present_is_in_the_period_after_any_earlier_rotation(
        case in any_case(), rotation in any_rotation(), at in 0..u64::MAX / SECOND,
    ) {
        let new = case.kept().moved_on(rotation, at).unwrap_or_else(|| make(rotation, at, &SystemRandom::new().unwrap()));
        prop_assert!(new.is_current(rotation, at));
        let new = new.installation(rotation);
        prop_assert!(new.began <= at * SECOND && at * SECOND < new.ends.unwrap());
    }
}

#[test]
fn an_installation_that_slept_has_the_secret_of_one_that_was_awake() {
    for rotation in ROTATIONS {
        let (asleep, awake) = (State::new(), State::new());
        let at =
            |state: &State, now| installation(state.path(), rotation, now, &Repeated(7), &|| true).unwrap().unwrap();
        let first = at(&asleep, NOON);
        assert_eq!(at(&awake, NOON).secret.0, first.secret.0, "the same draw");
        let mut secrets = BTreeSet::new();
        for step in 0..5 {
            let moved = at(&awake, first.began + step * long(rotation));
            assert_eq!(moved.began, first.began + step * long(rotation));
            secrets.insert(moved.secret.0);
            let at_its_end = at(&awake, moved.ends.unwrap() - 1);
            assert_eq!(at_its_end.secret.0, moved.secret.0, "to the last nanosecond");
        }
        assert_eq!(secrets.len(), 5);
        let later = at(&asleep, first.began + 4 * long(rotation));
        let now = at(&awake, first.began + 4 * long(rotation));
        assert_eq!((later.secret.0, later.began, later.ends), (now.secret.0, now.began, now.ends));
    }
}

#[test]
fn a_clock_that_was_in_the_future_does_not_stop_the_rotation() {
    let state = State::new();
    let first = state.at(Rotation::Daily, NOON).unwrap();
    let day = long(Rotation::Daily);
    let secret = |now| state.at(Rotation::Daily, now).unwrap().secret.0;
    // Into the period before, by one that is right or by one that is wrong: kept.
    assert_eq!(secret(first.began), first.secret.0);
    assert_eq!(secret(first.began - 1), first.secret.0);
    assert_eq!(secret(first.began - day), first.secret.0);
    let inode = Inode::of(&state.file());
    assert_eq!(secret(NOON), first.secret.0);
    assert_eq!(Inode::of(&state.file()), inode, "it was not written again");
    // By more: new, and steady from there on.
    let new = state.at(Rotation::Daily, first.began - day - 1).unwrap();
    assert_ne!(new.secret.0, first.secret.0);
    assert!(new.began < first.began - day && first.began - day <= new.ends.unwrap() + day);
    assert_eq!(secret(first.began - day - 1), new.secret.0);
}

#[test]
fn a_clock_that_is_very_far_ahead_makes_a_new_secret() {
    let day = long(Rotation::Daily);
    let chain = |first: [u8; 32]| (0..MAX_PERIODS).fold(Secret::new(first), |secret, _| secret.next());
    let state = State::new();
    let first = state.at(Rotation::Daily, NOON).unwrap();
    let far = state.at(Rotation::Daily, NOON + MAX_PERIODS * day).unwrap();
    assert_eq!(far.secret.0, chain(first.secret.0).0, "as far as it goes");
    let state = State::new();
    let first = state.at(Rotation::Daily, NOON).unwrap();
    let farther = state.at(Rotation::Daily, NOON + (MAX_PERIODS + 1) * day).unwrap();
    assert_ne!(farther.secret.0, chain(first.secret.0).next().0);
    assert!(farther.began <= NOON + (MAX_PERIODS + 1) * day && NOON + (MAX_PERIODS + 1) * day < farther.ends.unwrap());
}

#[test]
fn a_secret_that_never_rotates_stays() {
    let state = State::new();
    let first = state.at(Rotation::Never, NOON).unwrap();
    assert_eq!((first.began, first.ends), (0, None));
    let inode = Inode::of(&state.file());
    for now in [0, 1, NOON - 1, NOON + 1, 2 * NOON, u64::MAX] {
        let now = state.at(Rotation::Never, now).unwrap();
        assert_eq!((now.secret.0, now.began, now.ends), (first.secret.0, 0, None));
    }
    assert_eq!(Inode::of(&state.file()), inode);
    // Unless it is another installation's.
    let copy = State::new();
    fs::copy(state.file(), copy.file()).unwrap();
    assert_ne!(copy.at(Rotation::Never, NOON).unwrap().secret.0, first.secret.0);
}

#[test]
fn not_all_installations_change_at_once() {
    for rotation in ROTATIONS {
        let phases: BTreeSet<_> =
            (0..64).map(|_| make(rotation, NOON / SECOND, &SystemRandom::new().unwrap()).phase).collect();
        assert!(phases.len() > 60, "{} phases of 64", phases.len());
        let half = length(rotation).unwrap() / 2;
        assert!(phases.first().unwrap() < &half && phases.last().unwrap() > &half, "all over the period");
    }
}

#[test]
fn no_byte_of_the_previous_period_is_kept() {
    let state = State::new();
    let first = state.secret(NOON);
    let mut old = File::open(state.file()).unwrap();
    let length = old.metadata().unwrap().len();
    let second = state.secret(NOON + long(Rotation::Monthly));
    assert_ne!(second, first);
    let mut left = Vec::new();
    old.read_to_end(&mut left).unwrap();
    assert_eq!(left, vec![0; usize::try_from(length).unwrap()]);
    // Some systems keep the name until then.
    drop(old);
    let names: Vec<_> = fs::read_dir(state.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, [FILE]);
}

#[test]
fn a_copy_is_another_installation() {
    let state = State::new();
    let first = state.secret(NOON);
    let before = state.snapshot();
    let copy = State::new();
    for is_time_kept in [true, false] {
        fs::copy(state.file(), copy.file()).unwrap();
        if is_time_kept {
            let time = fs::metadata(state.file()).unwrap().modified().unwrap();
            File::options().write(true).open(copy.file()).unwrap().set_modified(time).unwrap();
        }
        let made = copy.secret(NOON);
        assert_ne!(made, first);
        assert_eq!(copy.secret(NOON), made, "once only");
        // In its next period too: it is not the other's next secret.
        let next = Secret::new(first).next().0;
        assert!(secret_of_a_copy(&state, long(Rotation::Monthly)) != next);
    }
    assert_eq!(state.snapshot(), before, "the first is left alone");
    // In place of itself, as a backup is put back.
    let bytes = fs::read(state.file()).unwrap();
    fs::rename(state.file(), state.path().join("moved")).unwrap();
    fs::write(state.file(), bytes).unwrap();
    fs::set_permissions(state.file(), fs::metadata(state.path().join("moved")).unwrap().permissions()).unwrap();
    assert_ne!(state.secret(NOON), first);
}

/// The secret of a fresh copy, some time after it was made.
fn secret_of_a_copy(state: &State, after: u64) -> [u8; 32] {
    let copy = State::new();
    fs::copy(state.file(), copy.file()).unwrap();
    copy.secret(NOON + after)
}

//! Reading a file back: whole lines only, wherever it ends, and what is left of it.

use super::kit::{drain, files, kit, name, new_state, numbers, put, queue_folder, receiver};
use proptest::prelude::*;
use scruple::limits::MAX_LINE;
use scruple::registry::SignalKind::Span;
use scruple::spool::{Dropped, LockedFile, Queue};
use std::fs;
use std::path::{Path, PathBuf};

/// A queue with a file of these bytes.
fn queue_of(bytes: &[u8]) -> (PathBuf, Queue) {
    let state = new_state("lines");
    drop(super::kit::Process::start(&state));
    put(&state, &name(7, Span), bytes);
    let queue = Queue::open(&state, &receiver()).unwrap().unwrap();
    (state, queue)
}

fn lines(taken: &mut LockedFile<'_>) -> Vec<Vec<u8>> {
    std::iter::from_fn(|| taken.next_line().unwrap().map(<[u8]>::to_vec)).collect()
}

#[track_caller]
fn check(bytes: &[u8], expected: &[&[u8]], [too_long, nul, incomplete]: [u64; 3]) {
    let (state, queue) = queue_of(bytes);
    let mut taken = queue.finished().unwrap().next().expect("a finished file");
    assert!(lines(&mut taken) == expected);
    assert_eq!(taken.next_line(), Ok(None), "the end stays the end");
    let Dropped { too_long: long, nul: with_nul, incomplete: cut, .. } = taken.dropped();
    assert_eq!([long, with_nul, cut], [too_long, nul, incomplete]);
    // Some systems keep the name of a deleted file until nobody has it open.
    drop(taken);
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn only_whole_lines_are_read() {
    let longest = vec![b'x'; MAX_LINE];
    let too_long = vec![b'x'; MAX_LINE + 1];
    let far_too_long = vec![b'x'; 3 * MAX_LINE];
    let line = |bytes: &[u8]| [bytes, b"\n"].concat();
    check(b"", &[], [0, 0, 0]);
    check(b"\n", &[], [0, 0, 0]);
    check(b"one\n", &[b"one"], [0, 0, 0]);
    check(b"one\n\n\ntwo\n", &[b"one", b"two"], [0, 0, 0]);
    check(b"one\ntwo", &[b"one"], [0, 0, 1]);
    check(b"one", &[], [0, 0, 1]);
    check(b"one\r\n", &[b"one\r"], [0, 0, 0]);
    check(b"o\0e\ntwo\n\0\0\0", &[b"two"], [0, 1, 1]);
    check(b"\0\0\0\0\n", &[], [0, 1, 0]);
    check(b"\xff\xfe\n", &[b"\xff\xfe"], [0, 0, 0]);
    check(&line(&longest), &[&longest], [0, 0, 0]);
    check(&longest, &[], [0, 0, 1]);
    for long in [&too_long, &far_too_long] {
        check(&line(long), &[], [1, 0, 0]);
        check(long, &[], [1, 0, 0]);
        check(&[b"one\n".as_slice(), long, b"\ntwo\n"].concat(), &[b"one", b"two"], [1, 0, 0]);
    }
}

#[test]
fn every_truncation_gives_its_whole_lines() {
    let (state, queue) = queue_of(b"");
    let path = queue_folder(&state).join(name(7, Span));
    let whole: Vec<u8> = (0..4).flat_map(|number| [kit().line(Span, number), b"\n"].concat()).collect();
    for end in 0..=whole.len() {
        fs::write(&path, &whole[..end]).unwrap();
        let ends = whole[..end].iter().filter(|&&byte| byte == b'\n').count() as u64;
        let mut taken = queue.finished().unwrap().next().expect("a finished file");
        assert_eq!(numbers(&mut taken), (0..ends).collect::<Vec<_>>(), "{end}");
        let is_cut = end > 0 && whole[end - 1] != b'\n';
        assert_eq!(taken.dropped().incomplete, u64::from(is_cut), "{end}");
    }
    fs::remove_dir_all(state).unwrap();
}

fn write_numbers(state: &Path, count: u64) {
    let all: Vec<u8> = (0..count).flat_map(|number| [kit().line(Span, number), b"\n"].concat()).collect();
    fs::write(queue_folder(state).join(name(7, Span)), all).unwrap();
}

#[test]
fn undelivered_lines_are_kept() {
    let (state, queue) = queue_of(b"");
    for delivered in 0..=5 {
        for looked_at in delivered..=5 {
            write_numbers(&state, 5);
            // What a killed process left of the same attempt.
            let _ = fs::remove_file(queue_folder(&state).join(format!(".{}", name(7, Span))));
            put(&state, &format!(".{}", name(7, Span)), b"garbage");
            let mut taken = queue.finished().unwrap().next().expect("a finished file");
            let modified = taken.modified();
            for _ in 0..delivered {
                taken.next_line().unwrap().expect("a line");
            }
            taken.deliver();
            for _ in delivered..looked_at {
                taken.next_line().unwrap().expect("a line");
            }
            taken.keep().unwrap();
            let left = queue.finished().unwrap().next();
            assert_eq!(left.as_ref().map(LockedFile::modified), (delivered < 5).then_some(modified));
            let left = left.map_or_else(Vec::new, |mut left| numbers(&mut left));
            assert_eq!(left, (delivered..5).collect::<Vec<_>>());
        }
    }
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn a_locked_file_is_not_taken_again() {
    let (state, queue) = queue_of(b"");
    write_numbers(&state, 3);
    let other = Queue::open(&state, &receiver()).unwrap().unwrap();
    let held = queue.finished().unwrap().next().expect("a finished file");
    assert!(other.finished().unwrap().next().is_none());
    assert_eq!(other.waiting().unwrap().records, Some(3), "it still waits");
    drop(held);
    // Of two that know of it, the second finds that it is gone.
    let (mut one, mut two) = (queue.finished().unwrap(), other.finished().unwrap());
    one.next().expect("a finished file").finish().unwrap();
    assert!(two.next().is_none());
    assert_eq!(files(&state).len(), 0);
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn the_oldest_comes_first() {
    let state = new_state("oldest");
    drop(super::kit::Process::start(&state));
    let ages = [5_u64, 2, 9, 1, 7];
    for (stem, age) in ages.iter().enumerate() {
        let path = put(&state, &name(stem as u64, Span), b"\n");
        let then = std::time::SystemTime::now() - std::time::Duration::from_secs(*age);
        fs::File::options().write(true).open(path).unwrap().set_modified(then).unwrap();
    }
    let queue = Queue::open(&state, &receiver()).unwrap().unwrap();
    let order: Vec<_> = queue.finished().unwrap().map(|taken| taken.stem()).collect();
    assert_eq!(order, [2, 4, 0, 1, 3]);
    assert_eq!(drain(&state), []);
    fs::remove_dir_all(state).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn any_bytes_give_the_lines_between_their_line_feeds(bytes in prop::collection::vec(
        prop_oneof![3 => Just(b'\n'), 1 => Just(0_u8), 8 => any::<u8>()], 0..300
    )) {
        let mut parts: Vec<_> = bytes.split(|&byte| byte == b'\n').collect();
        let last = parts.pop().unwrap_or_default();
        let nul = parts.iter().filter(|part| part.contains(&0)).count() as u64;
        let expected: Vec<_> = parts.into_iter().filter(|part| !part.is_empty() && !part.contains(&0)).collect();
        check(&bytes, &expected, [0, nul, u64::from(!last.is_empty())]);
    }
}

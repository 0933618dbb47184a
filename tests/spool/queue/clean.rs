//! The caps: which files go, which stay, and how that is counted.

use super::kit::{Process, drain, files, kit, name, new_state, put, queue_folder, receiver};
use scruple::registry::SignalKind::{Event, Span};
use scruple::spool::{CleanupCounts, Limits, Queue, Receiver, forget};
use scruple_fixtures::files::{hold, set_modified};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

const DAY: u64 = 24 * 60 * 60;

fn age(path: &Path, now: SystemTime, seconds: u64) {
    set_modified(path, now - Duration::from_secs(seconds));
}

/// A queue with finished files: their size in bytes and their age in seconds, named by their number.
fn queue_of(now: SystemTime, sizes_and_ages: &[(u64, u64)]) -> (PathBuf, Queue) {
    let state = new_state("clean");
    drop(Process::start(&state));
    for (stem, (size, seconds)) in (0..).zip(sizes_and_ages) {
        let path = put(&state, &name(stem, Event), b"");
        fs::File::options().write(true).open(&path).unwrap().set_len(*size).unwrap();
        age(&path, now, *seconds);
    }
    let queue = Queue::open(&state, &receiver()).unwrap().unwrap();
    (state, queue)
}

fn stems(state: &Path) -> Vec<u64> {
    let folder = queue_folder(state);
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut stems: Vec<_> = names.filter_map(|name| u64::from_str_radix(name.get(..16)?, 16).ok()).collect();
    stems.sort_unstable();
    stems
}

#[track_caller]
fn check(sizes_and_ages: &[(u64, u64)], limits: Limits, left: &[u64], counts: [u64; 5]) {
    let now = SystemTime::now();
    let (state, queue) = queue_of(now, sizes_and_ages);
    let CleanupCounts { too_old, too_large, over_bytes, over_files, empty, .. } = queue.clean(&limits, now).unwrap();
    assert_eq!(stems(&state), left);
    assert_eq!([too_old, too_large, over_bytes, over_files, empty], counts);
    assert_eq!(queue.clean(&limits, now).unwrap(), CleanupCounts::default(), "once is enough");
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn another_receivers_files_are_never_taken_and_count_for_the_caps() {
    let now = SystemTime::now();
    let (state, queue) = queue_of(now, &[(10, 40), (10, 20), (10, 30 * DAY)]);
    let other = Receiver::new("https://telemetry.example.org", "The example project");
    let renamed = Receiver::new("https://telemetry.example.com", "Somebody else");
    for receiver in [other, renamed] {
        assert!(Queue::open(&state, &receiver).unwrap().is_none(), "{receiver}");
        let folder = state.join("queue").join(receiver.to_string());
        fs::create_dir(&folder).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        let opened = Queue::open(&state, &receiver).unwrap().unwrap();
        assert_eq!((opened.finished().unwrap().count(), opened.waiting().unwrap().files), (0, 0));
        let elsewhere = Queue::waiting_elsewhere(&state, &receiver).unwrap();
        assert_eq!((elsewhere.files, elsewhere.bytes), (3, 30), "{receiver}");
    }
    // The other one cleans for all: what is too old, then the oldest that is over.
    let opened = Queue::open(&state, &other).unwrap().unwrap();
    let cleaned = opened.clean(&Limits::new().files(1), now).unwrap();
    assert_eq!((cleaned.too_old, cleaned.over_files), (1, 1));
    assert_eq!((stems(&state), queue.finished().unwrap().count()), (vec![1], 1));
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn the_oldest_files_are_deleted_until_the_caps_hold() {
    let none = [0; 5];
    check(&[], Limits::new(), &[], none);
    check(&[(1, 10), (1, 20)], Limits::new(), &[0, 1], none);
    // Age: 14 days to the second.
    check(&[(1, 14 * DAY), (1, 14 * DAY + 1)], Limits::new(), &[0], [1, 0, 0, 0, 0]);
    check(&[(1, 10), (1, 11)], Limits::new().age(Duration::from_secs(10)), &[0], [1, 0, 0, 0, 0]);
    // Files.
    check(&[(1, 30), (1, 10), (1, 20), (1, 40)], Limits::new().files(2), &[1, 2], [0, 0, 0, 2, 0]);
    check(&[(1, 30), (1, 10)], Limits::new().files(0), &[], [0, 0, 0, 2, 0]);
    // Bytes: what is older than the first that finds no room goes too, however small.
    check(&[(50, 30), (50, 10), (50, 20)], Limits::new().bytes(100), &[1, 2], [0, 0, 1, 0, 0]);
    check(&[(1, 30), (60, 10), (50, 20)], Limits::new().bytes(100), &[1], [0, 0, 2, 0, 0]);
    check(&[(100, 10), (1, 20)], Limits::new().bytes(100), &[0], [0, 0, 1, 0, 0]);
    // One that can never fit goes alone.
    check(&[(50, 30), (101, 10), (50, 20)], Limits::new().bytes(100), &[0, 2], [0, 1, 0, 0, 0]);
    check(&[(1, 30), (10 << 30, 10), (1, 20)], Limits::new(), &[0, 2], [0, 1, 0, 0, 0]);
    check(&[(0, 30), (1, 10), (0, 5)], Limits::new(), &[1], [0, 0, 0, 0, 2]);
    // Together.
    let limits = Limits::new().files(2).bytes(100).age(Duration::from_secs(1000));
    check(&[(1, 1001), (200, 1), (0, 2), (40, 3), (40, 4), (40, 5)], limits, &[3, 4], [1, 1, 0, 1, 1]);
}

#[test]
fn a_clock_that_was_set_back_ages_no_file() {
    let now = SystemTime::now();
    let (state, queue) = queue_of(now, &[(1, 10), (1, 20)]);
    let year = Duration::from_secs(365 * DAY);
    assert_eq!(queue.clean(&Limits::new(), now - year).unwrap(), CleanupCounts::default());
    assert_eq!(queue.finished().unwrap().count(), 2);
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn unfinished_files_count_and_stay() {
    let now = SystemTime::now();
    let (state, queue) = queue_of(now, &[(1, 10), (1, 20), (1, 30)]);
    let process = Process::named(&state, 0xff, Limits::new(), |spool| spool);
    process.append(Span, [0]);
    age(&queue_folder(&state).join(name(0xff, Span)), now, 365 * DAY);
    let cleaned = queue.clean(&Limits::new().files(3), now).unwrap();
    assert_eq!((stems(&state), cleaned.over_files, cleaned.too_old), (vec![0, 1, 0xff], 1, 0));
    let size = kit().line(Span, 0).len() as u64 + 1;
    let cleaned = queue.clean(&Limits::new().bytes(size + 1), now).unwrap();
    assert_eq!((stems(&state), cleaned.over_bytes), (vec![0, 0xff], 1));
    let cleaned = queue.clean(&Limits::new().files(0).bytes(size), now).unwrap();
    assert_eq!((stems(&state), cleaned.over_files), (vec![0xff], 1));
    drop(process);
    let cleaned = queue.clean(&Limits::new(), now).unwrap();
    assert_eq!((stems(&state), cleaned.too_old), (vec![], 1));
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn the_temporary_file_of_a_killed_process_is_deleted_after_an_hour() {
    let now = SystemTime::now();
    let (state, queue) = queue_of(now, &[]);
    let temporary = |stem| format!(".{}", name(stem, Span));
    let young = put(&state, &temporary(1), b"one");
    let old = put(&state, &temporary(2), b"two");
    let live = put(&state, &temporary(3), b"three");
    age(&young, now, 3600);
    age(&old, now, 3601);
    age(&live, now, 365 * DAY);
    let held = hold(&live);
    let cleaned = queue.clean(&Limits::new(), now).unwrap();
    assert_eq!(cleaned.left_over, 1);
    assert_eq!((young.exists(), old.exists(), live.exists()), (true, false, true));
    assert_eq!(queue.finished().unwrap().count(), 0, "they are not in their place");
    drop(held);
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn a_locked_file_is_not_deleted() {
    let now = SystemTime::now();
    let (state, queue) = queue_of(now, &[(3, 15 * DAY)]);
    let held = queue.finished().unwrap().next().expect("a finished file");
    assert_eq!(queue.clean(&Limits::new(), now).unwrap(), CleanupCounts::default());
    assert_eq!(files(&state).len(), 1);
    drop(held);
    assert_eq!(queue.clean(&Limits::new(), now).unwrap().too_old, 1);
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn a_file_of_another_version_is_left_unchanged() {
    let state = new_state("hostile");
    let process = Process::start(&state);
    for other in ["0", "2", "10", "01"] {
        fs::create_dir(state.join("queue").join(other)).unwrap();
        fs::write(state.join("queue").join(other).join(name(1, Span)), "newer\n").unwrap();
    }
    process.append(Span, [1]);
    drop(process);
    assert_eq!(drain(&state), [(Span, 1)]);
    let later = SystemTime::now() + Duration::from_secs(15 * 24 * 60 * 60);
    Queue::open(&state, &receiver()).unwrap().unwrap().clean(&Limits::new().files(0), later).unwrap();
    for other in ["0", "2", "10", "01"] {
        assert_eq!(fs::read(state.join("queue").join(other).join(name(1, Span))).unwrap(), b"newer\n");
    }
    forget(&state).unwrap();
    assert_eq!(fs::read_dir(&state).unwrap().count(), 0, "a no is for every version");
    fs::remove_dir_all(state).unwrap();
}

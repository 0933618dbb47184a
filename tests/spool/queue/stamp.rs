//! The stamp: when an upload is due.

use super::kit::{mode, new_state};
use scruple::limits::UPLOAD_EVERY;
use scruple::spool::{is_due, touch_stamp};
use std::fs;
use std::os::unix::fs::symlink;
use std::time::{Duration, SystemTime};

const NOW: SystemTime = SystemTime::UNIX_EPOCH;

fn second(offset: i64) -> SystemTime {
    let base = NOW + Duration::from_secs(1_800_000_000);
    let by = Duration::from_secs(offset.unsigned_abs());
    if offset < 0 { base - by } else { base + by }
}

#[test]
fn an_upload_is_due_when_none_was_tried_within_the_time() {
    let state = new_state("stamp");
    assert!(is_due(&state, second(0), UPLOAD_EVERY), "no state folder");
    fs::create_dir_all(&state).unwrap();
    assert!(is_due(&state, second(0), UPLOAD_EVERY), "no stamp");
    let check = |tried: i64, every: u64, expected: bool| {
        touch_stamp(&state, second(tried)).unwrap();
        assert_eq!(is_due(&state, second(0), Duration::from_secs(every)), expected, "{tried} {every}");
    };
    check(0, 3600, false);
    check(-3599, 3600, false);
    check(-3600, 3600, true);
    check(-86_400 * 365, 3600, true);
    check(60, 3600, false);
    check(61, 3600, true);
    check(86_400 * 365, 3600, true);
    check(-10, 10, true);
    check(0, 0, true);
    assert_eq!(mode(&state.join("stamp")), 0o600);
    assert_eq!(fs::read(state.join("stamp")).unwrap(), b"");
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn a_stamp_that_is_not_a_file_makes_no_upload_due() {
    let state = new_state("stamp");
    assert!(touch_stamp(&state, second(0)).is_err(), "the state folder is not made");
    fs::create_dir_all(&state).unwrap();
    let stamp = state.join("stamp");
    let outside = state.join("outside");
    fs::write(&outside, "").unwrap();
    fs::File::options().write(true).open(&outside).unwrap().set_modified(second(-86_400)).unwrap();
    let before = fs::metadata(&outside).unwrap().modified().unwrap();
    symlink(&outside, &stamp).unwrap();
    check_no(&state);
    assert_eq!(fs::metadata(&outside).unwrap().modified().unwrap(), before, "nothing is followed");
    fs::remove_file(&stamp).unwrap();
    fs::create_dir(&stamp).unwrap();
    check_no(&state);
    fs::remove_dir(&stamp).unwrap();
    super::hostile::pipe(&stamp);
    check_no(&state);
    fs::remove_dir_all(state).unwrap();
}

fn check_no(state: &std::path::Path) {
    assert!(!is_due(state, second(86_400), UPLOAD_EVERY));
    assert!(touch_stamp(state, second(0)).is_err());
}

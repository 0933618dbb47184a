//! The stamp: when an upload is due.

use super::kit::{check_mode, new_state};
use scruple::limits::UPLOAD_EVERY;
use scruple::spool::{begin_attempt, due_in, end_attempt, is_due};
use std::fs;
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
        end_attempt(&state, second(tried), &|| true).unwrap();
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
    check_mode(&state.join("stamp"), 0o600);
    assert_eq!(fs::read(state.join("stamp")).unwrap(), b"");
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn an_attempt_that_did_not_end_counts_for_a_minute() {
    let state = new_state("attempt");
    fs::create_dir_all(&state).unwrap();
    let minute = Duration::from_secs(60);
    for every in [minute / 2, minute, UPLOAD_EVERY, Duration::MAX] {
        let counts = minute.min(every);
        begin_attempt(&state, second(0), every).unwrap();
        assert_eq!(due_in(&state, second(0), every), Some(counts).filter(|_| every < Duration::MAX), "{every:?}");
        assert!(!is_due(&state, second(0) + counts - Duration::from_secs(1), every), "{every:?}");
        assert!(every == Duration::MAX || is_due(&state, second(0) + counts, every), "{every:?}");
        end_attempt(&state, second(0), &|| false).unwrap();
        assert!(every == Duration::MAX || is_due(&state, second(0) + counts, every), "a no writes nothing");
        end_attempt(&state, second(0), &|| true).unwrap();
        assert!(!is_due(&state, second(0) + every.min(UPLOAD_EVERY) - Duration::from_secs(1), every), "{every:?}");
    }
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn a_stamp_that_is_not_a_file_makes_no_upload_due() {
    let state = new_state("stamp");
    assert!(begin_attempt(&state, second(0), UPLOAD_EVERY).is_err(), "the state folder is not made");
    fs::create_dir_all(&state).unwrap();
    let stamp = state.join("stamp");
    fs::create_dir(&stamp).unwrap();
    check_no(&state);
    fs::remove_dir(&stamp).unwrap();
    #[cfg(unix)]
    {
        let outside = state.join("outside");
        fs::write(&outside, "").unwrap();
        fs::File::options().write(true).open(&outside).unwrap().set_modified(second(-86_400)).unwrap();
        let before = fs::metadata(&outside).unwrap().modified().unwrap();
        std::os::unix::fs::symlink(&outside, &stamp).unwrap();
        check_no(&state);
        assert_eq!(fs::metadata(&outside).unwrap().modified().unwrap(), before, "nothing is followed");
        fs::remove_file(&stamp).unwrap();
        super::hostile::pipe(&stamp);
        check_no(&state);
    }
    fs::remove_dir_all(state).unwrap();
}

fn check_no(state: &std::path::Path) {
    assert!(!is_due(state, second(86_400), UPLOAD_EVERY));
    assert!(begin_attempt(state, second(0), UPLOAD_EVERY).is_err());
    assert!(end_attempt(state, second(0), &|| true).is_err());
}

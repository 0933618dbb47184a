//! What a recording process leaves on the disk, and when it leaves nothing.

use super::kit::{Process, check_mode, drain, files, kit, long_span, name, new_state, queue_folder, receiver};
use scruple::LossReason;
use scruple::privacy::Sink as _;
use scruple::registry::SignalKind::{Event, Span};
use scruple::spool::{Limits, Queue, forget};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The lines of one file.
fn lines(state: &Path, file: &str) -> Vec<Vec<u8>> {
    let bytes = fs::read(queue_folder(state).join(file)).unwrap();
    bytes.strip_suffix(b"\n").unwrap().split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect()
}

#[track_caller]
fn check_lost(process: &Process, written: u64, lost: &[(LossReason, u64)]) {
    let recorded = process.spool.recorded();
    assert_eq!((recorded.written(), recorded.iter().collect::<Vec<_>>()), (written, lost.to_vec()));
}

#[test]
fn the_first_record_makes_the_file_and_each_is_a_line_at_once() {
    let state = new_state("recording");
    let process = Process::named(&state, 0xfeed, Limits::new(), |spool| spool);
    assert_eq!(files(&state).len(), 0, "no record, no file");
    for folder in [state.clone(), state.join("queue"), queue_folder(&state)] {
        check_mode(&folder, 0o700);
    }
    process.append(Span, [0]);
    assert_eq!(files(&state).len(), 1, "no event, no file for events");
    process.append(Event, [0, 1]);
    process.append(Span, [1]);
    for kind in [Span, Event] {
        let file = name(0xfeed, kind);
        check_mode(&queue_folder(&state).join(&file), 0o600);
        assert_eq!(lines(&state, &file), [kit().line(kind, 0), kit().line(kind, 1)]);
    }
    assert_eq!(files(&state).len(), 2, "nothing else");
    assert_eq!(drain(&state), [], "what is locked is not finished");
    check_lost(&process, 4, &[]);
    drop(process);
    assert_eq!(drain(&state), [(Span, 0), (Span, 1), (Event, 0), (Event, 1)]);
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn a_full_file_is_finished_and_another_one_begun() {
    let state = new_state("recording");
    let calls = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&calls);
    let hook = move || {
        count.fetch_add(1, Ordering::Relaxed);
    };
    let line = kit().line(Span, 0).len() as u64 + 1;
    let process = Process::named(&state, u64::MAX, Limits::new().file_bytes(2 * line), |spool| spool.on_full(hook));
    process.append(Span, 0..2);
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    assert_eq!(drain(&state), [(Span, 0), (Span, 1)]);
    process.append(Span, 2..7);
    assert_eq!(calls.load(Ordering::Relaxed), 3);
    let names = files(&queue_folder(&state)).into_keys().map(|path| path.to_str().unwrap().to_owned());
    assert_eq!(names.collect::<Vec<_>>(), [0, 1, 2].map(|stem| name(stem, Span)), "the numbers after the first");
    assert_eq!(drain(&state), [(Span, 2), (Span, 3), (Span, 4), (Span, 5)]);
    process.end();
    assert_eq!(drain(&state), [(Span, 6)]);
    check_lost(&process, 7, &[]);
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn a_cut_finishes_the_open_files() {
    let state = new_state("recording");
    let process = Process::with(&state, Limits::new(), |spool| spool.batch_appends(100));
    process.spool.cut();
    assert_eq!(files(&state).len(), 0);
    process.append(Event, 0..3);
    process.spool.cut();
    process.append(Event, 3..4);
    assert_eq!(drain(&state), [(Event, 0), (Event, 1), (Event, 2)]);
    process.end();
    assert_eq!(drain(&state), [(Event, 3)]);
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn a_cut_after_a_no_leaves_no_file() {
    let state = new_state("recording");
    let process = Process::with(&state, Limits::new(), |spool| spool);
    process.append(Event, 0..3);
    process.switch.turn_off();
    process.spool.cut();
    process.end();
    assert_eq!(drain(&state), []);
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn a_batch_is_written_at_once_and_at_the_end() {
    let state = new_state("recording");
    let process = Process::with(&state, Limits::new(), |spool| spool.batch_appends(3));
    process.append(Span, 0..2);
    assert_eq!(files(&state).len(), 0);
    process.append(Span, 2..8);
    assert_eq!(process.spool.recorded().written(), 6);
    process.end();
    assert_eq!(drain(&state), (0..8).map(|number| (Span, number)).collect::<Vec<_>>());
    let killed = Process::with(&state, Limits::new(), |spool| spool.batch_appends(3));
    killed.append(Span, 0..5);
    drop(killed);
    assert_eq!(drain(&state), [(Span, 0), (Span, 1), (Span, 2)], "what a kill loses");
    // Long lines are written before there are so many.
    let long = Process::with(&state, Limits::new(), |spool| spool.batch_appends(1_000_000));
    long.append(Span, 0..1000);
    assert!(long.spool.recorded().written() > 0);
    drop(long);
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn records_over_a_limit_are_counted() {
    let state = new_state("recording");
    let process = Process::with(&state, Limits::new().records(5), |spool| spool);
    process.append(Span, 0..3);
    process.append(Event, 0..3);
    check_lost(&process, 5, &[(LossReason::Limit, 1)]);
    assert_eq!(process.spool.lost(), [(LossReason::Limit, 1)], "not on disk yet: for the status of this process");
    drop(process);
    let process = Process::start(&state);
    process.spool.accept(&long_span());
    process.append(Span, [1]);
    process.end();
    process.append(Span, [2]);
    check_lost(&process, 1, &[(LossReason::Closed, 1), (LossReason::TooLong, 1)]);
    assert_eq!(process.spool.lost(), [(LossReason::Closed, 1)], "the other is on disk");
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn two_processes_of_one_name_have_files_of_their_own() {
    let state = new_state("recording");
    // As after a fork.
    let processes: Vec<_> = (0..5).map(|_| Process::named(&state, 3, Limits::new(), |spool| spool)).collect();
    for (number, process) in (0..).zip(&processes) {
        process.append(Span, [number]);
    }
    assert_eq!(files(&state).len(), 5);
    drop(processes);
    assert_eq!(drain(&state), (0..5).map(|number| (Span, number)).collect::<Vec<_>>());
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn off_between_the_decision_and_the_file_leaves_no_file() {
    let state = new_state("recording");
    let process = Process::start(&state);
    process.switch.turn_off();
    process.append(Span, 0..3);
    assert_eq!(files(&state).len(), 0);
    check_lost(&process, 0, &[(LossReason::Off, 3)]);
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn off_in_this_process_deletes_the_records_in_its_open_files() {
    for batch in [1, 2] {
        let state = new_state("recording");
        let process = Process::with(&state, Limits::new(), |spool| spool.batch_appends(batch));
        process.append(Span, 0..3);
        process.append(Event, 0..3);
        process.switch.turn_off();
        process.end();
        process.append(Event, [3]);
        assert_eq!(files(&state).len(), 0);
        fs::remove_dir_all(state).unwrap();
    }
}

#[test]
fn a_process_whose_queue_is_forgotten_writes_nowhere() {
    let state = new_state("recording");
    let line = kit().line(Span, 0).len() as u64 + 1;
    // The first has a file open, the second makes its first one, the third has to make another one.
    let limits = Limits::new().file_bytes(2 * line);
    let processes: Vec<_> = (0..3).map(|_| Process::with(&state, limits, |spool| spool)).collect();
    processes[0].append(Span, [0]);
    processes[2].append(Span, [0, 1]);
    forget(&state).unwrap();
    for process in &processes {
        process.append(Span, 2..7);
        process.append(Event, 2..7);
    }
    assert_eq!(files(&state).len(), 0);
    assert_eq!(fs::read_dir(&state).unwrap().count(), 0, "and no folder is made again");
    // What went to a file without a name counts as written: nobody looked.
    check_lost(&processes[0], 2, &[(LossReason::Off, 9)]);
    check_lost(&processes[1], 0, &[(LossReason::Off, 10)]);
    check_lost(&processes[2], 2, &[(LossReason::Off, 10)]);
    // A yes after that begins anew, for processes that start after it.
    let process = Process::start(&state);
    process.append(Span, [9]);
    processes.iter().for_each(|old| old.append(Span, [8]));
    process.end();
    processes.iter().for_each(Process::end);
    assert_eq!(drain(&state), [(Span, 9)]);
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn threads_of_one_process_write_whole_lines() {
    let state = new_state("recording");
    let process = Process::with(&state, Limits::new().file_bytes(5_000), |spool| spool.batch_appends(3));
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let process = &process;
            scope.spawn(move || process.append(Span, (0..100).map(|index| thread * 100 + index)));
        }
    });
    process.end();
    assert_eq!(drain(&state), (0..800).map(|number| (Span, number)).collect::<Vec<_>>());
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn the_queue_is_counted_without_a_lock() {
    let state = new_state("recording");
    assert!(Queue::open(&state, &receiver()).unwrap().is_none());
    assert!(!state.exists(), "looking makes nothing");
    let process = Process::start(&state);
    let queue = Queue::open(&state, &receiver()).unwrap().unwrap();
    let waiting = queue.waiting().unwrap();
    assert_eq!((waiting.files, waiting.bytes, waiting.records, waiting.oldest), (0, 0, Some(0), None));
    process.append(Span, 0..3);
    process.append(Event, 0..2);
    let waiting = queue.waiting().unwrap();
    let all = files(&state);
    assert_eq!((waiting.files, waiting.records), (2, Some(5)));
    assert_eq!(waiting.bytes, all.values().map(Vec::len).sum::<usize>() as u64);
    let times: BTreeSet<_> =
        all.keys().map(|path| fs::metadata(state.join(path)).unwrap().modified().unwrap()).collect();
    assert_eq!(waiting.oldest.as_ref(), times.first());
    drop(process);
    fs::remove_dir_all(state).unwrap();
}

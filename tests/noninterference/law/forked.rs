//! After a `fork`: every process has ids of its own, and none waits for a lock that another one had.

use scruple::consent::Preset;
use scruple::privacy::{Clean, Record, Sink};
use scruple::registry::{Attribute, Registry, Signal, Source, Treatment};
use scruple::testing::Rehearsal;
use scruple_fixtures::tables::service;
use scruple_fixtures::{alone, process};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tracing::{Dispatch, dispatcher::with_default, info_span};
use tracing_subscriber::prelude::*;

/// Runs `act` in a child, and says whether it ended by itself within five seconds.
fn fork(act: impl FnOnce()) -> bool {
    // SAFETY: the child calls only what this process called before, and ends without unwinding or running handlers.
    unsafe {
        match libc::fork() {
            0 => {
                libc::alarm(5);
                act();
                libc::_exit(0)
            }
            child => {
                let mut status = 0;
                assert_eq!(libc::waitpid(child, &raw mut status, 0), child);
                libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0
            }
        }
    }
}

/// Keeps trace and span ids, a line each.
#[derive(Clone, Default)]
struct Ids(Arc<Mutex<String>>);

impl Sink for Ids {
    fn accept(&self, record: &Clean<Record>) {
        if let Ok(mut lines) = self.0.try_lock() {
            let ids = record.ids();
            *lines += &format!("{:x?}\n{:x?}\n", ids.trace, ids.span);
        }
    }
}

fn record() {
    info_span!("s.0").in_scope(|| drop(info_span!(parent: None, "s.0")));
}

static REGISTRY: Registry<'static> =
    Registry::new("https://telemetry.example.com/schemas/forked/1.0.0", service("com.example.forked", "forked"))
        .attributes(&[Attribute::new("session.id", "", Treatment::Given { source: Source::Session, members: &[] })])
        .resource(&[0])
        .spans(&[Signal::span("s.0", "")]);

#[test]
fn each_forked_process_has_its_own_ids() {
    // A child has every lock that another test has at that moment.
    alone!();
    let folder = tempfile::tempdir().unwrap();
    let kept = Ids::default();
    let telemetry = scruple::start(&REGISTRY).rehearsal(Rehearsal::new()).export(kept.clone()).build();
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(telemetry.layer()));
    let write = |path: &Path| {
        with_default(&dispatch, record);
        fs::write(path, std::mem::take(&mut *kept.0.lock().unwrap())).unwrap();
    };
    write(&folder.path().join("first"));
    for child in 0..3 {
        let forked = fork(|| {
            write(&folder.path().join(format!("child {child}")));
            // And its own child.
            fork(|| write(&folder.path().join(format!("grandchild {child}"))));
        });
        assert!(forked);
    }
    write(&folder.path().join("last"));
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 8);
    let lines: Vec<_> = files
        .iter()
        .flat_map(|path| fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert_eq!(lines.len(), 8 * 4);
    assert_eq!(lines.iter().collect::<HashSet<_>>().len(), 8 * 4, "{lines:?}");
}

/// Another thread records all the time, so that it often has a lock when the process forks.
#[test]
fn no_child_waits_for_a_thread_of_its_parent() {
    // A child has every lock that another test has at that moment.
    alone!();
    let telemetry = scruple::start(&REGISTRY).rehearsal(Rehearsal::new()).export(Ids::default()).build();
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(telemetry.layer()));
    with_default(&dispatch, record);
    let ended = AtomicBool::new(false);
    std::thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| {
                with_default(&dispatch, || {
                    while !ended.load(Ordering::Relaxed) {
                        record()
                    }
                })
            });
        }
        let hung = (0..300).filter(|_| !fork(|| with_default(&dispatch, || (0..200).for_each(|_| record())))).count();
        ended.store(true, Ordering::Relaxed);
        assert_eq!(hung, 0);
    });
}

/// A program with a queue that forks while two spans are open.
#[test]
fn role() {
    if std::env::var_os("FORKED_ROLE").is_none() {
        return;
    }
    let builder = scruple::start(&REGISTRY).preset(Preset::Documented).endpoint("http://127.0.0.1:9");
    let telemetry = builder.build();
    assert!(telemetry.is_on(), "{:?}", telemetry.decision());
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(telemetry.layer()));
    with_default(&dispatch, || {
        record();
        let open = info_span!("s.0").entered();
        let forked = fork(|| {
            // The parent's span ends in the parent, and its file is finished when the parent has ended.
            drop(open);
            record();
            fork(record);
            drop(telemetry);
        });
        assert!(forked);
    });
}

#[test]
fn each_forked_process_has_its_own_session_and_files() {
    let home = tempfile::tempdir().unwrap();
    let mut command = process::of_test("law::forked::role");
    let output = command.env_clear().env("HOME", home.path()).env("FORKED_ROLE", "1").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let files = lines_below(home.path());
    let sessions = |lines: &[String]| {
        let session = |line: &String| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            line["resourceSpans"][0]["resource"]["attributes"][0]["value"]["stringValue"].as_str().unwrap().to_owned()
        };
        lines.iter().map(session).collect::<HashSet<_>>()
    };
    let mut counts: Vec<_> = files.iter().map(Vec::len).collect();
    counts.sort_unstable();
    // The process itself two spans and then the open one, child and grandchild two each.
    assert_eq!(counts, [2, 2, 3], "{files:#?}");
    assert!(files.iter().all(|lines| sessions(lines).len() == 1), "{files:#?}");
    assert_eq!(files.iter().flat_map(|lines| sessions(lines)).collect::<HashSet<_>>().len(), 3, "{files:#?}");
}

/// The lines of each file of records.
fn lines_below(folder: &Path) -> Vec<Vec<String>> {
    let paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let read = |path: PathBuf| match path.extension() {
        _ if path.is_dir() => lines_below(&path),
        Some(extension) if extension == "jsonl" => {
            vec![fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()]
        }
        _ => Vec::new(),
    };
    paths.into_iter().flat_map(read).collect()
}

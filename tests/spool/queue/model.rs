//! Any order of what processes, uploaders and people do, against a simple model of what must be on the disk.

use super::kit::{Process, files, kit, new_state, number, numbers, queue_folder, receiver};
use proptest::prelude::*;
use scruple::registry::SignalKind::{self, Event, Span};
use scruple::spool::{Limits, Queue, forget};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

#[derive(Debug, Clone)]
enum Step {
    /// A process starts, with this much kept in memory.
    Start { batch: u64 },
    /// One of the processes records so many.
    Append { process: usize, kind: SignalKind, times: u64 },
    /// One of the processes ends: killed, or in order.
    End { process: usize, killed: bool },
    /// One of the processes finishes its files.
    Cut { process: usize },
    /// An uploader takes up to so many files, and reads up to so many lines of each.
    Upload { files: usize, lines: usize, delivered: usize, end: End },
    /// An uploader keeps the caps.
    Clean { files: usize, bytes: u64, in_days: u64 },
    /// A person says no, and yes again.
    Off,
}

#[derive(Debug, Clone, Copy)]
enum End {
    /// All was delivered.
    Finish,
    /// Some was.
    Keep,
    /// The uploader was killed.
    Killed,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let kind = || prop_oneof![Just(Span), Just(Event)];
    let end = prop_oneof![Just(End::Finish), Just(End::Keep), Just(End::Killed)];
    let step = prop_oneof![
        3 => (1..4_u64).prop_map(|batch| Step::Start { batch }),
        8 => (0..4_usize, kind(), 1..6_u64).prop_map(|(process, kind, times)| Step::Append { process, kind, times }),
        2 => (0..4_usize, any::<bool>()).prop_map(|(process, killed)| Step::End { process, killed }),
        1 => (0..4_usize).prop_map(|process| Step::Cut { process }),
        4 => (0..4_usize, 0..5_usize, 0..5_usize, end)
            .prop_map(|(files, lines, delivered, end)| Step::Upload { files, lines, delivered, end }),
        1 => (0..8_usize, 0..8_000_u64, 0..20_u64)
            .prop_map(|(files, bytes, in_days)| Step::Clean { files, bytes, in_days }),
        1 => Just(Step::Off),
    ];
    prop::collection::vec(step, 1..40)
}

/// A file is finished when it has so many bytes: after some lines.
const FILE_BYTES: u64 = 2_000;

/// What the model knows of a process: for each signal what is in memory and what is in the open file.
#[derive(Default)]
struct Known {
    batch: u64,
    memory: [Vec<u64>; 2],
    open: [Option<(Vec<u64>, u64)>; 2],
    /// The queue that it opened is gone.
    is_lost: bool,
}

struct Model {
    state: PathBuf,
    next: [u64; 2],
    processes: Vec<(Process, Known)>,
    /// Every record that has to be on the disk.
    waiting: BTreeSet<(SignalKind, u64)>,
}

impl Model {
    fn new() -> Self {
        let state = new_state("model");
        drop(Process::start(&state));
        Self { state, next: [0; 2], processes: Vec::new(), waiting: BTreeSet::new() }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Start { batch } if self.processes.len() < 4 => {
                let limits = Limits::new().file_bytes(FILE_BYTES);
                let process = Process::with(&self.state, limits, |spool| spool.batch_appends(batch));
                self.processes.push((process, Known { batch, ..Known::default() }));
            }
            Step::Append { process, kind, times } if process < self.processes.len() => {
                for _ in 0..times {
                    let number = self.next[kind as usize];
                    self.next[kind as usize] += 1;
                    let (process, known) = &mut self.processes[process];
                    process.append(kind, [number]);
                    known.memory[kind as usize].push(number);
                    if known.memory[kind as usize].len() as u64 >= known.batch {
                        self.waiting.extend(known.write(kind));
                    }
                }
            }
            Step::End { process, killed } if process < self.processes.len() => {
                let (process, mut known) = self.processes.swap_remove(process);
                if !killed {
                    process.end();
                    self.waiting.extend([Span, Event].into_iter().flat_map(|kind| known.write(kind)));
                }
            }
            Step::Cut { process } if process < self.processes.len() => {
                let (process, known) = &mut self.processes[process];
                process.spool.cut();
                self.waiting.extend([Span, Event].into_iter().flat_map(|kind| known.write(kind)));
                known.open = [None, None];
            }
            Step::Upload { files, lines, delivered, end } => self.upload(files, lines, delivered, end),
            Step::Clean { files, bytes, in_days } => self.clean(files, bytes, in_days),
            // Unlike Windows, Wine keeps a deleted file until nobody has it open, and gives a new folder the id of a
            // deleted one.
            Step::Off if cfg!(unix) || self.processes.is_empty() => {
                forget(&self.state).unwrap();
                assert_eq!(fs::read_dir(&self.state).unwrap().count(), 0);
                self.waiting.clear();
                self.processes.iter_mut().for_each(|(_, known)| known.is_lost = true);
                drop(Process::start(&self.state));
            }
            _ => {}
        }
    }

    /// The records in files that a running process has open.
    fn live(&self) -> BTreeSet<(SignalKind, u64)> {
        let known = self.processes.iter().map(|(_, known)| known).filter(|known| !known.is_lost);
        known
            .flat_map(|known| [Span, Event].into_iter().flat_map(|kind| known.opened(kind)).collect::<Vec<_>>())
            .collect()
    }

    fn upload(&mut self, most: usize, lines: usize, delivered: usize, end: End) {
        let queue = Queue::open(&self.state, &receiver()).unwrap().unwrap();
        let live = self.live();
        let mut last = None;
        let mut seen = BTreeSet::new();
        for mut taken in queue.finished().unwrap().take(most) {
            let kind = taken.kind();
            let order = Some((taken.modified(), taken.stem(), kind));
            assert!(last < order, "the oldest first");
            last = order;
            let other = Queue::open(&self.state, &receiver()).unwrap().unwrap();
            assert!(other.finished().unwrap().all(|other| (other.stem(), other.kind()) != (taken.stem(), kind)));
            let mut given = Vec::new();
            match end {
                End::Finish => {
                    given.extend(numbers(&mut taken));
                    taken.deliver();
                    taken.finish().unwrap();
                    given.iter().for_each(|number| assert!(self.waiting.remove(&(kind, *number)), "delivered twice"));
                }
                End::Keep | End::Killed => {
                    for index in 0..lines {
                        if index == delivered {
                            taken.deliver();
                        }
                        let Some(number) = taken.next_line().unwrap().map(|line| number(kind, line)) else { break };
                        given.push(number);
                    }
                    if delivered >= given.len() {
                        taken.deliver();
                    }
                    if matches!(end, End::Keep) {
                        taken.keep().unwrap();
                        for number in given.iter().take(delivered) {
                            assert!(self.waiting.remove(&(kind, *number)), "delivered twice");
                        }
                    }
                }
            }
            for number in given {
                assert!(!live.contains(&(kind, number)), "taken from a running process");
                assert!(seen.insert((kind, number)), "given twice in a run");
            }
        }
    }

    /// The caps keep the newest finished files that fit, and all that are not finished.
    fn clean(&mut self, most: usize, bytes: u64, in_days: u64) {
        let before = self.on_disk();
        let times: BTreeMap<_, _> = before.keys().map(|path| (path.clone(), modified(path))).collect();
        let live: BTreeSet<_> = self.live();
        let is_live = |path: &Path| before[path].1.iter().any(|record| live.contains(record));
        let now = SystemTime::now() + Duration::from_secs(in_days * 24 * 60 * 60);
        let limits = Limits::new().files(most).bytes(bytes);
        let cleaned = Queue::open(&self.state, &receiver()).unwrap().unwrap().clean(&limits, now).unwrap();
        let after = self.on_disk();
        let key = |path: &&PathBuf| {
            let name = path.file_name().unwrap().to_str().unwrap();
            (times[*path], name[..16].to_owned(), kind_of(path))
        };
        let gone: Vec<_> = before.keys().filter(|path| !after.contains_key(*path)).collect();
        let left: Vec<_> = before.keys().filter(|path| after.contains_key(*path)).collect();
        assert!(gone.iter().all(|path| !is_live(path)), "a running process's file was removed");
        let size = |path: &&PathBuf| before[*path].0;
        let is_too_old = |path: &&PathBuf| now.duration_since(times[*path]).is_ok_and(|age| age > Limits::AGE);
        // By count and sum, beside those that go for what they are themselves.
        let by_caps = |path: &&&PathBuf| !is_too_old(path) && size(path) <= bytes;
        let newest_gone = gone.iter().filter(by_caps).max_by_key(|path| key(path));
        let finished_left: Vec<_> = left.iter().filter(|path| !is_live(path)).collect();
        assert!(finished_left.iter().all(|path| !is_too_old(path) && size(path) <= bytes));
        let total = left.iter().map(size).sum::<u64>();
        if !finished_left.is_empty() {
            assert!(left.len() <= most && total <= bytes, "the caps are kept");
        }
        if let Some(newest_gone) = newest_gone {
            assert!(finished_left.iter().all(|path| key(path) > key(newest_gone)), "the oldest go");
            assert!(left.len() + 1 > most || total + size(newest_gone) > bytes, "and no more than have to");
        }
        let counted = cleaned.too_old + cleaned.too_large + cleaned.over_bytes + cleaned.over_files + cleaned.empty;
        assert_eq!(counted, gone.len() as u64);
        for record in gone.into_iter().flat_map(|path| &before[path].1) {
            assert!(self.waiting.remove(record));
        }
    }

    /// Every file in the queue, with its size and its records, read without the spool.
    fn on_disk(&self) -> BTreeMap<PathBuf, (u64, Vec<(SignalKind, u64)>)> {
        let folder = queue_folder(&self.state);
        let read = |(path, bytes): (PathBuf, Vec<u8>)| {
            let kind = kind_of(&path);
            let records = bytes.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
            let records = records.map(|line| (kind, number(kind, line))).collect();
            (folder.join(path), (bytes.len() as u64, records))
        };
        files(&folder).into_iter().map(read).collect()
    }

    fn check(&self) {
        let mut found = BTreeSet::new();
        for (_, (_, records)) in self.on_disk() {
            for record in records {
                assert!(found.insert(record), "{record:?} is there twice");
            }
        }
        assert_eq!(found, self.waiting);
        assert_eq!(fs::read_dir(&self.state).unwrap().count(), 1, "nothing beside the queue");
    }
}

impl Known {
    fn opened(&self, kind: SignalKind) -> impl Iterator<Item = (SignalKind, u64)> + '_ {
        let numbers = self.open[kind as usize].iter().flat_map(|(numbers, _)| numbers);
        numbers.map(move |number| (kind, *number))
    }

    /// What is in memory goes to the disk; gives what has to be there now that was not before.
    fn write(&mut self, kind: SignalKind) -> Vec<(SignalKind, u64)> {
        let numbers = std::mem::take(&mut self.memory[kind as usize]);
        if numbers.is_empty() || self.is_lost {
            return Vec::new();
        }
        let open = self.open[kind as usize].get_or_insert_with(Default::default);
        open.1 += numbers.iter().map(|number| kit().line(kind, *number).len() as u64 + 1).sum::<u64>();
        open.0.extend(&numbers);
        if open.1 >= FILE_BYTES {
            self.open[kind as usize] = None;
        }
        numbers.into_iter().map(|number| (kind, number)).collect()
    }
}

fn kind_of(path: &Path) -> SignalKind {
    if path.to_str().unwrap().ends_with(".traces.jsonl") { Span } else { Event }
}

fn modified(path: &Path) -> SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

proptest! {
    // Under Wine, a file takes many times as long.
    #![proptest_config(ProptestConfig::with_cases(if cfg!(windows) { 32 } else { 256 }))]
    #[test]
    fn nothing_is_lost_and_nothing_comes_twice(steps in steps()) {
        let mut model = Model::new();
        for step in &steps {
            model.step(step);
            model.check();
        }
        // In the end everything that waits comes out, once.
        model.processes.clear();
        model.upload(usize::MAX, 0, 0, End::Finish);
        model.check();
        assert_eq!(model.waiting, BTreeSet::new());
        assert_eq!(files(&model.state).len(), 0);
        fs::remove_dir_all(&model.state).unwrap();
    }
}

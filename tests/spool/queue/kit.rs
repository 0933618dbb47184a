//! Numbered records, processes that record them, and folders to record into.

use scruple::encode::{Encoder, Format};
use scruple::privacy::{Clean, Record, Resource, Sink};
use scruple::registry::{Attribute, AttributeRef, Registry, SignalKind, Treatment};
use scruple::spool::{Limits, LockedFile, Queue, Receiver, Spool};
use scruple::testing::Rehearsal;
use scruple::{Telemetry, consent::Switch};
use scruple_fixtures::source::{Counting, FixedClock};
use scruple_fixtures::tables::{service, signal, used};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use tracing_subscriber::prelude::*;

const USES: &[AttributeRef] = &[used(0), used(1), used(2), used(3)];

/// The members of a list that is as long as one may be recorded.
fn members() -> Vec<String> {
    (0..16).map(|index| format!("{index:02}{}", "x".repeat(250))).collect()
}

/// One span and one event, each with a number by which it is known again, and lists that can be long.
fn registry() -> &'static Registry<'static> {
    let members: Vec<&'static str> = members().into_iter().map(|member| &*member.leak()).collect();
    let members = members.leak();
    let attribute = |key, treatment| Attribute::new(key, "", treatment);
    let attributes = vec![
        attribute("spool.a", Treatment::Names { members }),
        attribute("spool.b", Treatment::Names { members }),
        attribute("spool.c", Treatment::Names { members }),
        attribute("spool.number", Treatment::Count { max: 1_000_000_000 }),
    ];
    Box::leak(Box::new(
        Registry::new("https://telemetry.example.com/schemas/spool/1.0.0", service("com.example.spool", "spool"))
            .attributes(attributes.leak())
            .spans(const { &[signal("spool.step", USES)] })
            .events(const { &[signal("spool.said", USES)] }),
    ))
}

/// What a pipeline makes and hands to a sink.
pub struct Kit {
    registry: &'static Registry<'static>,
    resource: Clean<Resource>,
    records: [Vec<Clean<Record>>; 2],
    lines: [Vec<Vec<u8>>; 2],
}

/// How many records of each signal there are.
pub const NUMBERS: u64 = 3_000;

pub fn kit() -> &'static Kit {
    static KIT: OnceLock<Kit> = OnceLock::new();
    KIT.get_or_init(|| Kit::with(|builder| builder, || (0..NUMBERS).for_each(record)))
}

/// A span and an event of this number.
pub fn record(number: u64) {
    drop(tracing::info_span!("spool.step", spool.number = number));
    tracing::event!(name: "spool.said", tracing::Level::INFO, { spool.number = number });
}

/// A span whose line is longer than any may be.
pub fn long_span() -> Clean<Record> {
    let kit = Kit::with(scruple::Builder::span_events, || {
        let list = members().join(",");
        let list = list.as_str();
        tracing::info_span!("spool.step", spool.number = 1).in_scope(|| {
            for _ in 0..128 {
                const LEVEL: tracing::Level = tracing::Level::INFO;
                tracing::event!(name: "spool.said", LEVEL, { spool.a = list, spool.b = list, spool.c = list });
            }
        });
    });
    kit.record(SignalKind::Span, 0).clone()
}

#[derive(Clone, Default)]
struct Keep(Arc<Mutex<Vec<Clean<Record>>>>);

impl Sink for Keep {
    fn accept(&self, record: &Clean<Record>) {
        self.0.lock().unwrap().push(record.clone());
    }
}

impl Kit {
    fn with(change: impl FnOnce(scruple::Builder) -> scruple::Builder, program: impl FnOnce()) -> Self {
        let registry = registry();
        let keep = Keep::default();
        let resource = Arc::new(OnceLock::new());
        let (sink, told) = (keep.clone(), Arc::clone(&resource));
        // The same time and ids in every process, so that one knows another's lines.
        let rehearsal = Rehearsal::new().clock(FixedClock::at(1_700_000_000_123_456_789)).random(Counting::spread());
        let builder = scruple::start(registry).rehearsal(rehearsal).export(scruple::Exporter::open(move |opening| {
            let _ = told.set(opening.resource.clone());
            Ok(Box::new(sink))
        }));
        let telemetry = change(builder).build();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(telemetry.layer()), program);
        drop(telemetry);
        let made = std::mem::take(&mut *keep.0.lock().unwrap());
        let (spans, events) = made.into_iter().partition(|record| record.kind() == SignalKind::Span);
        let records: [Vec<_>; 2] = [spans, events];
        let resource = resource.get().unwrap().clone();
        let encoder = Encoder::new(&resource, &[registry]);
        let line = |record: &Clean<Record>| {
            let mut line = Vec::new();
            encoder.request(Format::Json, record.kind(), [record], &mut line);
            line
        };
        let lines = [0, 1].map(|kind: usize| records[kind].iter().map(line).collect());
        Self { registry, resource, records, lines }
    }

    pub fn record(&self, kind: SignalKind, number: u64) -> &Clean<Record> {
        &self.records[kind as usize][usize::try_from(number).unwrap()]
    }

    /// The line of a record, without its LF.
    pub fn line(&self, kind: SignalKind, number: u64) -> &[u8] {
        &self.lines[kind as usize][usize::try_from(number).unwrap()]
    }

    pub fn encoder(&self) -> Encoder {
        Encoder::new(&self.resource, &[self.registry])
    }
}

/// A process of an app, as far as the spool goes. Dropping it is being killed: nothing is closed.
pub struct Process {
    pub spool: Spool,
    pub switch: Switch,
    _telemetry: Telemetry,
}

impl Process {
    pub fn start(state: &Path) -> Self {
        Self::with(state, Limits::new(), |spool| spool)
    }

    pub fn with(state: &Path, limits: Limits, change: impl FnOnce(Spool) -> Spool) -> Self {
        static STEM: AtomicU64 = AtomicU64::new(0);
        // Far enough from each other for files of their own.
        Self::named(state, STEM.fetch_add(1, Ordering::Relaxed) << 32, limits, change)
    }

    pub fn named(state: &Path, stem: u64, limits: Limits, change: impl FnOnce(Spool) -> Spool) -> Self {
        let (telemetry, switch) = switch(|builder| builder.rehearsal(Rehearsal::new()));
        let spool = Spool::open(state, &receiver(), kit().encoder(), &switch, stem, limits).unwrap();
        Self { spool: change(spool), switch, _telemetry: telemetry }
    }

    pub fn append(&self, kind: SignalKind, numbers: impl IntoIterator<Item = u64>) {
        numbers.into_iter().for_each(|number| self.spool.accept(kit().record(kind, number)));
    }

    pub fn end(&self) {
        self.spool.close(std::time::Duration::ZERO);
    }
}

/// A switch that is on, and what it is the switch of.
pub fn switch(change: impl FnOnce(scruple::Builder) -> scruple::Builder) -> (Telemetry, Switch) {
    let switch = Arc::new(OnceLock::new());
    let told = Arc::clone(&switch);
    let builder = scruple::start(kit().registry).export(scruple::Exporter::open(move |opening| {
        let _ = told.set(opening.switch.clone());
        Ok(Box::new(Keep::default()))
    }));
    let telemetry = change(builder).build();
    let switch = switch.get().unwrap_or_else(|| panic!("{:?}", telemetry.decision())).clone();
    (telemetry, switch)
}

/// A state folder that is not there yet.
pub fn new_state(name: &str) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}-{next}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    path
}

/// The number of the record in a line, which is exactly the line that the encoder wrote.
pub fn number(kind: SignalKind, line: &[u8]) -> u64 {
    let text = std::str::from_utf8(line).unwrap();
    let digits = text.split_once("\"spool.number\",\"value\":{\"intValue\":\"").unwrap().1.split_once('"').unwrap().0;
    let number = digits.parse().unwrap();
    assert!(line == kit().line(kind, number), "another line: {text}");
    number
}

/// The numbers in a file that is taken.
pub fn numbers(taken: &mut LockedFile<'_>) -> Vec<u64> {
    let kind = taken.kind();
    std::iter::from_fn(|| taken.next_line().unwrap().map(|line| number(kind, line))).collect()
}

/// Takes all finished files, and gives their numbers, sorted.
pub fn drain(state: &Path) -> Vec<(SignalKind, u64)> {
    let queue = Queue::open(state, &receiver()).unwrap().expect("a queue");
    let mut all = Vec::new();
    for mut taken in queue.finished().unwrap() {
        let kind = taken.kind();
        all.extend(numbers(&mut taken).into_iter().map(|number| (kind, number)));
        taken.finish().unwrap();
    }
    all.sort_unstable();
    all
}

pub fn queue_folder(state: &Path) -> PathBuf {
    state.join("queue").join(receiver().to_string())
}

/// Who receives.
pub fn receiver() -> Receiver {
    Receiver::new("https://telemetry.example.com", "The example project")
}

/// Every regular file below a folder, by its path there, with its bytes. Links are not followed.
pub fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inside) = folders.pop() {
        let Ok(entries) = fs::read_dir(inside) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            if metadata.is_dir() {
                folders.push(path);
            } else if metadata.is_file() {
                let bytes = fs::read(&path).unwrap_or_default();
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), bytes);
            }
        }
    }
    found
}

/// Nobody but the person reads it: where files have modes.
pub fn check_mode(path: &Path, expected: u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        assert_eq!(fs::symlink_metadata(path).unwrap().mode() & 0o7777, expected, "{path:?}");
    }
    #[cfg(windows)]
    assert!(path.exists(), "{path:?} {expected:o}");
}

/// The name of a file in the queue.
pub fn name(stem: u64, kind: SignalKind) -> String {
    format!("{stem:016x}.{}.jsonl", if kind == SignalKind::Span { "traces" } else { "logs" })
}

/// Puts a file into the queue as a process of ours would.
pub fn put(state: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    use std::io::Write as _;
    let path = queue_folder(state).join(name);
    let mut options = fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.write(true).create_new(true).open(&path).unwrap();
    file.write_all(bytes).unwrap();
    path
}

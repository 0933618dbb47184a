//! The same at a real Collector: 200 programs at once, some of them killed, and a Collector that is restarted meanwhile.

use super::registry::REGISTRY;
use super::{Person, distinct, records_in, until};
use scruple::check::{Format, check};
use scruple::registry::SignalKind;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const PROCESSES: u64 = 200;
const RECORDS: u64 = 50;

pub const TESTS: &[(&str, fn())] = &[
    ("ten_thousand_records_of_many_processes_arrive_once", ten_thousand_records_of_many_processes_arrive_once),
    ("of_killed_processes_all_that_was_written_arrives", of_killed_processes_all_that_was_written_arrives),
    ("a_collector_that_is_restarted_loses_nothing", a_collector_that_is_restarted_loses_nothing),
];

/// The executable, built if the cache lacks it.
fn binary() -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("collector-config/build");
    let output = Command::new(script).arg("collector").stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "collector-config/build collector");
    let line = String::from_utf8(output.stdout).unwrap();
    PathBuf::from(line.trim_end().strip_prefix("collector").unwrap().trim_start())
}

/// A Collector that writes what it receives to a file.
struct Collector {
    child: Child,
    folder: tempfile::TempDir,
    port: u16,
}

impl Collector {
    fn start(port: Option<u16>) -> Self {
        let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let port = port.unwrap_or_else(free);
        let folder = tempfile::tempdir().unwrap();
        let configuration = format!(
            "receivers: {{otlp: {{protocols: {{http: {{endpoint: '127.0.0.1:{port}'}}}}}}}}\n\
             exporters: {{file: {{path: logs.jsonl}}}}\n\
             service: {{telemetry: {{metrics: {{level: none}}}}, pipelines: {{logs: {{receivers: [otlp], exporters: [file]}}}}}}\n"
        );
        fs::write(folder.path().join("collector.yaml"), configuration).unwrap();
        let mut command = Command::new(binary());
        command.args(["--config", "collector.yaml"]).current_dir(folder.path()).env_clear();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        until("the Collector listens", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        Self { child, folder, port }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Ends it, and gives the records that it wrote; the second opinion has nothing to say of any request.
    fn stop(mut self) -> Vec<String> {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
        let text = fs::read_to_string(self.folder.path().join("logs.jsonl")).unwrap_or_default();
        for line in text.lines() {
            // The Collector writes an empty body where there was none.
            let line = line.replace("\"body\":{},", "");
            let findings = check(&[&REGISTRY], SignalKind::Event, Format::Json, line.as_bytes());
            assert!(findings.is_empty(), "{:?}", findings.first());
        }
        text.lines().flat_map(records_in).collect()
    }
}

/// Runs all programs at once: each records so many, and ends as it is told.
fn record(person: &Person, how: impl Fn(u64) -> (u64, &'static str)) -> u64 {
    let all: Vec<_> = (0..PROCESSES).map(|nth| (nth, how(nth))).collect();
    let running: Vec<_> = all
        .iter()
        .map(|(nth, (records, end))| person.start(&format!("roomy number={nth} record={records} {end}")))
        .collect();
    running.into_iter().for_each(|mut one| assert!(one.wait().is_ok()));
    all.iter().map(|(_, (records, _))| records).sum()
}

fn ten_thousand_records_of_many_processes_arrive_once() {
    let collector = Collector::start(None);
    let person = Person::new(&collector.url());
    let written = record(&person, |_| (RECORDS, ""));
    person.drain();
    let arrived = collector.stop();
    println!("{written} written, {} arrived, {} distinct", arrived.len(), distinct(&arrived));
    assert_eq!((arrived.len() as u64, distinct(&arrived) as u64), (written, written));
}

fn of_killed_processes_all_that_was_written_arrives() {
    let collector = Collector::start(None);
    let person = Person::new(&collector.url());
    let written = record(&person, |nth| if nth % 10 == 3 { (nth % RECORDS, "kill") } else { (RECORDS, "") });
    person.drain();
    let arrived = collector.stop();
    println!("{written} written, {} arrived, {} distinct", arrived.len(), distinct(&arrived));
    assert_eq!((arrived.len() as u64, distinct(&arrived) as u64), (written, written));
}

fn a_collector_that_is_restarted_loses_nothing() {
    let collector = Collector::start(None);
    let (url, port) = (collector.url(), collector.port);
    let person = Person::new(&url);
    let mut written = record(&person, |_| (RECORDS / 2, ""));
    person.drain();
    let mut arrived = collector.stop();
    // Nobody listens while these are made, and one uploader finds that out.
    let more: Vec<_> =
        (PROCESSES..2 * PROCESSES).map(|nth| person.start(&format!("roomy number={nth} record=25"))).collect();
    more.into_iter().for_each(|mut one| assert!(one.wait().is_ok()));
    written += PROCESSES * 25;
    let collector = Collector::start(Some(port));
    person.drain();
    arrived.extend(collector.stop());
    println!("{written} written, {} arrived, {} distinct", arrived.len(), distinct(&arrived));
    assert_eq!((arrived.len() as u64, distinct(&arrived) as u64), (written, written));
}

//! A real Collector with the configuration of this folder, and what it keeps.

use super::person::{Person, own};
use super::road::Road;
use scruple_fixtures::{signals::terminate, until};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A span or an event as it is kept, with what its process says of itself.
#[derive(Debug)]
pub struct Record {
    pub name: String,
    /// By key; the members of a list are joined by blanks.
    pub attributes: BTreeMap<String, String>,
    pub resource: BTreeMap<String, String>,
    /// When it happened or began, in nanoseconds since 1970.
    pub time: u64,
    /// Of a span: 0 unset, 1 ok, 2 error.
    pub status: u64,
}

impl Record {
    #[track_caller]
    pub fn attribute(&self, key: &str) -> &str {
        self.attributes.get(key).unwrap_or_else(|| panic!("{key}: {self:?}"))
    }
}

/// What a Collector kept of what a person ran: its records, and its files as they are.
pub struct Kept {
    pub records: Vec<Record>,
    pub text: String,
    /// The requests that led to it.
    pub sent: Vec<u8>,
}

impl Kept {
    /// The spans of commands, in their order.
    pub fn commands(&self) -> Vec<&Record> {
        self.records.iter().filter(|record| record.name == "mlnet.command").collect()
    }
}

/// Starts a Collector, has somebody with a yes run the program, uploads, stops it, and reads what it kept.
pub fn kept(run: impl FnOnce(&mut Person)) -> Kept {
    kept_of(vec![Person::new()], |people| run(&mut people[0]))
}

/// The same of several people, who all reach it.
pub fn kept_of(people: Vec<Person>, run: impl FnOnce(&mut [Person])) -> Kept {
    let collector = Collector::start();
    let road = Road::to_collector(collector.port);
    let mut people: Vec<_> = people.into_iter().map(|person| person.takes(&road).says_yes()).collect();
    run(&mut people);
    people.iter().for_each(Person::drain);
    let text = collector.stop();
    let records = text.lines().flat_map(|line| records(&serde_json::from_str(line).unwrap())).collect();
    Kept { records, text, sent: road.bytes() }
}

struct Collector {
    child: Child,
    folder: tempfile::TempDir,
    port: u16,
}

impl Collector {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let free = || TcpListener::bind("127.0.0.1:0").unwrap();
        let [http, grpc, health, metrics] = [(); 4].map(|()| free()).map(|held| held.local_addr().unwrap().port());
        let mut command = Command::new(executable());
        let configuration = if cfg!(feature = "mac-address") { "collector-machine-id.yaml" } else { "collector.yaml" };
        command.arg("--config").arg(own(configuration)).current_dir(folder.path()).env_clear();
        for (name, port) in [("HTTP", http), ("GRPC", grpc), ("HEALTH", health), ("METRICS", metrics)] {
            command.env(format!("SCRUPLE_{name}_PORT"), port.to_string());
        }
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let collector = Self { child, folder, port: http };
        until("the Collector is ready", || is_healthy(health));
        collector
    }

    /// Ends it, and gives its files.
    fn stop(mut self) -> String {
        let ended_well = terminate(&mut self.child);
        let read = |name: &str| fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        assert!(ended_well, "{}", read("log"));
        read("traces.jsonl") + &read("logs.jsonl")
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The Collector, built if there is none yet.
fn executable() -> PathBuf {
    let mut build = Command::new(own("../../collector-config/build"));
    let output = build.arg("collector").stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "collector-config/build collector");
    let line = String::from_utf8(output.stdout).unwrap();
    PathBuf::from(line.trim_end().strip_prefix("collector").unwrap().trim_start())
}

fn is_healthy(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let mut answer = String::new();
    let asked = stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    asked.and_then(|()| stream.read_to_string(&mut answer)).is_ok() && answer.starts_with("HTTP/1.1 200")
}

/// The records of a request in OTLP's JSON.
fn records(request: &Value) -> Vec<Record> {
    let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    let mut found = Vec::new();
    for (of_resources, of_scopes, of_records) in
        [("resourceSpans", "scopeSpans", "spans"), ("resourceLogs", "scopeLogs", "logRecords")]
    {
        for of_resource in list(request, of_resources) {
            let resource = attributes(&of_resource["resource"]);
            let records = list(&of_resource, of_scopes).into_iter().flat_map(|scope| list(&scope, of_records));
            found.extend(records.map(|record| {
                let text =
                    |keys: [&str; 2]| keys.iter().find_map(|key| record[key].as_str()).unwrap_or_default().to_owned();
                Record {
                    name: text(["name", "eventName"]),
                    attributes: attributes(&record),
                    resource: resource.clone(),
                    time: text(["startTimeUnixNano", "timeUnixNano"]).parse().unwrap(),
                    status: record["status"]["code"].as_u64().unwrap_or(0),
                }
            }));
        }
    }
    found.sort_by_key(|record| record.time);
    found
}

fn attributes(of: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| match value["arrayValue"]["values"].as_array() {
        Some(list) => list.iter().filter_map(|one| one["stringValue"].as_str()).collect::<Vec<_>>().join(" "),
        None => value["stringValue"].as_str().unwrap_or_else(|| panic!("only texts and lists: {value}")).to_owned(),
    };
    let all = of["attributes"].as_array().cloned().unwrap_or_default();
    all.iter().map(|one| (one["key"].as_str().unwrap().to_owned(), text(&one["value"]))).collect()
}

//! The bar: of whatever a person gives to the program, or has around it, no byte is in the telemetry.

use super::http::{Request, Server};
use super::invocation::Invocation;
use super::person::Person;
use super::records::{self, plain};
use super::stage::Stage;
use super::tracking::{ANSWER, Mlflow};
use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

/// Finds the markers of a set in bytes, in either case; each has one of two forms and lengths.
pub struct Search(HashSet<Vec<u8>>);

impl Search {
    pub fn new(markers: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Self {
        Self(markers.into_iter().map(|marker| marker.as_ref().to_ascii_lowercase()).collect())
    }

    pub fn found(&self, bytes: &[u8]) -> BTreeSet<String> {
        let bytes = bytes.to_ascii_lowercase();
        let lengths: BTreeSet<usize> = self.0.iter().map(Vec::len).collect();
        let windows = lengths.iter().flat_map(|length| bytes.windows(*length));
        windows
            .filter(|window| self.0.contains(*window))
            .map(|found| String::from_utf8_lossy(found).into_owned())
            .collect()
    }
}

/// What this machine and its user are called, and its network cards' addresses, as texts and as bytes.
fn of_the_machine() -> Vec<Vec<u8>> {
    let said = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().unwrap();
        output.stdout.trim_ascii().to_vec()
    };
    let mut found = if cfg!(windows) {
        ["USERNAME", "COMPUTERNAME"].map(|name| std::env::var(name).unwrap().into_bytes()).to_vec()
    } else {
        vec![said("id", &["-un"]), said("uname", &["-n"]), said("uname", &["-v"])]
    };
    for card in fs::read_dir("/sys/class/net").into_iter().flatten() {
        let address = fs::read_to_string(card.unwrap().path().join("address")).unwrap_or_default();
        // That of loopback is nobody's.
        if address.len() > 12 && !address.starts_with("00:00:00") {
            found.extend([":", "-", ""].map(|between| address.trim().replace(':', between).into_bytes()));
            found.push(address.trim().split(':').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect());
        }
    }
    found.retain(|marker| marker.len() > 3);
    assert!(found.len() > 1, "a user and a machine have names");
    found
}

/// A request's bytes: its head, its body as it is on the wire, and as it was before.
fn bytes(request: &Request) -> Vec<u8> {
    [request.head.as_bytes(), &request.body, &plain(request)].concat()
}

/// Makes an invocation ready to run.
fn ready(stage: &Stage, one: &Invocation) -> Command {
    one.put(&stage.person.work());
    let mut program = stage.person.program();
    program.args(["--telemetry-to", stage.receiver(), "--telemetry-policy", &stage.policy]);
    program.args(&one.arguments).envs(one.variables.iter().map(|(name, value)| (name, value)));
    program
}

/// Runs invocations, and sends what they recorded, each hundred of them, by one more.
pub fn run(stage: &Stage, count: u64) -> Vec<Invocation> {
    let mut done = Vec::new();
    for number in 0..count {
        let one = Invocation::new(number, &stage.tracking);
        let ran = stage.end(ready(stage, &one));
        assert!(matches!(ran.code, 0 | 1) && !ran.stderr.contains("panicked"), "{:?}: {}", one.arguments, ran.stderr);
        done.push(one);
        if number % 100 == 99 || number + 1 == count {
            stage.drain_by(|tracking| {
                let sends = (count + number * count..).map(|number| Invocation::new(number, tracking));
                let one = sends.into_iter().find(|one| one.asks(tracking)).unwrap();
                let program = ready(stage, &one);
                done.push(one);
                program
            });
        }
    }
    done
}

/// No marker is in what was sent; all of the nine calls are.
#[track_caller]
fn check(stage: &Stage, done: &[Invocation], home: &str) -> usize {
    let mut markers: Vec<Vec<u8>> =
        done.iter().flat_map(|one| &one.markers).map(|one| one.clone().into_bytes()).collect();
    markers.push(home.into());
    markers.extend(of_the_machine());
    let search = Search::new(&markers);
    let sent = stage.requests();
    for request in sent.iter().chain(&stage.hosts.iter().flat_map(Server::requests).collect::<Vec<_>>()) {
        let found = search.found(&bytes(request));
        assert!(found.is_empty(), "{found:?} in {}", request.head);
    }
    let records: Vec<_> = sent.iter().flat_map(records::of_request).collect();
    let names: BTreeSet<_> = records.iter().map(|record| record.name.as_str()).collect();
    assert_eq!(names.len(), 10, "{names:?}");
    println!(
        "{} invocations, {} markers, {} requests with {} records",
        done.len(),
        markers.len(),
        sent.len(),
        records.len()
    );
    records.len()
}

#[test]
fn no_marker_of_a_thousand_invocations_is_sent() {
    let asked = AtomicU64::new(0);
    // It mostly does what it is asked; it refuses, saying back what it was told; or it is something else altogether.
    let tracking = Server::start(move |request| match asked.fetch_add(1, Ordering::Relaxed) % 8 {
        6 => {
            let said = String::from_utf8_lossy(&request.body).into_owned();
            let refusal = serde_json::json!({"error_code": "INVALID_PARAMETER_VALUE", "message": said});
            ("400 Bad Request", refusal.to_string().into_bytes())
        }
        7 => ("200 OK", [b"<html>", request.body.as_slice()].concat()),
        _ => ("200 OK", ANSWER.as_bytes().to_vec()),
    });
    let home = "zqhomefolder";
    let stage = Stage::of(Person::named(home), &tracking.url);
    let done = run(&stage, 1_000);
    assert!(check(&stage, &done, home) > 1_000);
    // The control: what was planted was really there, and this search finds it.
    let told: Vec<String> =
        done.iter().filter(|one| one.asks(&tracking.url)).flat_map(|one| one.told.clone()).collect();
    let search = Search::new(&told);
    let found: BTreeSet<String> =
        tracking.requests().iter().flat_map(|request| search.found(&bytes(request))).collect();
    let missing: Vec<_> = told.iter().filter(|marker| !found.contains(*marker)).collect();
    assert!(told.len() > 1_000 && missing.is_empty(), "{} of {} are missing: {missing:?}", missing.len(), told.len());
}

#[test]
#[ignore = "needs MLflow and the Collector: examples/mlflow/server and collector-config/build get them"]
fn no_marker_is_sent_beside_the_real_server() {
    let home = "zqhomefolder";
    let stage = Stage::of(Person::named(home), &Mlflow::get().url);
    let done = run(&stage, 88);
    check(&stage, &done, home);
}

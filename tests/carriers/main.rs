//! A marker in every carrier that a Rust program can reach, and the bytes that arrive: none of them passes.
//!
//! Each carrier is a row of a table: its name, what is looked for, and how it is planted. The judge starts this binary
//! again for each door and each way out, in an environment that has its own markers, and looks for all of them in what
//! arrives: raw (in either case), as hexadecimal and as base64, in request lines, headers and bodies, compressed or not.
//!
//! The control is the same program through the SDK's own processors and opentelemetry-otlp's own exporters. It has to
//! show every marker: one that it does not show was not planted, and says nothing about the gate.

/// Carriers around the program: its environment, its resource and its threads.
mod around;
/// The table: what a carrier is, and how it is planted.
mod carrier;
/// The program that the judge starts.
mod child;
/// A host's own pipeline.
mod host;
/// Carriers of log records.
mod logs;
/// The registry of the program.
#[path = "../noninterference/doors/registry.rs"]
mod registry;
/// What arrived, and whether a marker is in it in any form.
mod search;
/// Carriers of spans.
mod spans;
/// A small traced program with its registry.
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "another test binary runs the program")]
mod support;
/// Carriers that `tracing` plants.
mod traced;

use carrier::{Carrier, Variables};
use scruple_fixtures::{Arrived, grpc, http, trials};
use search::Haystack;
use std::collections::BTreeSet;
use std::process::{Command, ExitCode, Stdio};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if let [role, way, endpoint] = arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice()
        && let Some(role) = role.strip_prefix("role=")
    {
        return child::play(role, way, endpoint);
    }
    trials::run([trials(), search::trials()].into_iter().flatten().collect())
}

trials! { no_marker_passes_and_the_control_shows_all }

/// The ways in: our layer, the ready-made one, the ready-made providers, and a host's own pipeline with gates at its end.
/// All of them get what `tracing` plants; the last three also what the OpenTelemetry API plants.
const DOORS: [&str; 5] = ["layer", "otel_layers", "providers", "gates", "span_gate"];

/// One after the other: those for one signal hide those for all.
const VARIABLES: [Variables; 2] = [Variables::General, Variables::Signal];

fn no_marker_passes_and_the_control_shows_all() {
    let carriers = &carrier::all();
    let runs = ["http", "grpc"].map(|way| VARIABLES.map(|variables| run("control", way, carriers, variables)));
    let control = runs.as_flattened();
    let hidden: Vec<_> =
        carriers.iter().filter(|carrier| control.iter().all(|arrived| arrived.find(carrier).is_none())).collect();

    let mut passed = Vec::new();
    for door in DOORS {
        for (way, variables) in
            ["http", "grpc", "json", "protobuf"].into_iter().flat_map(|way| VARIABLES.map(|variables| (way, variables)))
        {
            let arrived = run(door, way, carriers, variables);
            // The records on which markers are planted have to be there, or nothing could have passed with them.
            let declared = arrived.count("d.all") + arrived.count("d.event");
            let planted = carriers.iter().filter(|carrier| carrier.is_planted_through(door)).count();
            assert!(declared > planted / 2, "{declared} records of {planted} carriers by {door} over {way}");
            for carrier in carriers {
                passed.extend(arrived.find(carrier).map(|form| (carrier.name, format!("{form} by {door} over {way}"))));
            }
        }
    }
    let through: BTreeSet<_> = passed.iter().map(|(carrier, _)| carrier).collect();
    let (all, shown) = (carriers.len(), carriers.len() - hidden.len());
    println!("{all} carriers, {} passed the gate, {shown} shown by the control", through.len());
    assert!(passed.is_empty(), "passed: {passed:#?}");
    let hidden: Vec<_> = hidden.iter().map(|carrier| carrier.name).collect();
    assert!(hidden.is_empty(), "not shown by the control: {hidden:#?}");
}

/// Runs the program in a process of its own and gives all that arrived.
fn run(door: &str, way: &str, carriers: &[Carrier], variables: Variables) -> Haystack {
    let (url, arrivals) = if way == "grpc" {
        let server = grpc::GrpcServer::start(grpc::ok(b""));
        (server.url, server.arrivals)
    } else {
        let server = http::Server::start(http::Answer::Bytes(http::answer("200 OK", "", b"")));
        (server.url, server.arrivals)
    };
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env_clear().args([&format!("role={door}"), way, &url]);
    command.envs(carrier::environment(carriers, variables, way, &url));
    let ended = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().unwrap();
    assert!(ended.status.success(), "{door} over {way}: {}", ended.status);
    let mut arrived = std::mem::take(&mut *arrivals.lock().unwrap());
    let mut rest = ended.stdout.as_slice();
    while let Some((length, more)) = rest.split_first_chunk() {
        let (message, more) = more.split_at(u32::from_be_bytes(*length) as usize);
        arrived.push(Arrived { head: Vec::new(), message: message.to_vec() });
        rest = more;
    }
    Haystack::new(arrived)
}

//! A program that records every declared signal, and private things beside and inside it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use scruple::encode::Format;
use scruple::forward::{Forward, ForwardCounts};
use scruple::testing::Rehearsal;
use scruple_cli::demo::usage::{self, DatasetFormat, DatasetSource, REGISTRY};
use tracing_subscriber::prelude::*;

/// What nobody but the program may see.
pub const PRIVATE: [&str; 6] = [
    "alice.liddell",
    "/home/alice.liddell/wonderland",
    "rabbit-hole-17",
    "ghp_0123456789abcdefWonderland",
    "alice@wonderland.example",
    "patients-of-dr-carroll.csv",
];

/// How many spans, and how many events, the program records.
pub const SPANS: u64 = 4;
pub const EVENTS: u64 = 4;

/// What a run left: each record as the program's own encoder writes it, and what became of it.
pub struct Sent {
    pub lines: Vec<String>,
    pub deliveries: ForwardCounts,
}

/// How records enter: through our own layer, or through tracing-opentelemetry, the SDK and the gates.
#[derive(Clone, Copy, Debug)]
pub enum Door {
    Layer,
    Sdk,
}

/// Runs the program against an endpoint, and ends it. Its events are on their spans too, if asked for.
pub fn run(endpoint: &str, forward: Forward, door: Door, span_events: bool) -> Sent {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&lines);
    let deliveries = forward.deliveries();
    let builder = scruple::start(REGISTRY)
        .rehearsal(Rehearsal::new())
        .endpoint(endpoint)
        .opt_in("demo.profile.distinct")
        .shutdown_timeout(Duration::from_secs(60))
        .tee(Format::Json, move |_, line| keep.lock().unwrap().push(String::from_utf8(line.to_vec()).unwrap()))
        .export(forward);
    let telemetry = if span_events { builder.span_events() } else { builder }.build();
    let registry = tracing_subscriber::registry();
    match door {
        Door::Layer => tracing::subscriber::with_default(registry.with(telemetry.layer()), record),
        Door::Sdk => tracing::subscriber::with_default(registry.with(telemetry.otel_layers()), record),
    }
    drop(telemetry);
    let lines = std::mem::take(&mut *lines.lock().unwrap());
    Sent { lines, deliveries }
}

fn record() {
    let [user, path, host, token, mail, file] = PRIVATE;
    let command = usage::command();
    command.argument_names(&["--dataset", path, "--label", user, "--to", "https://u:p@rabbit-hole-17/x"]);
    command.label_chosen(true).process_exit_code(1).fail();
    let _in_command = command.enter();
    tracing::info!(user, host, token, "{mail} ran it");
    {
        let load = usage::load(DatasetSource::File);
        load.dataset_format(DatasetFormat::Csv).dataset_name(file).ok();
        let _in_load = load.enter();
        tracing::info_span!("reading", path, token).in_scope(|| {
            usage::dataset_loaded(150, 4_551).dataset_classes(3).dataset_columns(5).emit();
        });
    }
    {
        let profile = usage::profile();
        profile.dataset_rows(120).library_version("1.4.0").profile_distinct(4);
        profile.record("user", user);
        let _in_profile = profile.enter();
        tracing::event!(name: "demo.profile.saved", tracing::Level::INFO, { demo.result.scheme = "s3://rabbit-hole-17/x", host });
    }
    usage::outliers().outliers_share(97).ok();
    for location in ["src/lib.rs:1", "/home/alice.liddell/wonderland/x.rs:1"] {
        tracing::event!(
            name: "demo.crash",
            tracing::Level::ERROR,
            { demo.crash.stage = "save", demo.crash.location = location, reason = token, file }
        );
    }
    tracing::error!("{path}: permission denied for {user}");
}

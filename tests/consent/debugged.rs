//! What `Debug` prints of a program's handles, as a program may write it to its log: no secret, certificate or key.

use scruple::registry::Registry;
use scruple::testing::Rehearsal;
use scruple::{Exporter, Format, Forward, Key, Keys, PolicySource, Upload};
use scruple_fixtures::tables::service;

static REGISTRY: Registry<'static> = Registry::new(
    "https://telemetry.example.com/schemas/debugged/1.0.0",
    service("com.example.debugged", "debugged").endpoint("http://127.0.0.1:4318"),
);

/// In no output, as text or as numbers.
const PRIVATE: [u8; 32] = *b"private private private private!";

#[track_caller]
fn check(printed: &str, wanted: &[&str]) {
    let text = std::str::from_utf8(&PRIVATE).unwrap();
    let numbers = PRIVATE[..8].iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    assert!(!printed.contains(&text[..8]) && !printed.contains(&numbers), "{printed}");
    for part in wanted {
        assert!(printed.contains(part), "{part}: {printed}");
    }
}

fn rehearsal() -> Rehearsal {
    Rehearsal::new().secret(PRIVATE).asking()
}

#[test]
fn debug_output_has_the_settings_and_no_secret() {
    let upload = Upload::new().certificate(PRIVATE).batch_appends(7).format(Format::Json).gzip(false);
    let wanted = ["Upload", "batch_appends: 7", "format: Json", "gzip: false", "in_thread: false", ".."];
    check(&format!("{upload:?}"), &wanted);
    check(&format!("{:?}", upload.clone().in_thread()), &["in_thread: true"]);
    check(&format!("{:?}", Exporter::from(upload.clone())), &["Exporter", "batch_appends: 7"]);
    let forward = Forward::http().certificate(PRIVATE).queue(77);
    check(&format!("{forward:?}"), &["Forward", "queue: 77", ".."]);
    check(&format!("{:?}", rehearsal()), &["Rehearsal", "asks: true", ".."]);
    let key = Key { id: "current", public: PRIVATE };
    let source = PolicySource::new("https://policy.example/policy", Keys { current: Some(key), next: None });
    let builder = scruple::start(&REGISTRY).rehearsal(rehearsal()).export(upload).policy(source);
    check(&format!("{builder:?}"), &["Builder", "com.example.debugged", "OptIn", ".."]);
}

#[test]
fn debug_output_of_a_running_pipeline_has_its_decision_and_no_secret() {
    let rehearsal = Rehearsal::new().secret(PRIVATE);
    let export = Exporter::requests(Format::Json, |_, _| ());
    let telemetry = scruple::start(&REGISTRY).rehearsal(rehearsal).export(export).build();
    check(&format!("{telemetry:?}"), &["Telemetry", "com.example.debugged", "mode: On", "reason: Rehearsal", ".."]);
    check(&format!("{:?}", telemetry.notice()), &["Notice", "due: false", "debugged asks to report"]);
    check(&format!("{:?}", telemetry.gates()), &["SpanGate", "LogGate"]);
}

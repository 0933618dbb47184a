//! A program with telemetry of its own takes the library's registry into it: one pipeline, one receiver, one session.

use mlflow::Client;
use scruple::encode::Format;
use scruple::registry::{Registry, SignalKind};
use scruple::testing::Rehearsal;
use scruple_fixtures::tables::service;
use std::sync::{Arc, Mutex};
use tracing_subscriber::prelude::*;

/// A program's own registry, in which nothing but its receiver matters here.
pub static OWN: Registry<'static> =
    Registry::new("https://telemetry.example.com/schemas/trainer/1.0.0", service("com.example.trainer", "trainer"));

#[test]
fn a_program_with_a_registry_of_its_own_joins_that_of_the_library() {
    let sent = Arc::<Mutex<Vec<(SignalKind, String)>>>::default();
    let take = Arc::clone(&sent);
    let telemetry = scruple::start(&OWN)
        .library(mlflow::REGISTRY)
        .preset(scruple::Preset::OperatorConsent)
        .rehearsal(Rehearsal::new())
        .endpoint("http://127.0.0.1:9")
        .export(scruple::Exporter::requests(Format::Json, move |kind, bytes| {
            take.lock().unwrap().push((kind, String::from_utf8_lossy(bytes).into_owned()));
        }))
        .build();
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    tracing::subscriber::with_default(subscriber, || {
        assert!(Client::full(Some("sqlite:///home/alice")).create_experiment("a name").is_err());
    });
    drop(telemetry);
    let sent = sent.lock().unwrap();
    let names: Vec<_> =
        sent.iter().map(|(kind, text)| (*kind, text.contains("mlflow."), text.contains("alice"))).collect();
    assert_eq!(names, [(SignalKind::Event, true, false), (SignalKind::Span, true, false)], "{sent:?}");
}

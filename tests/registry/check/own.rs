//! Whatever a program records, `check` finds nothing in what the library's own pipeline writes.

use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use scruple::check::{Format, Seen, check as second_opinion, read};
use scruple::encode;
use scruple::registry::{Registry, SignalKind};
use scruple::testing::Rehearsal;
use tracing::{Level, event, info_span};
use tracing_subscriber::prelude::*;

use crate::otlp::tables::REGISTRIES;

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_undeclared_content_leaves_for_any_records(text in texts(), number: i64, truth: bool, span_events: bool) {
        let mut both = Vec::new();
        for (written, format) in
            [(encode::Format::Json, Format::Json), (encode::Format::Protobuf, Format::Protobuf)]
        {
            let requests = run(written, span_events, &text, number, truth);
            prop_assert_eq!(requests.len(), 3);
            let mut all = Vec::new();
            for (signal, bytes) in requests {
                prop_assert_eq!(second_opinion(&REGISTRIES, signal, format, &bytes), []);
                // Without the library's registry its span is foreign; without any, everything is.
                let alone = second_opinion(REGISTRIES.get(..1).unwrap_or_default(), signal, format, &bytes);
                let (seen, unread) = read(signal, format, &bytes);
                prop_assert_eq!(alone.is_empty(), seen.iter().all(|record| record.name != "lib.query"));
                prop_assert!(!second_opinion(&[], signal, format, &bytes).is_empty());
                prop_assert_eq!(unread, []);
                all.extend(seen);
            }
            both.push(all.iter().map(said).collect::<Vec<_>>());
        }
        prop_assert_eq!(&both[0], &both[1]);
    }
}

/// Texts that some treatment takes, and any others.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[0-9]{1,5}([.][0-9]{1,5}){0,3}(-(rc|alpha|beta|mine)[.]?[0-9]?)?",
        "src/main.rs:[0-9]{1,4}",
        "[a-z]{1,6}://[a-z]{1,5}",
        "(\\[?\"?--(dataset|label-col|train-time|password)\"?[, ]?){1,4}",
        Just("regression".to_owned()),
    ]
}

/// A small program under the pipeline: a span in a span, and an event.
fn run(format: encode::Format, span_events: bool, text: &str, number: i64, truth: bool) -> Vec<(SignalKind, Vec<u8>)> {
    let requests = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&requests);
    let [program, library]: [&'static Registry<'static>; 2] = REGISTRIES;
    let builder = scruple::start(program).library(library).opt_in("mlnet.dataset.name").rehearsal(Rehearsal::new());
    let builder = builder.endpoint("http://127.0.0.1:4318");
    let builder = if span_events { builder.span_events() } else { builder };
    let keep = move |signal, bytes: &[u8]| kept.lock().expect("one thread").push((signal, bytes.to_vec()));
    let telemetry = builder.export(scruple::Exporter::requests(format, keep)).build();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
        let span = info_span!(
            "mlnet.command",
            mlnet.agent = text,
            mlnet.argument.names = text,
            mlnet.ci = truth,
            mlnet.compiler = text,
            mlnet.dataset.name = text,
            mlnet.dataset.size = number,
            mlnet.device = text,
            mlnet.panic.location = text,
            mlnet.task = text,
            mlnet.tracking.scheme = text,
            process.exit.code = number,
            user.name = text,
            otel.status_code = text,
        );
        let _entered = span.enter();
        info_span!("lib.query", lib.rows = number, private = text).in_scope(|| {});
        event!(name: "mlnet.crash", Level::ERROR, { mlnet.panic.location = text, mlnet.task = text }, "{text}");
    });
    drop(telemetry);
    std::mem::take(&mut *requests.lock().expect("one thread"))
}

/// What does not differ from run to run.
fn said(record: &Seen) -> (String, i32, Vec<(String, String)>, Vec<String>, usize) {
    let hashed = |(key, value): &(String, String)| {
        let value = if key == "mlnet.dataset.name" { value.len().to_string() } else { value.clone() };
        (key.clone(), value)
    };
    let attributes = record.attributes.iter().map(hashed).collect();
    let events = record.events.iter().map(|event| event.name.clone()).collect();
    (record.name.clone(), record.status, attributes, events, record.resource.len())
}

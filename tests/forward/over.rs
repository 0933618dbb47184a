//! Records in a pipeline that the program has already: its processors or exporters, our resource and scope.

use crate::support::{RECORDS, REGISTRY, program, rehearsal, send};
use opentelemetry::trace::{SpanKind, Status};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::logs::{LogBatch, LogExporter, LogProcessor, SdkLogRecord};
use opentelemetry_sdk::trace::{Span, SpanData, SpanExporter, SpanProcessor};
use scruple::{Forward, LossReason};
use scruple_fixtures::{LONG, trials};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing_subscriber::prelude::*;

trials! {
    given_exporters_get_batches_and_their_errors_are_counted,
    given_exporters_get_nothing_after_a_no,
    given_processors_get_the_resource_the_records_and_the_end,
    a_given_processor_that_hangs_is_left_behind,
}

/// What both processors were given, in a line each.
#[derive(Debug, Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn note(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn resource(&self, resource: &Resource) {
        let mut keys: Vec<_> = resource.iter().map(|(key, _)| key.to_string()).collect();
        keys.sort();
        self.note(format!("{} {}", resource.schema_url().unwrap_or_default(), keys.join(" ")));
    }

    fn end(&self, timeout: Duration) -> OTelSdkResult {
        self.note(format!("shut down in {timeout:?}"));
        Ok(())
    }
}

/// What both kinds of processors do alike.
macro_rules! notes_its_end {
    () => {
        fn force_flush(&self) -> OTelSdkResult {
            Ok(())
        }

        fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
            self.end(timeout)
        }

        fn set_resource(&mut self, resource: &Resource) {
            self.resource(resource);
        }
    };
}

impl SpanProcessor for Notes {
    fn on_start(&self, _: &mut Span, _: &opentelemetry::Context) {}

    fn on_end(&self, span: SpanData) {
        assert_eq!((&span.span_kind, &span.status, span.links.len()), (&SpanKind::Server, &Status::Ok, 0));
        assert!(span.span_context.is_sampled() && !span.span_context.is_remote());
        self.note(format!("{} {} {:?}", span.instrumentation_scope.name(), span.name, span.attributes.len()));
    }

    notes_its_end!();
}

impl LogProcessor for Notes {
    fn emit(&self, log: &mut SdkLogRecord, scope: &opentelemetry::InstrumentationScope) {
        assert_eq!((log.body(), log.severity_text(), log.target()), (None, None, None));
        let name = log.event_name().unwrap_or_default();
        self.note(format!("{} {name} {}", scope.name(), log.attributes_iter().count()));
    }

    notes_its_end!();
}

/// An exporter that notes what it is given and then does as it is told.
#[derive(Debug, Clone)]
struct Export(Notes, bool);

impl Export {
    fn done(&self, line: String) -> OTelSdkResult {
        self.0.note(line);
        if self.1 { Ok(()) } else { Err(OTelSdkError::InternalFailure("told so".to_owned())) }
    }
}

impl SpanExporter for Export {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.done(format!("{} spans", batch.len()))
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.resource(resource);
    }
}

impl LogExporter for Export {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        self.done(format!("{} logs", batch.iter().count()))
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.resource(resource);
    }
}

const RESOURCE: &str = "https://shop.example/schemas/1.0.0 host.arch os.type process.runtime.name \
                        process.runtime.version service.name service.version";

fn given_exporters_get_batches_and_their_errors_are_counted() {
    for (works, sent, lost) in [(true, RECORDS, vec![]), (false, 0, vec![(LossReason::Exporter, RECORDS)])] {
        let (spans, logs) = (Export(Notes::default(), works), Export(Notes::default(), works));
        let forward = Forward::exporters(spans.clone(), logs.clone()).delay(LONG);
        let deliveries = send("https://telemetry.shop.example", forward, |builder| builder.shutdown_timeout(LONG));
        assert_eq!(*spans.0.0.lock().unwrap(), [RESOURCE, "1 spans"]);
        assert_eq!(*logs.0.0.lock().unwrap(), [RESOURCE, "2 logs"]);
        assert_eq!((deliveries.sent(), deliveries.iter().collect::<Vec<_>>()), (sent, lost));
    }
}

fn given_exporters_get_nothing_after_a_no() {
    let notes = Notes::default();
    let forward = Forward::exporters(Export(notes.clone(), true), Export(notes.clone(), true)).delay(LONG);
    let deliveries = forward.deliveries();
    let telemetry = scruple::start(&REGISTRY).rehearsal(rehearsal()).export(forward).shutdown_timeout(LONG).build();
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    tracing::subscriber::with_default(subscriber, program);
    telemetry.disable();
    drop(telemetry);
    assert_eq!(*notes.0.lock().unwrap(), [RESOURCE, RESOURCE]);
    assert_eq!(deliveries.iter().collect::<Vec<_>>(), [(LossReason::Off, RECORDS)]);
}

fn given_processors_get_the_resource_the_records_and_the_end() {
    let (spans, logs) = (Notes::default(), Notes::default());
    let forward = Forward::over(spans.clone(), logs.clone());
    let deliveries =
        send("https://telemetry.shop.example", forward, |builder| builder.shutdown_timeout(Duration::from_secs(9)));
    assert_eq!(*spans.0.lock().unwrap(), [RESOURCE, "scruple shop.order 2", "shut down in 9s"]);
    assert_eq!(*logs.0.lock().unwrap(), [RESOURCE, "scruple shop.paid 1", "scruple shop.closed 1", "shut down in 9s"]);
    assert_eq!((deliveries.sent(), deliveries.waiting(), deliveries.lost(LossReason::Closed)), (0, 0, 0));
}

fn a_given_processor_that_hangs_is_left_behind() {
    #[derive(Debug)]
    struct Hangs;

    impl SpanProcessor for Hangs {
        fn on_start(&self, _: &mut Span, _: &opentelemetry::Context) {}

        fn on_end(&self, _: SpanData) {}

        fn force_flush(&self) -> OTelSdkResult {
            Ok(())
        }

        fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
            loop {
                std::thread::park();
            }
        }
    }

    let logs = Notes::default();
    send("https://telemetry.shop.example", Forward::over(Hangs, logs.clone()), |builder| builder);
    assert_eq!(logs.0.lock().unwrap().last().map(String::as_str), Some("shut down in 200ms"));
}

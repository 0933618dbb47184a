//! Records in a pipeline that the program has already: its processors, our resource and scope.

mod support;

use opentelemetry::trace::{SpanKind, Status};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogProcessor, SdkLogRecord};
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};
use scruple::forward::{Forward, Lost};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::send;

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

impl SpanProcessor for Notes {
    fn on_start(&self, _: &mut Span, _: &opentelemetry::Context) {}

    fn on_end(&self, span: SpanData) {
        assert_eq!((&span.span_kind, &span.status, span.links.len()), (&SpanKind::Server, &Status::Ok, 0));
        assert!(span.span_context.is_sampled() && !span.span_context.is_remote());
        self.note(format!("{} {} {:?}", span.instrumentation_scope.name(), span.name, span.attributes.len()));
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.end(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource(resource);
    }
}

impl LogProcessor for Notes {
    fn emit(&self, log: &mut SdkLogRecord, scope: &opentelemetry::InstrumentationScope) {
        assert_eq!((log.body(), log.severity_text(), log.target()), (None, None, None));
        let name = log.event_name().unwrap_or_default();
        self.note(format!("{} {name} {}", scope.name(), log.attributes_iter().count()));
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.end(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource(resource);
    }
}

#[test]
fn given_processors_get_the_resource_the_records_and_the_end() {
    let (spans, logs) = (Notes::default(), Notes::default());
    let forward = Forward::over(spans.clone(), logs.clone());
    let deliveries = send("https://telemetry.shop.example", forward, |builder| builder.budget(Duration::from_secs(9)));
    let resource = "https://shop.example/schemas/1.0.0 host.arch os.type process.runtime.name process.runtime.version \
                    service.name service.version";
    assert_eq!(*spans.0.lock().unwrap(), [resource, "scruple shop.order 2", "shut down in 9s"]);
    assert_eq!(*logs.0.lock().unwrap(), [resource, "scruple shop.paid 1", "scruple shop.closed 1", "shut down in 9s"]);
    assert_eq!((deliveries.sent(), deliveries.waiting(), deliveries.lost(Lost::Closed)), (0, 0, 0));
}

#[test]
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

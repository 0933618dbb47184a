//! What a log record of the OpenTelemetry API carries, and the scope it is of.

use super::carrier::{self, Carrier, Plant, host};
use super::host::Host;
use super::spans::at;
use opentelemetry::logs::{AnyValue, LogRecord, Logger, LoggerProvider, Severity};
use opentelemetry::{InstrumentationScope, KeyValue, SpanId, TraceFlags, TraceId};

const TIME: u64 = 1_700_000_002_456_789_123;
const OBSERVED: u64 = 1_700_000_003_567_891_234;

const LOG_TRACE: &str = "qz-logs-trace-id";
const LOG_SPAN: &str = "qz-logid";

pub fn carriers() -> Vec<Carrier> {
    [scope(), texts(), attributes(), numbers()].into_iter().flatten().collect()
}

fn scope() -> Vec<Carrier> {
    fn of(h: &Host, scope: InstrumentationScope) {
        let logger = h.loggers.logger_with_scope(scope);
        let mut record = logger.create_log_record();
        record.set_event_name("d.event");
        logger.emit(record);
    }
    carrier::scope!("logs", of)
}

fn texts() -> Vec<Carrier> {
    vec![
        host("event name", |h, m| h.log(|log| log.set_event_name(m))),
        host("body", |h, m| h.log(|log| log.set_body(AnyValue::from(m)))),
        host("map in a body", |h, m| h.log(|log| log.set_body(map(map(AnyValue::from(m)))))),
        host("key in a body", |h, m| h.log(|log| log.set_body(AnyValue::from_iter([(m, 1)])))),
        host("bytes in a body", |h, m| h.log(|log| log.set_body(AnyValue::from(m.as_bytes())))),
        host("list in a body", |h, m| h.log(|log| log.set_body(AnyValue::from_iter([m])))),
        host("body of a log without a name", |h, m| {
            h.log(|log| {
                log.set_event_name("");
                log.set_body(AnyValue::from(m));
            })
        }),
        host("severity text", |h, m| h.log(|log| log.set_severity_text(m))),
        host("target", |h, m| h.log(|log| log.set_target(m))),
    ]
}

fn attributes() -> Vec<Carrier> {
    fn with(h: &Host, attributes: Vec<(&'static str, AnyValue)>) {
        h.log(|log| log.add_attributes(attributes));
    }
    vec![
        host("log attribute", |h, m| with(h, vec![("secret", AnyValue::from(m))])),
        host("log attribute key", |h, m| with(h, vec![(m, AnyValue::from(1))])),
        host("attribute of an undeclared log", |h, m| {
            h.log(|log| {
                log.set_event_name("u.event");
                log.add_attribute("s.kind", m);
            })
        }),
        host("log attribute that is no member", |h, m| with(h, vec![("s.kind", AnyValue::from(m))])),
        host("map in a log attribute", |h, m| with(h, vec![("secret", map(AnyValue::from(m)))])),
        host("map in a declared log attribute", |h, m| with(h, vec![("s.mode", map(AnyValue::from(m)))])),
        host("key in a declared log attribute", |h, m| with(h, vec![("s.hash", AnyValue::from_iter([(m, 1)]))])),
        host("bytes in a log attribute", |h, m| with(h, vec![("secret", AnyValue::from(m.as_bytes()))])),
        host("bytes in a declared log attribute", |h, m| with(h, vec![("s.sha", AnyValue::from(m.as_bytes()))])),
        host("list in a declared log attribute", |h, m| {
            with(h, vec![("s.names", AnyValue::from_iter(["--data", m]))]);
        }),
        host("list of maps in a declared log attribute", |h, m| {
            with(h, vec![("s.names", AnyValue::from_iter([map(AnyValue::from(m))]))]);
        }),
        host("first of a log key", |h, m| {
            with(h, vec![("s.kind", AnyValue::from(m)), ("s.kind", AnyValue::from("one"))]);
        }),
        host("second of a log key", |h, m| {
            with(h, vec![("s.kind", AnyValue::from("one")), ("s.kind", AnyValue::from(m))]);
        }),
        host("megabyte in a log attribute", |h, m| {
            with(h, vec![("s.hash", AnyValue::from("x".repeat(1 << 20) + m))]);
        }),
        host("log.record.uid", |h, m| with(h, vec![("log.record.uid", AnyValue::from(m))])),
        host("exception.stacktrace of a log", |h, m| with(h, vec![("exception.stacktrace", AnyValue::from(m))])),
    ]
}

fn map(value: AnyValue) -> AnyValue {
    AnyValue::from_iter([("key", value)])
}

fn numbers() -> Vec<Carrier> {
    fn placed(h: &Host, _: &'static str) {
        let trace = TraceId::from_bytes(LOG_TRACE.as_bytes().try_into().unwrap());
        let span = SpanId::from_bytes(LOG_SPAN.as_bytes().try_into().unwrap());
        h.log(|log| log.set_trace_context(trace, span, Some(TraceFlags::new(0x43))));
    }
    vec![
        Carrier::time("time of a log", TIME, Plant::Host(|h, _| h.log(|log| log.set_timestamp(at(TIME))))),
        Carrier::time(
            "observed time of a log",
            OBSERVED,
            Plant::Host(|h, _| h.log(|log| log.set_observed_timestamp(at(OBSERVED)))),
        ),
        Carrier::text_of("trace id of a log", LOG_TRACE, Plant::Host(placed)),
        Carrier::text_of("span id of a log", LOG_SPAN, Plant::Host(placed)),
        Carrier::shown("flags of a log", &["flags: 67", r#""flags":67"#], Plant::Host(placed)),
        Carrier::shown(
            "severity number",
            &["severity_number: Fatal3", r#""severityNumber":23"#],
            Plant::Host(|h, _| h.log(|log| log.set_severity_number(Severity::Fatal3))),
        ),
    ]
}

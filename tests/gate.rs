//! What the gates let through of what an OpenTelemetry pipeline can hand over.

#[path = "doors/registry.rs"]
mod registry;

use opentelemetry::logs::{AnyValue, LogRecord as _, Logger as _, LoggerProvider as _, Severity};
use opentelemetry::trace::{
    Link, Span as _, SpanContext, SpanId, Status, TraceContextExt, TraceFlags, TraceId, TraceState, Tracer as _,
    TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::{LogProcessor, SdkLoggerProvider};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use registry::REGISTRY;
use scruple::encode::{self, Format};
use scruple::identity::{Random, Secret};
use scruple::privacy::{Clean, Record, Sink, Withheld};
use scruple::testing::Rehearsal;
use scruple::{Builder, Telemetry};
use std::collections::HashMap;
use std::fmt::Write;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};
use tracing::{Level, event, info_span};
use tracing_subscriber::prelude::*;

/// Runs a program against a telemetry and compares what left, a line a record: the name, the trace, the span and its
/// parent (numbers in the order in which they were drawn), the status, the attributes, and the span's events.
#[track_caller]
fn check(program: impl FnOnce(&Telemetry), expected: &[&str]) -> Counts {
    check_with(|builder| builder, program, expected)
}

#[track_caller]
fn check_with(build: impl FnOnce(Builder) -> Builder, program: impl FnOnce(&Telemetry), expected: &[&str]) -> Counts {
    let keep = Keep::default();
    let telemetry = build(start().sink(keep.clone())).build();
    program(&telemetry);
    let lines = std::mem::take(&mut *keep.0.lock().unwrap());
    assert_eq!(lines, expected);
    telemetry.withheld().iter().collect()
}

/// What was withheld, and how often.
type Counts = HashMap<Withheld, u64>;

fn start() -> Builder {
    let rehearsal = Rehearsal::new().random(Counting::default()).secret(Secret::new([7; 32]));
    scruple::start(&REGISTRY).rehearsal(rehearsal)
}

#[derive(Clone, Default)]
struct Keep(Arc<Mutex<Vec<String>>>);

impl Sink for Keep {
    fn accept(&self, record: &Clean<Record>) {
        let mut line = String::new();
        write(record, &mut line).unwrap();
        self.0.lock().unwrap().push(line);
    }
}

fn write(record: &Record, line: &mut String) -> std::fmt::Result {
    let ids = record.ids();
    let (trace, span, parent) = (ids.trace[15], ids.span[7], ids.parent[7]);
    write!(line, "{} t{trace} s{span} p{parent} {:?}", record.signal().name, record.status())?;
    for (_, attribute, value) in record.attributes().filter(|(_, attribute, _)| attribute.key != "s.uri") {
        write!(line, " {}={}", attribute.key, encode::text(attribute, value))?;
    }
    for event in record.events() {
        line.push_str(" [");
        write(event, line)?;
        line.push(']');
    }
    Ok(())
}

/// Another number each time, the same ones in each run.
#[derive(Default)]
struct Counting(AtomicU64);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::Relaxed) + 1;
            chunk.copy_from_slice(&next.to_be_bytes()[8 - chunk.len()..]);
        }
    }
}

fn in_layers(telemetry: &Telemetry, act: impl FnOnce()) {
    tracing::subscriber::with_default(tracing_subscriber::registry().with(telemetry.otel_layers()), act);
}

fn tracer(telemetry: &Telemetry) -> SdkTracer {
    telemetry.providers().0.tracer("host")
}

fn count(value: i64) -> KeyValue {
    KeyValue::new("s.count", value)
}

#[test]
fn ten_thousand_attributes_push_nothing_out() {
    let many = |tracer: &SdkTracer| {
        let mut span = tracer.start("d.few");
        (0..10_000).for_each(|index| span.set_attribute(KeyValue::new(format!("u.{index}"), "x".repeat(100))));
        span.set_attribute(count(7));
    };
    let withheld = check(|telemetry| many(&tracer(telemetry)), &["d.few t3 s1 p0 Unset s.count=7"]);
    assert_eq!(withheld[&Withheld::UndeclaredField], 10_000);
    // A pipeline with the SDK's default limit of 128, for comparison.
    let limited = |telemetry: &Telemetry| {
        let provider = SdkTracerProvider::builder().with_span_processor(telemetry.span_gate()).build();
        many(&provider.tracer("host"));
    };
    check(limited, &["d.few t3 s1 p0 Unset"]);
}

#[test]
fn later_records_push_nothing_out() {
    let program = |telemetry: &Telemetry| {
        in_layers(telemetry, || {
            let span = info_span!("d.few", secret = 0, s.count = tracing::field::Empty);
            (0..10_000).for_each(|value| {
                span.record("secret", value);
            });
            span.record("s.count", 7);
        });
    };
    check(program, &["d.few t3 s1 p0 Unset s.count=7"]);
}

#[test]
fn the_last_value_of_a_key_counts() {
    let program = |telemetry: &Telemetry| {
        let mut span = tracer(telemetry).start("d.all");
        span.set_attributes([count(1), count(2), KeyValue::new("s.flag", true), KeyValue::new("s.flag", "maybe")]);
    };
    check(program, &["d.all t3 s1 p0 Unset s.count=2"]);
}

#[test]
fn a_renamed_span_is_what_the_sdk_says() {
    let program = |telemetry: &Telemetry| {
        in_layers(telemetry, || {
            drop(info_span!("d.few", otel.name = "somebody's secret"));
            drop(info_span!("u.one", otel.name = "d.few"));
        });
        let tracer = tracer(telemetry);
        tracer.start("d.few").update_name("somebody's secret");
        tracer.start("u.one").update_name("d.few");
    };
    let withheld = check(program, &["d.few t3 s1 p0 Unset"]);
    assert_eq!(withheld[&Withheld::UndeclaredSignal], 3);
}

#[test]
fn an_event_leaves_the_status_of_its_span_alone() {
    let program = |telemetry: &Telemetry| {
        in_layers(telemetry, || {
            let span = info_span!("d.few");
            let _entered = span.enter();
            event!(Level::ERROR, error = "a secret", "it failed");
            event!(name: "d.event", Level::ERROR, { error = "a secret" });
        });
    };
    check(program, &["d.event t3 s1 p0 Unset", "d.few t3 s1 p0 Unset"]);
}

#[test]
fn a_status_has_no_description_and_ok_is_final() {
    let program = |telemetry: &Telemetry| {
        let tracer = tracer(telemetry);
        tracer.start("d.few").set_status(Status::error("a secret"));
        let mut span = tracer.start("d.few");
        span.set_status(Status::Ok);
        span.set_status(Status::error("a secret"));
        drop(span);
        in_layers(telemetry, || {
            let span = info_span!("d.few", otel.status_code = "error");
            span.record("otel.status_code", "unset");
            drop(span);
            let span = info_span!("d.few", otel.status_code = "OK");
            span.record("otel.status_code", "error");
        });
    };
    let lines = ["d.few t3 s1 p0 Error", "d.few t6 s4 p0 Ok", "d.few t9 s7 p0 Error", "d.few t12 s10 p0 Ok"];
    check(program, &lines);
}

#[test]
fn remote_parents_and_host_contexts_count_as_none() {
    let program = |telemetry: &Telemetry| {
        let remote = SpanContext::new(
            TraceId::from(1),
            SpanId::from(2),
            TraceFlags::SAMPLED,
            true,
            TraceState::from_key_value([("vendor", "secret")]).unwrap(),
        );
        let host = SdkTracerProvider::builder().build();
        let host = Context::new().with_span(host.tracer("host").start("host"));
        let tracer = tracer(telemetry);
        for parent in [Context::new().with_remote_span_context(remote), host] {
            tracer.start_with_context("d.few", &parent).end();
            let _attached = parent.attach();
            in_layers(telemetry, || {
                let _entered = info_span!("d.few").entered();
                event!(name: "d.event", Level::INFO, {});
                event!(name: "d.event", parent: None, Level::INFO, {});
            });
            in_layers(telemetry, || event!(name: "d.event", Level::INFO, {}));
        }
    };
    let lines = [
        "d.few t3 s1 p0 Unset",
        "d.event t6 s4 p0 Unset",
        "d.event t0 s0 p0 Unset",
        "d.few t6 s4 p0 Unset",
        "d.event t0 s0 p0 Unset",
        "d.few t9 s7 p0 Unset",
        "d.event t12 s10 p0 Unset",
        "d.event t0 s0 p0 Unset",
        "d.few t12 s10 p0 Unset",
        "d.event t0 s0 p0 Unset",
    ];
    check(program, &lines);
}

/// What is remote is not ours, also where it says our own ids.
#[test]
fn a_remote_parent_with_the_ids_of_an_open_span_counts_as_none() {
    let program = |telemetry: &Telemetry| {
        let tracer = tracer(telemetry);
        let outer = tracer.start("d.few");
        let ours = outer.span_context();
        let echo = SpanContext::new(ours.trace_id(), ours.span_id(), ours.trace_flags(), true, TraceState::NONE);
        tracer.start_with_context("d.few", &Context::new().with_remote_span_context(echo)).end();
    };
    check(program, &["d.few t6 s4 p0 Unset", "d.few t3 s1 p0 Unset"]);
}

#[test]
fn no_carrier_but_the_declared_ones_reaches_a_request() {
    const MARK: &str = "MARKER";
    let requests: Arc<Mutex<String>> = Arc::default();
    let kept = Arc::clone(&requests);
    let take = move |_, request: &[u8]| kept.lock().unwrap().push_str(std::str::from_utf8(request).unwrap());
    let telemetry = start().span_events().requests(Format::Json, take).build();
    let (spans, logs) = telemetry.gates();
    let resource = Resource::builder().with_service_name(MARK).with_attribute(KeyValue::new(MARK, MARK)).build();
    let tracers = SdkTracerProvider::builder().with_span_processor(spans).with_resource(resource.clone()).build();
    let loggers = SdkLoggerProvider::builder().with_log_processor(logs).with_resource(resource).build();
    let state = TraceState::from_key_value([("marker", MARK)]).unwrap();
    let foreign = SpanContext::new(TraceId::from(1), SpanId::from(2), TraceFlags::SAMPLED, true, state);
    let tracer = tracers.tracer(MARK);
    let builder = tracer
        .span_builder("d.all")
        .with_links(vec![Link::new(foreign.clone(), vec![KeyValue::new(MARK, MARK)], 0)])
        .with_attributes([count(7), KeyValue::new(MARK, MARK), KeyValue::new("s.kind", MARK)]);
    let mut span = tracer.build_with_context(builder, &Context::new().with_remote_span_context(foreign.clone()));
    span.add_link(foreign, vec![count(1)]);
    span.add_event(MARK, vec![count(1)]);
    span.add_event("d.event", vec![KeyValue::new(MARK, MARK), KeyValue::new("s.mode", MARK)]);
    span.set_status(Status::error(MARK));
    let logger = loggers.logger(MARK);
    let mut log = logger.create_log_record();
    log.set_event_name("d.event");
    log.set_target(MARK);
    log.set_severity_text(MARK);
    log.set_severity_number(Severity::Fatal4);
    log.set_body(AnyValue::from(MARK));
    log.add_attribute("s.mode", MARK);
    log.add_attribute(MARK, MARK);
    log.add_attribute("s.count", 8);
    log.set_trace_context(span.span_context().trace_id(), span.span_context().span_id(), None);
    logger.emit(log);
    let mut log = logger.create_log_record();
    log.set_event_name(MARK);
    logger.emit(log);
    logger.emit(logger.create_log_record());
    drop(span);
    let requests = requests.lock().unwrap();
    assert!(requests.contains(r#""intValue":"7""#) && requests.contains(r#""intValue":"8""#), "{requests}");
    assert_eq!(requests.matches(r#""stringValue":"other""#).count(), 2, "{requests}");
    assert!(!requests.to_lowercase().contains(&MARK.to_lowercase()), "{requests}");
    assert!(!requests.contains("FATAL") && !requests.contains("service.name"), "{requests}");
    assert_eq!(telemetry.withheld().get(Withheld::UndeclaredSignal), 2);
}

#[test]
fn times_are_the_pipelines_to_the_grain() {
    let requests: Arc<Mutex<String>> = Arc::default();
    let kept = Arc::clone(&requests);
    let take = move |_, request: &[u8]| kept.lock().unwrap().push_str(std::str::from_utf8(request).unwrap());
    let telemetry = start().requests(Format::Json, take).build();
    let (tracers, loggers) = telemetry.providers();
    let at = |milliseconds| UNIX_EPOCH + Duration::from_millis(milliseconds);
    let tracer = tracers.tracer("host");
    tracer.span_builder("d.few").with_start_time(at(1_234)).start(&tracer).end_with_timestamp(at(5_678));
    let logger = loggers.logger("host");
    let mut log = logger.create_log_record();
    log.set_event_name("d.event");
    log.set_timestamp(at(9_876));
    log.set_observed_timestamp(at(99_999));
    logger.emit(log);
    let requests = requests.lock().unwrap();
    for time in ["1000000000", "5000000000", "9000000000"] {
        assert!(requests.contains(&format!(r#"UnixNano":"{time}""#)), "{requests}");
    }
    assert!(!requests.contains("99000000000"), "{requests}");
}

#[test]
fn children_of_a_span_over_its_limit_belong_to_the_next_one_outwards() {
    let program = |telemetry: &Telemetry| {
        in_layers(telemetry, || {
            let _outer = info_span!("d.few").entered();
            (0..2).for_each(|_| drop(info_span!("d.limited")));
            let _over = info_span!("d.limited").entered();
            let _undeclared = info_span!("u.one").entered();
            let _inner = info_span!("d.few").entered();
            event!(name: "d.event", Level::INFO, {});
        });
    };
    let lines = [
        "d.limited t3 s4 p1 Unset",
        "d.limited t3 s5 p1 Unset",
        "d.event t3 s6 p0 Unset",
        "d.few t3 s6 p1 Unset",
        "d.few t3 s1 p0 Unset",
    ];
    let withheld = check(program, &lines);
    assert_eq!(withheld[&Withheld::OverLimit], 1);
}

#[test]
fn a_parent_counts_while_it_is_open() {
    let program = |telemetry: &Telemetry| {
        let tracer = tracer(telemetry);
        let outer = Context::new().with_span(tracer.start("d.few"));
        let undeclared = outer.with_span(tracer.start_with_context("u.one", &outer));
        tracer.start_with_context("d.few", &undeclared).end();
        outer.span().end();
        tracer.start_with_context("d.few", &undeclared).end();
        tracer.start_with_context("d.few", &outer).end();
    };
    let lines = ["d.few t3 s4 p1 Unset", "d.few t3 s1 p0 Unset", "d.few t7 s5 p0 Unset", "d.few t10 s8 p0 Unset"];
    check(program, &lines);
}

#[test]
fn spans_that_never_end_stop_being_remembered() {
    let telemetry = start().sink(Keep::default()).build();
    let tracer = tracer(&telemetry);
    let outer = Context::new().with_span(tracer.start("d.few"));
    let undeclared: Vec<_> = (0..70_000).map(|_| tracer.start_with_context("u.one", &outer)).collect();
    let mut declared: Vec<_> = (1..65_536).map(|_| tracer.start_with_context("d.few", &outer)).collect();
    assert_eq!(telemetry.withheld().get(Withheld::TooManyOpen), 0, "undeclared spans displace nothing");
    declared.push(tracer.start("d.few"));
    assert_eq!(telemetry.withheld().get(Withheld::TooManyOpen), 1);
    declared.clear();
    declared.push(tracer.start("d.few"));
    assert_eq!(telemetry.withheld().get(Withheld::TooManyOpen), 1, "room is given back");
    drop(undeclared);
}

#[test]
fn span_events_come_from_log_records_or_from_spans_and_never_twice() {
    let events = |telemetry: &Telemetry, tracers: &SdkTracerProvider, loggers: Option<&SdkLoggerProvider>| {
        let _ = telemetry;
        let mut span = tracers.tracer("host").start("d.few");
        span.add_event("d.event", vec![count(1)]);
        span.add_event("u.event", vec![count(1)]);
        if let Some(loggers) = loggers {
            let logger = loggers.logger("host");
            let mut log = logger.create_log_record();
            log.set_event_name("d.event");
            log.add_attribute("s.count", 2);
            log.set_trace_context(span.span_context().trace_id(), span.span_context().span_id(), None);
            logger.emit(log);
        }
    };
    let alone = |telemetry: &Telemetry| {
        let tracers = SdkTracerProvider::builder().with_span_processor(telemetry.span_gate()).build();
        events(telemetry, &tracers, None);
    };
    let pair = |telemetry: &Telemetry| {
        let (tracers, loggers) = telemetry.providers();
        events(telemetry, &tracers, Some(&loggers));
    };
    check_with(Builder::span_events, alone, &["d.few t3 s1 p0 Unset [d.event t3 s1 p0 Unset s.count=1]"]);
    check(alone, &["d.few t3 s1 p0 Unset"]);
    let log = "d.event t3 s1 p0 Unset s.count=2";
    check_with(Builder::span_events, pair, &[log, &format!("d.few t3 s1 p0 Unset [{log}]")]);
    check(pair, &[log, "d.few t3 s1 p0 Unset"]);
}

#[test]
fn only_declared_names_are_enabled() {
    let telemetry = start().sink(Keep::default()).build();
    let gate = telemetry.gates().1;
    let enabled = |name| gate.event_enabled(Severity::Info, "target", name);
    assert!(enabled(Some("d.event")) && enabled(None));
    assert!(!enabled(Some("u.event")) && !enabled(Some("d.few")));
    gate.shutdown_with_timeout(Duration::ZERO).unwrap();
    assert!(!enabled(Some("d.event")));
}

#[test]
fn a_span_that_follows_from_itself_is_a_span() {
    let program = |telemetry: &Telemetry| {
        in_layers(telemetry, || {
            let span = info_span!("d.few");
            span.follows_from(&span);
        });
    };
    check(program, &["d.few t3 s1 p0 Unset"]);
}

#[test]
fn nothing_goes_through_after_the_switch_is_off() {
    let program = |telemetry: &Telemetry| {
        in_layers(telemetry, || {
            let open = info_span!("d.few");
            telemetry.disable();
            drop(open);
            drop(info_span!("d.few"));
            event!(name: "d.event", Level::INFO, {});
        });
    };
    check(program, &[]);
}

const CHILD: &str = "SCRUPLE_TEST_GATE_CHILD";

/// Run again in a process of its own: variables, and the end of the process.
fn child(test: &str, variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]).env(CHILD, "1").envs(variables.iter().copied());
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

struct Print;

impl Sink for Print {
    fn accept(&self, record: &Clean<Record>) {
        let mut line = String::new();
        write(record, &mut line).unwrap();
        println!("\n<{line}>");
    }
}

fn printed(output: &str) -> Vec<&str> {
    output.lines().filter_map(|line| line.strip_prefix('<')?.strip_suffix('>')).collect()
}

#[test]
fn the_environment_changes_no_limit_and_no_sampling() {
    if std::env::var_os(CHILD).is_some() {
        let telemetry = start().sink(Print).build();
        in_layers(&telemetry, || {
            let span = info_span!("d.all", secret = 1, s.mode = "fast", s.count = 7);
            span.in_scope(|| event!(name: "d.event", Level::INFO, { secret = 1, s.flag = true, s.count = 8 }));
        });
        return;
    }
    let hostile = [
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "1"),
        ("OTEL_SPAN_EVENT_COUNT_LIMIT", "0"),
        ("OTEL_SPAN_LINK_COUNT_LIMIT", "0"),
        ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "0"),
        ("OTEL_ATTRIBUTE_COUNT_LIMIT", "1"),
        ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "1"),
        ("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "1"),
        ("OTEL_TRACES_SAMPLER", "always_off"),
        ("OTEL_TRACES_SAMPLER_ARG", "0"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a=b"),
        ("OTEL_SERVICE_NAME", "other"),
        ("OTEL_PROPAGATORS", "tracecontext"),
        ("TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ("TRACESTATE", "vendor=secret"),
    ];
    for variables in [&[][..], &hostile[..]] {
        let (code, output) = child("the_environment_changes_no_limit_and_no_sampling", variables);
        assert_eq!(code, Some(0));
        let lines = ["d.event t3 s1 p0 Unset s.count=8 s.flag=true", "d.all t3 s1 p0 Unset s.count=7 s.mode=fast"];
        assert_eq!(printed(&output), lines, "{output}");
    }
}

#[test]
fn exit_ends_open_spans_with_what_they_began_with() {
    if std::env::var_os(CHILD).is_some() {
        let telemetry = start().sink(Print).build();
        in_layers(&telemetry, || {
            let _outer = info_span!("d.few", s.count = 7).entered();
            telemetry.exit(3);
        });
    }
    let (code, output) = child("exit_ends_open_spans_with_what_they_began_with", &[]);
    assert_eq!(code, Some(3));
    assert_eq!(printed(&output), ["d.few t3 s1 p0 Error s.count=7"], "{output}");
}

/// In a process of its own: other tests' subscribers have a say in whether a callsite is disabled.
#[test]
fn both_doors_are_closed_when_telemetry_is_off() {
    if std::env::var_os(CHILD).is_none() {
        let (code, output) = child("both_doors_are_closed_when_telemetry_is_off", &[]);
        assert_eq!(code, Some(0), "{output}");
        return;
    }
    let telemetry = start().build();
    let (tracers, loggers) = telemetry.providers();
    let span = tracers.tracer("host").start("d.few");
    assert!(!span.is_recording() && !span.span_context().is_valid());
    assert!(!loggers.logger("host").event_enabled(Severity::Info, "", Some("d.event")));
    in_layers(&telemetry, || {
        assert!(info_span!("d.few").is_disabled());
        assert!(!tracing::event_enabled!(Level::ERROR));
    });
    tracing::subscriber::with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
        assert!(info_span!("d.few").is_disabled());
    });
    assert_eq!(telemetry.withheld().iter().count(), 0);
}

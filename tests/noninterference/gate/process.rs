//! What takes a process of its own: variables, the end of the process, and callsites that nobody else wants.

use super::*;
use scruple_fixtures::process;

const CHILD: &str = "SCRUPLE_TEST_GATE_CHILD";

/// Run again in a process of its own: variables, and the end of the process.
fn child(test: &str, variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = process::of_test(test);
    command.env(CHILD, "1").envs(variables.iter().copied());
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
        let telemetry = start().export(Print).build();
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
        let (code, output) = child("gate::process::the_environment_changes_no_limit_and_no_sampling", variables);
        assert_eq!(code, Some(0));
        let lines = ["d.event t3 s1 p0 Unset s.count=8 s.flag=true", "d.all t3 s1 p0 Unset s.count=7 s.mode=fast"];
        assert_eq!(printed(&output), lines, "{output}");
    }
}

#[test]
fn exit_ends_open_spans_with_their_first_attributes() {
    if std::env::var_os(CHILD).is_some() {
        let telemetry = start().export(Print).build();
        in_layers(&telemetry, || {
            let _outer = info_span!("d.few", s.count = 7).entered();
            telemetry.exit(3);
        });
    }
    let (code, output) = child("gate::process::exit_ends_open_spans_with_their_first_attributes", &[]);
    assert_eq!(code, Some(3));
    assert_eq!(printed(&output), ["d.few t3 s1 p0 Error s.count=7"], "{output}");
}

/// In a process of its own: other tests' subscribers have a say in whether a callsite is disabled.
#[test]
fn both_doors_are_closed_when_telemetry_is_off() {
    if std::env::var_os(CHILD).is_none() {
        let (code, output) = child("gate::process::both_doors_are_closed_when_telemetry_is_off", &[]);
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
    assert_eq!(telemetry.drop_counts().iter().count(), 0);
}

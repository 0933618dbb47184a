//! Spans: limits, names, status, parents, memory.

use super::*;

#[test]
fn ten_thousand_attributes_displace_no_declared_one() {
    let many = |tracer: &SdkTracer| {
        let mut span = tracer.start("d.few");
        (0..10_000).for_each(|index| span.set_attribute(KeyValue::new(format!("u.{index}"), "x".repeat(100))));
        span.set_attribute(count(7));
    };
    let withheld = check(|telemetry| many(&tracer(telemetry)), &["d.few t3 s1 p0 Unset s.count=7"]);
    assert_eq!(withheld[&DropReason::UndeclaredField], 10_000);
    // A pipeline with the SDK's default limit of 128, for comparison.
    let limited = |telemetry: &Telemetry| {
        let provider = SdkTracerProvider::builder().with_span_processor(telemetry.span_gate()).build();
        many(&provider.tracer("host"));
    };
    check(limited, &["d.few t3 s1 p0 Unset"]);
}

#[test]
fn later_records_displace_no_earlier_one() {
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
fn a_renamed_span_has_the_sdks_name() {
    let program = |telemetry: &Telemetry| {
        in_layers(telemetry, || drop(info_span!("u.one", otel.name = "d.few")));
        let tracer = tracer(telemetry);
        tracer.start("d.few").update_name("somebody's secret");
        tracer.start("u.one").update_name("d.few");
    };
    let withheld = check(program, &[]);
    assert_eq!(withheld[&DropReason::UndeclaredSignal], 2);
}

/// Through the ready-made layer: no undeclared field renames a span, sets its status or adds an attribute.
#[test]
fn fields_with_a_meaning_of_their_own_are_undeclared() {
    let program = |telemetry: &Telemetry| {
        in_layers(telemetry, || {
            let failure: Box<dyn std::error::Error> = "a secret".into();
            let late = tracing::field::Empty;
            drop(info_span!(
                "d.few",
                s.count = 7,
                otel.name = "a secret",
                otel.kind = "client",
                otel.status_code = "ok"
            ));
            let span = info_span!("d.few", s.count = 8, otel.status_description = late, otel.name = late);
            span.record("otel.status_description", "a secret");
            span.record("otel.name", "d.all");
            drop(span);
            drop(info_span!("d.few", otel.status_description = ?"a secret", secret = &*failure, s.count = 9));
            event!(name: "d.event", Level::INFO, { secret = &*failure, exception.message = "a secret", s.count = 1 });
        });
    };
    let lines = [
        "d.few t3 s1 p0 Ok s.count=7",
        "d.few t6 s4 p0 Unset s.count=8",
        "d.few t9 s7 p0 Unset s.count=9",
        "d.event t0 s0 p0 Unset s.count=1",
    ];
    let withheld = check(program, &lines);
    assert_eq!(withheld[&DropReason::UndeclaredField], 8);
}

/// Through the ready-made layer: the program's code in a value is not run for an undeclared field, and neither ends nor
/// holds up anything in a declared one.
#[test]
fn a_values_own_code_does_no_harm() {
    struct Panics;
    impl std::fmt::Debug for Panics {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            std::panic::resume_unwind(Box::new("a value's own Debug panicked"))
        }
    }
    struct Endless;
    impl std::fmt::Debug for Endless {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            (0..100_000).try_for_each(|_| f.write_str("on and on "))?;
            std::panic::resume_unwind(Box::new("nothing cut it off"))
        }
    }
    let program = |telemetry: &Telemetry| {
        in_layers(telemetry, || {
            drop(info_span!("d.few", s.count = 7, secret = ?Panics));
            let span = info_span!("d.few", s.count = 8, secret = tracing::field::Empty);
            span.record("secret", tracing::field::debug(Endless));
            drop(span);
            drop(info_span!("d.all", s.count = 9, s.mode = ?Panics, s.kind = ?Endless));
            event!(name: "d.event", Level::INFO, { secret = ?Panics, s.mode = ?Endless, s.count = 1 });
        });
    };
    let lines = [
        "d.few t3 s1 p0 Unset s.count=7",
        "d.few t6 s4 p0 Unset s.count=8",
        "d.all t9 s7 p0 Unset s.count=9",
        "d.event t0 s0 p0 Unset s.count=1",
    ];
    let withheld = check(program, &lines);
    assert_eq!((withheld[&DropReason::UndeclaredField], withheld[&DropReason::Unreadable]), (3, 3));
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
    assert_eq!(withheld[&DropReason::OverLimit], 1);
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
    let telemetry = start().export(Keep::default()).build();
    let tracer = tracer(&telemetry);
    let outer = Context::new().with_span(tracer.start("d.few"));
    let undeclared: Vec<_> = (0..70_000).map(|_| tracer.start_with_context("u.one", &outer)).collect();
    let mut declared: Vec<_> = (1..65_536).map(|_| tracer.start_with_context("d.few", &outer)).collect();
    assert_eq!(telemetry.drop_counts().get(DropReason::TooManyOpen), 0, "undeclared spans displace nothing");
    declared.push(tracer.start("d.few"));
    assert_eq!(telemetry.drop_counts().get(DropReason::TooManyOpen), 1);
    declared.clear();
    declared.push(tracer.start("d.few"));
    assert_eq!(telemetry.drop_counts().get(DropReason::TooManyOpen), 1, "room is given back");
    drop(undeclared);
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
fn nothing_passes_after_the_switch_is_off() {
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

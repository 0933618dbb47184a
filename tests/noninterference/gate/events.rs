//! Log records and span events, and everything else that a pipeline carries.

use super::*;

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
fn no_carrier_but_the_declared_ones_reaches_a_request() {
    const MARK: &str = "MARKER";
    let requests: Arc<Mutex<String>> = Arc::default();
    let kept = Arc::clone(&requests);
    let take = move |_, request: &[u8]| kept.lock().unwrap().push_str(std::str::from_utf8(request).unwrap());
    let telemetry = start().span_events().export(scruple::Exporter::requests(Format::Json, take)).build();
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
    assert_eq!(telemetry.drop_counts().get(DropReason::UndeclaredSignal), 2);
}

#[test]
fn times_are_the_pipelines_at_the_declared_resolution() {
    let requests: Arc<Mutex<String>> = Arc::default();
    let kept = Arc::clone(&requests);
    let take = move |_, request: &[u8]| kept.lock().unwrap().push_str(std::str::from_utf8(request).unwrap());
    let telemetry = start().export(scruple::Exporter::requests(Format::Json, take)).build();
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

/// The program's own exporters stay in its providers, before or after the gates.
#[test]
fn own_exporters_beside_the_gates_get_everything_and_the_gates_pass_declared_content() {
    for is_first in [true, false] {
        let (own_spans, own_logs) = (InMemorySpanExporter::default(), InMemoryLogExporter::default());
        let program = |telemetry: &Telemetry| {
            let (spans, logs) = telemetry.gates();
            let (tracers, loggers) = (SdkTracerProvider::builder(), SdkLoggerProvider::builder());
            let (tracers, loggers) = if is_first {
                (
                    tracers.with_simple_exporter(own_spans.clone()).with_span_processor(spans),
                    loggers.with_simple_exporter(own_logs.clone()).with_log_processor(logs),
                )
            } else {
                (
                    tracers.with_span_processor(spans).with_simple_exporter(own_spans.clone()),
                    loggers.with_log_processor(logs).with_simple_exporter(own_logs.clone()),
                )
            };
            let (tracers, loggers) = (tracers.build(), loggers.build());
            let secret = || KeyValue::new("secret", "x");
            let tracer = tracers.tracer("host");
            drop(tracer.span_builder("u.own").with_attributes([secret()]).start(&tracer));
            drop(tracer.span_builder("d.few").with_attributes([count(7), secret()]).start(&tracer));
            let logger = loggers.logger("host");
            let mut log = logger.create_log_record();
            log.set_event_name("d.event");
            log.set_body(AnyValue::from("a secret"));
            log.add_attribute("secret", "x");
            logger.emit(log);
            let spans = own_spans.get_finished_spans().unwrap();
            let secrets = spans.iter().filter(|span| span.attributes.contains(&secret())).count();
            assert_eq!((spans.len(), secrets), (2, 2), "{spans:?}");
            let logs = format!("{:?}", own_logs.get_emitted_logs().unwrap());
            assert!(logs.contains("a secret") && logs.contains("\"x\""), "{logs}");
        };
        check(program, &["d.few t3 s1 p0 Unset s.count=7", "d.event t0 s0 p0 Unset"]);
    }
}

/// tracing-opentelemetry and the appender as their authors set them up: context activation places the events.
#[test]
fn a_pipeline_of_the_hosts_own_finds_the_span_of_a_log_record() {
    let program = |telemetry: &Telemetry| {
        let (spans, logs) = telemetry.gates();
        let tracers = SdkTracerProvider::builder().with_span_processor(spans).build();
        let loggers = SdkLoggerProvider::builder().with_log_processor(logs).build();
        let subscriber = tracing_subscriber::registry()
            .with(tracing_opentelemetry::layer().with_tracer(tracers.tracer("host")))
            .with(OpenTelemetryTracingBridge::new(&loggers));
        tracing::subscriber::with_default(subscriber, || {
            let _outer = info_span!("d.few", s.count = 7u64, secret = "x").entered();
            let _undeclared = info_span!("u.one").entered();
            event!(name: "d.event", Level::INFO, { s.count = 8u64, secret = "x" }, "a secret");
            event!(Level::INFO, "a secret");
        });
    };
    check(program, &["d.event t3 s1 p0 Unset s.count=8", "d.few t3 s1 p0 Unset s.count=7"]);
}

#[test]
fn spans_of_many_threads_keep_their_parents() {
    let keep = Keep::default();
    let telemetry = start().export(keep.clone()).build();
    let (tracers, loggers) = telemetry.providers();
    let outer = Context::new().with_span(tracers.tracer("host").start("d.few"));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let (tracer, logger) = (tracers.tracer("host"), loggers.logger("host"));
                for _ in 0..200 {
                    let undeclared = outer.with_span(tracer.start_with_context("u.one", &outer));
                    let inner = undeclared.with_span(tracer.start_with_context("d.few", &undeclared));
                    let _attached = inner.attach();
                    let mut log = logger.create_log_record();
                    log.set_event_name("d.event");
                    logger.emit(log);
                }
            });
        }
    });
    drop(outer);
    let lines = keep.0.lock().unwrap();
    assert_eq!(lines.len(), 8 * 200 * 2 + 1);
    assert!(lines.iter().all(|line| line.contains(" t3 ")), "{lines:?}");
    assert_eq!(lines.iter().filter(|line| line.starts_with("d.few") && line.contains(" p1 ")).count(), 8 * 200);
}

#[test]
fn only_declared_names_are_enabled() {
    let telemetry = start().export(Keep::default()).build();
    let gate = telemetry.gates().1;
    let enabled = |name| gate.event_enabled(Severity::Info, "target", name);
    assert!(enabled(Some("d.event")) && enabled(None));
    assert!(!enabled(Some("u.event")) && !enabled(Some("d.few")));
    gate.shutdown_with_timeout(Duration::ZERO).unwrap();
    assert!(!enabled(Some("u.event")));
}

#[test]
fn what_a_closed_gate_loses_is_counted() {
    let keep = Keep::default();
    let telemetry = start().export(keep.clone()).build();
    let (spans, logs) = telemetry.providers();
    let mut open = spans.tracer("t").start("d.few");
    spans.shutdown().unwrap();
    open.end();
    let counted = || telemetry.drop_counts().get(DropReason::GateClosed);
    assert_eq!(counted(), 1, "a span that is open");
    let gate = telemetry.gates().1;
    gate.shutdown_with_timeout(Duration::ZERO).unwrap();
    for (name, expected) in [("u.event", 1), ("d.event", 2)] {
        let logger = logs.logger("t");
        let mut record = logger.create_log_record();
        record.set_event_name(name);
        gate.emit(&mut record, &opentelemetry::InstrumentationScope::default());
        assert_eq!(counted(), expected, "{name}");
    }
    assert!(keep.0.lock().unwrap().is_empty());
}

//! The layer: which spans and events become records, with which parents, ids, status and values.

use scruple::encode::Format;
use scruple::privacy::DropReason;
use scruple::registry::{Attribute, AttributeRef, Registry, Signal, SignalKind, SpanKind, TimeResolution, Treatment};
use scruple::testing::Rehearsal;
use scruple::{Builder, Telemetry};
use scruple_fixtures::alone;
use scruple_fixtures::source::FixedClock;
use scruple_fixtures::tables::{opt_in, required, service, used};
use serde_json::Value;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use tracing::{Level as Severity, event, field, info_span};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::prelude::*;

/// How long a thread waits for another one before the test fails.
const PATIENCE: Duration = Duration::from_secs(10);

const fn attribute(key: &'static str, field: &'static str, treatment: Treatment<'static>) -> Attribute<'static> {
    Attribute::new(key, "", treatment).field(field)
}

const fn signal(name: &'static str, attributes: &'static [AttributeRef]) -> Signal<'static> {
    Signal::span(name, "").kind(SpanKind::Client).attributes(attributes)
}

static REGISTRY: Registry<'static> =
    Registry::new("https://telemetry.example.com/schemas/layer/1.0.0", service("com.example.layer", "layer"))
        .attributes(&[
            attribute("a.count", "a.count", Treatment::Count { max: 255 }),
            attribute("a.kind", "a.kind", Treatment::Enum { members: &["one", "two"], otherwise: None }),
            attribute("a.opt", "a.opt", Treatment::Boolean),
            attribute("a.size", "size", Treatment::Bucket { members: &["small", "big"], below: &[10] }),
            attribute(
                "a.to",
                "a.to",
                Treatment::UriScheme { members: &["file", "none"], otherwise: None, absent: Some(1) },
            ),
        ])
        .spans(&[
            signal("a.inner", &[required(0), used(1), used(3)]),
            signal("a.limited", &[]).at_most(2),
            signal("a.outer", &[used(0), opt_in(2)]),
            signal("a.uri", &[used(4)]),
        ])
        .events(&[signal("a.happened", &[used(0), used(1)])]);

/// What a program sends: for each record, `name(parent) key=value … status`, with the names of parents for ids.
fn sent(build: impl FnOnce(Builder) -> Telemetry, program: impl FnOnce(&Telemetry)) -> (Vec<String>, Telemetry) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&lines);
    let take = move |kind, bytes: &[u8]| {
        let value: Value = serde_json::from_slice(bytes).expect("a request is JSON");
        keep.lock().expect("no panic").push((kind, value));
    };
    let telemetry = build(
        scruple::start(&REGISTRY).rehearsal(Rehearsal::new()).export(scruple::Exporter::requests(Format::Json, take)),
    );
    program(&telemetry);
    let lines = lines.lock().expect("no panic");
    (render(&lines), telemetry)
}

fn in_layer(program: impl FnOnce()) -> Vec<String> {
    let subscribed = |telemetry: &Telemetry| {
        let subscriber = tracing_subscriber::registry().with(telemetry.layer());
        tracing::subscriber::with_default(subscriber, program);
    };
    sent(Builder::build, subscribed).0
}

fn render(lines: &[(SignalKind, Value)]) -> Vec<String> {
    let record = |(kind, value): &(SignalKind, Value)| match kind {
        SignalKind::Span => value["resourceSpans"][0]["scopeSpans"][0]["spans"][0].clone(),
        SignalKind::Event => value["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0].clone(),
    };
    let records: Vec<Value> = lines.iter().map(record).collect();
    let name = |record: &Value| {
        let name = record.get("name").or(record.get("eventName"));
        name.and_then(Value::as_str).expect("a name").to_owned()
    };
    let of = |id: &Value| {
        let found = records.iter().find(|record| record.get("name").is_some() && record["spanId"] == *id);
        found.map_or_else(|| "?".to_owned(), name)
    };
    let one = |record: &Value| {
        let parent = if record.get("name").is_some() { record.get("parentSpanId") } else { record.get("spanId") };
        let mut text = format!("{}({})", name(record), parent.map(of).unwrap_or_default());
        for attribute in record["attributes"].as_array().into_iter().flatten() {
            let value = attribute["value"].as_object().and_then(|value| value.values().next()).expect("a value");
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            text += &format!(" {}={value}", attribute["key"].as_str().expect("a key"));
        }
        match record["status"]["code"].as_u64() {
            Some(1) => text += " ok",
            Some(2) => text += " error",
            _ => {}
        }
        let same_trace = |other: &&Value| parent == other.get("spanId") && record["traceId"] != other["traceId"];
        assert!(parent.is_none() || !records.iter().any(|other| same_trace(&other)), "one trace: {text}");
        text
    };
    records.iter().map(one).collect()
}

#[track_caller]
fn check(program: impl FnOnce(), expected: &[&str]) {
    assert_eq!(in_layer(program), expected);
}

#[test]
fn only_declared_spans_fields_and_events_leave() {
    check(
        || {
            let span = info_span!("a.outer", a.count = 3, user = "alice", "a message").entered();
            event!(name: "a.happened", Severity::ERROR, { a.kind = "one", path = "/home/alice" }, "text of alice");
            event!(name: "b.happened", Severity::INFO, { a.kind = "one" });
            tracing::info!(a.kind = "one", "an event without a name");
            drop(span);
            drop(info_span!("b.outer", a.count = 3));
        },
        &["a.happened(a.outer) a.kind=one", "a.outer() a.count=3"],
    );
}

#[test]
fn a_field_can_be_recorded_later_and_the_last_value_wins() {
    check(
        || {
            let span = info_span!("a.inner", a.count = 1, a.kind = field::Empty, size = 70_000);
            span.record("a.kind", "two");
            span.record("a.count", 2);
            span.record("a.kind", "alice");
            span.record("size", "7");
        },
        &["a.inner() a.count=2 a.size=small"],
    );
}

#[test]
fn a_value_of_a_type_that_no_attribute_has_is_dropped_whatever_it_says() {
    let program = || {
        let failure: Box<dyn std::error::Error> = "one".into();
        let failure = failure.as_ref();
        drop(info_span!("a.inner", a.count = 1_u128, a.kind = failure, size = 1_i128));
        event!(name: "a.happened", Severity::INFO, { a.count = u128::MAX, a.kind = &b"one"[..] });
        event!(name: "a.happened", Severity::INFO, { a.count = i128::MIN, a.kind = "one" });
    };
    for is_gate in [false, true] {
        let (sent, telemetry) = sent(Builder::build, |telemetry| {
            let subscriber = tracing_subscriber::registry();
            match is_gate {
                false => tracing::subscriber::with_default(subscriber.with(telemetry.layer()), program),
                true => tracing::subscriber::with_default(subscriber.with(telemetry.otel_layers()), program),
            }
        });
        assert_eq!(sent, ["a.inner()", "a.happened()", "a.happened() a.kind=one"], "{is_gate}");
        let dropped = telemetry.drop_counts().iter().filter(|(why, _)| *why != DropReason::MissingRequired);
        assert_eq!(dropped.map(|(_, count)| count).sum::<u64>(), 6, "{is_gate}");
    }
}

#[test]
fn the_parent_is_the_nearest_declared_span() {
    check(
        || {
            let outer = info_span!("a.outer").entered();
            let undeclared = info_span!("b.between").entered();
            let inner = info_span!("a.inner").entered();
            info_span!("b.below").in_scope(|| event!(name: "a.happened", Severity::INFO, { a.count = 1 }));
            drop((inner, undeclared));
            drop(info_span!(parent: None, "a.inner", a.kind = "one"));
            event!(name: "a.happened", parent: None, Severity::INFO, { a.count = 2 });
            drop(outer);
        },
        &[
            "a.happened(a.inner) a.count=1",
            "a.inner(a.outer)",
            "a.inner() a.kind=one",
            "a.happened() a.count=2",
            "a.outer()",
        ],
    );
}

/// Whether there are any depends on what the neighbours want, and where they lie is undeclared.
#[test]
fn an_undeclared_span_is_never_a_parent_and_hides_no_parent() {
    let program = || {
        let outer = info_span!("a.outer");
        let between = info_span!(parent: &outer, "b.between");
        drop(info_span!(parent: &between, "a.inner", a.kind = "one"));
        drop(info_span!(parent: &outer, "a.inner", a.kind = "two"));
        event!(name: "a.happened", parent: &outer, Severity::INFO, { a.count = 1 });
        event!(name: "a.happened", parent: &between, Severity::INFO, { a.count = 2 });
        between.in_scope(|| drop(info_span!("a.inner", a.kind = "one")));
        let root = outer.in_scope(|| info_span!(parent: None, "b.root"));
        outer.in_scope(|| root.in_scope(|| event!(name: "a.happened", Severity::INFO, { a.count = 3 })));
        // As a task that was made inside a declared span, and goes on when that was left.
        let task = outer.in_scope(|| info_span!("b.task"));
        task.in_scope(|| event!(name: "a.happened", Severity::INFO, { a.count = 4 }));
    };
    let expected = [
        "a.inner() a.kind=one",
        "a.inner(a.outer) a.kind=two",
        "a.happened(a.outer) a.count=1",
        "a.happened() a.count=2",
        "a.inner() a.kind=one",
        "a.happened(a.outer) a.count=3",
        "a.happened() a.count=4",
        "a.outer()",
    ];
    for neighbour in [false, true] {
        let layer = |telemetry: &Telemetry| {
            let neighbour = neighbour.then(Neighbour::default);
            let subscriber = tracing_subscriber::registry().with(telemetry.layer()).with(neighbour);
            tracing::subscriber::with_default(subscriber, program);
        };
        assert_eq!(sent(Builder::build, layer).0, expected, "layer, {neighbour}");
        let sdk = |telemetry: &Telemetry| {
            let neighbour = neighbour.then(Neighbour::default);
            let subscriber = tracing_subscriber::registry().with(telemetry.otel_layers()).with(neighbour);
            tracing::subscriber::with_default(subscriber, program);
        };
        assert_eq!(sent(Builder::build, sdk).0, expected, "SDK, {neighbour}");
    }
}

/// Records while it is written, and so leaves another layer's filter with a stale answer.
struct Records;

impl std::fmt::Debug for Records {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        tracing::info!("written");
        f.write_str("one")
    }
}

#[test]
fn a_span_that_a_hosts_filter_hides_is_no_panic() {
    // A subscriber of a scope hears nothing that is recorded while it is at work.
    alone!();
    let program = |telemetry: &Telemetry| {
        let shown = tracing_subscriber::fmt::layer().with_writer(std::io::sink).with_filter(LevelFilter::DEBUG);
        let hidden = telemetry.otel_layers().with_filter(LevelFilter::INFO);
        tracing_subscriber::registry().with(shown).with(hidden).init();
        drop(tracing::debug_span!("a.inner", a.kind = ?Records));
        drop(info_span!("a.outer"));
    };
    assert_eq!(sent(Builder::build, program).0, ["a.outer()"]);
}

#[test]
fn following_from_another_span_is_not_a_parent() {
    check(
        || {
            let cause = info_span!("a.outer");
            let effect = info_span!("a.inner");
            effect.follows_from(&cause);
            drop(effect);
            drop(cause);
        },
        &["a.inner()", "a.outer()"],
    );
}

#[test]
fn a_span_may_end_on_another_thread_than_it_began_on() {
    let subscriber = |telemetry: &Telemetry| {
        let subscriber = tracing_subscriber::registry().with(telemetry.layer());
        let dispatch = tracing::Dispatch::new(subscriber);
        let span = tracing::dispatcher::with_default(&dispatch, || info_span!("a.outer", a.count = 1));
        let there = dispatch.clone();
        std::thread::spawn(move || {
            tracing::dispatcher::with_default(&there, || {
                span.in_scope(|| drop(info_span!("a.inner", a.count = 2)));
                drop(span);
            });
        })
        .join()
        .expect("the thread ends");
    };
    assert_eq!(sent(Builder::build, subscriber).0, ["a.inner(a.outer) a.count=2", "a.outer() a.count=1"]);
}

#[test]
fn a_status_is_the_recorded_one_and_ok_is_final() {
    let outer = |status: &[&str]| {
        let span = info_span!("a.outer", otel.status_code = field::Empty);
        status.iter().for_each(|status| {
            span.record("otel.status_code", status);
        });
    };
    for (status, expected) in [
        (&["ok"][..], "a.outer() ok"),
        (&["OK"], "a.outer() ok"),
        (&["Error"], "a.outer() error"),
        (&["error", "ok"], "a.outer() ok"),
        (&["ok", "error"], "a.outer() ok"),
        (&["error", "unset"], "a.outer() error"),
        (&["failed: no such file /home/alice"], "a.outer()"),
        (&[], "a.outer()"),
    ] {
        check(|| outer(status), &[expected]);
    }
    check(|| scruple::fail(&info_span!("a.outer", otel.status_code = field::Empty)), &["a.outer() error"]);
}

#[test]
fn a_span_that_ends_in_a_panic_has_failed() {
    check(
        || {
            let work = std::panic::catch_unwind(|| {
                let _span = info_span!("a.outer").entered();
                std::panic::resume_unwind(Box::new("alice"));
            });
            assert!(work.is_err());
        },
        &["a.outer() error"],
    );
}

#[test]
fn an_absent_uri_has_the_absent_value() {
    check(|| drop(info_span!("a.uri")), &["a.uri() a.to=none"]);
    check(|| drop(info_span!("a.uri", a.to = "/home/alice")), &["a.uri() a.to=file"]);
    check(|| drop(info_span!("a.uri", a.to = "ftp://alice")), &["a.uri()"]);
}

#[test]
fn a_span_over_its_limit_leaves_no_gap() {
    check(
        || {
            let _outer = info_span!("a.outer").entered();
            for _ in 0..4 {
                info_span!("a.limited").in_scope(|| drop(info_span!("a.inner")));
            }
        },
        &[
            "a.inner(a.limited)",
            "a.limited(a.outer)",
            "a.inner(a.limited)",
            "a.limited(a.outer)",
            "a.inner(a.outer)",
            "a.inner(a.outer)",
            "a.outer()",
        ],
    );
}

#[test]
fn an_opt_in_attribute_is_sent_only_when_the_author_opts_in() {
    let program = |telemetry: &Telemetry| {
        let subscriber = tracing_subscriber::registry().with(telemetry.layer());
        tracing::subscriber::with_default(subscriber, || drop(info_span!("a.outer", a.opt = true)));
    };
    let (lines, telemetry) = sent(Builder::build, program);
    assert_eq!(lines, ["a.outer()"]);
    assert_eq!(telemetry.drop_counts().get(DropReason::NotOptedIn), 1);
    let (lines, _) = sent(|builder| builder.opt_in("a.opt").build(), program);
    assert_eq!(lines, ["a.outer() a.opt=true"]);
}

#[test]
fn dropped_values_are_counted_by_reason() {
    let program = |telemetry: &Telemetry| {
        let subscriber = tracing_subscriber::registry().with(telemetry.layer());
        tracing::subscriber::with_default(subscriber, || {
            drop(info_span!("a.inner", a.kind = "alice", x = 1, y = 2, size = f64::NAN));
        });
    };
    let (lines, telemetry) = sent(Builder::build, program);
    assert_eq!(lines, ["a.inner()"]);
    let counts: Vec<_> = telemetry.drop_counts().iter().collect();
    assert_eq!(
        counts,
        [
            (DropReason::UndeclaredField, 2),
            (DropReason::NotAMember, 1),
            (DropReason::OutOfRange, 1),
            (DropReason::MissingRequired, 1)
        ]
    );
}

#[test]
fn a_debug_that_records_itself_is_withheld_and_ends() {
    struct Recursive;
    impl std::fmt::Debug for Recursive {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            event!(name: "a.happened", Severity::INFO, { a.kind = ?Recursive });
            drop(info_span!("a.outer", a.count = 9));
            f.write_str("one")
        }
    }
    let telemetry = {
        let program = |telemetry: &Telemetry| {
            let subscriber = tracing_subscriber::registry().with(telemetry.layer());
            tracing::subscriber::with_default(subscriber, || {
                // Through a second dispatch as well, which does not know that the first is at work.
                event!(name: "a.happened", Severity::INFO, { a.kind = ?Recursive });
            });
        };
        let (lines, telemetry) = sent(Builder::build, program);
        assert_eq!(lines, ["a.happened() a.kind=one"]);
        telemetry
    };
    assert!(telemetry.drop_counts().get(DropReason::Reentrant) <= 2);
}

/// Counts what a neighbour sees.
#[derive(Clone, Default)]
struct Neighbour(Arc<Mutex<Vec<String>>>);

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Neighbour {
    fn on_new_span(&self, attributes: &tracing::span::Attributes<'_>, _: &tracing::span::Id, _: Context<'_, S>) {
        self.0.lock().expect("no panic").push(attributes.metadata().name().to_owned());
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let name = if event.metadata().name().starts_with("event ") { "event" } else { event.metadata().name() };
        self.0.lock().expect("no panic").push(name.to_owned());
    }
}

#[test]
fn another_layer_sees_everything_in_either_order_on_or_off() {
    let expected = ["a.outer", "b.outer", "a.happened", "event"];
    let program = || {
        let _outer = info_span!("a.outer").entered();
        let _undeclared = info_span!("b.outer").entered();
        event!(name: "a.happened", Severity::INFO, { a.count = 1 });
        tracing::info!("an event of the neighbour's");
    };
    for off in [false, true] {
        for first in [false, true] {
            let neighbour = Neighbour::default();
            let run = |telemetry: &Telemetry| {
                let registry = tracing_subscriber::registry();
                if first {
                    let subscriber = registry.with(neighbour.clone()).with(telemetry.layer());
                    tracing::subscriber::with_default(subscriber, program);
                } else {
                    let subscriber = registry.with(telemetry.layer()).with(neighbour.clone());
                    tracing::subscriber::with_default(subscriber, program);
                }
            };
            let build = |builder: Builder| if off { scruple::start(&REGISTRY).build() } else { builder.build() };
            let (lines, _) = sent(build, run);
            assert_eq!(*neighbour.0.lock().expect("no panic"), expected, "off: {off}, first: {first}");
            assert_eq!(lines.len(), if off { 0 } else { 2 }, "off: {off}, first: {first}");
        }
    }
}

#[test]
fn a_hosts_own_opentelemetry_layer_and_ours_do_not_see_each_others_ids() {
    use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
    use tracing_opentelemetry::OpenTelemetrySpanExt as _;
    let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder().build();
    let ids = Arc::new(Mutex::new(String::new()));
    let keep = Arc::clone(&ids);
    let telemetry = scruple::start(&REGISTRY)
        .rehearsal(Rehearsal::new())
        .export(scruple::Exporter::requests(Format::Json, move |_, bytes| {
            keep.lock().expect("no panic").push_str(&String::from_utf8_lossy(bytes));
        }))
        .build();
    let subscriber = tracing_subscriber::registry()
        .with(telemetry.layer())
        .with(tracing_opentelemetry::layer().with_tracer(provider.tracer("host")));
    let host = tracing::subscriber::with_default(subscriber, || {
        let span = info_span!("a.outer", a.count = 1).entered();
        span.context().span().span_context().clone()
    });
    let ours = ids.lock().expect("no panic");
    assert!(host.is_valid() && ours.contains("a.outer"));
    assert!(!ours.contains(&host.trace_id().to_string()) && !ours.contains(&host.span_id().to_string()));
}

#[test]
fn events_can_be_kept_on_their_spans_too() {
    let requests = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&requests);
    let telemetry = scruple::start(&REGISTRY)
        .rehearsal(Rehearsal::new())
        .span_events()
        .export(scruple::Exporter::requests(Format::Json, move |kind, bytes| {
            let value: Value = serde_json::from_slice(bytes).expect("JSON");
            keep.lock().expect("no panic").push((kind, value));
        }))
        .build();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
        let _span = info_span!("a.outer").entered();
        event!(name: "a.happened", Severity::INFO, { a.kind = "one", user = "alice" }, "alice");
    });
    let requests = requests.lock().expect("no panic");
    assert_eq!(render(&requests), ["a.happened(a.outer) a.kind=one", "a.outer()"]);
    let events = &requests[1].1["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["events"];
    assert_eq!(events.as_array().map(Vec::len), Some(1));
    assert_eq!(events[0]["name"], "a.happened");
    assert!(!events.to_string().contains("alice"));
}

/// A duration is measured from the exact start, and tells no more of the start than the times do.
#[test]
fn a_duration_has_a_resolution_of_its_own() {
    const SECOND: u64 = 1_000_000_000;
    static TIMED: Registry<'static> =
        Registry::new("https://telemetry.example.com/schemas/timed/1.0.0", service("com.example.timed", "timed"))
            .spans(&[signal("t.coarse", &[]), signal("t.fine", &[]).duration(TimeResolution::Millisecond)]);
    let spans = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&spans);
    let clock = FixedClock::at(1_790_000_000 * SECOND + 900_000_000).step(2 * SECOND + 150_700_000);
    let telemetry = scruple::start(&TIMED)
        .rehearsal(Rehearsal::new().clock(clock))
        .export(scruple::Exporter::requests(Format::Json, move |_, bytes: &[u8]| {
            let value: Value = serde_json::from_slice(bytes).expect("a request is JSON");
            keep.lock().expect("no panic").push(value["resourceSpans"][0]["scopeSpans"][0]["spans"][0].clone());
        }))
        .build();
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    tracing::subscriber::with_default(subscriber, || {
        drop(info_span!("t.coarse"));
        drop(info_span!("t.fine"));
    });
    drop(telemetry);
    for (span, lasts) in spans.lock().unwrap().iter().zip([2 * SECOND, 2 * SECOND + 150_000_000]) {
        let time = |key: &str| span[key].as_str().unwrap().parse::<u64>().unwrap();
        let (start, end) = (time("startTimeUnixNano"), time("endTimeUnixNano"));
        assert_eq!((start % SECOND, end - start), (0, lasts), "{span}");
    }
    assert_eq!(spans.lock().unwrap().len(), 2);
}

#[test]
fn disabling_takes_effect_at_once() {
    let program = |telemetry: &Telemetry| {
        let subscriber = tracing_subscriber::registry().with(telemetry.layer());
        tracing::subscriber::with_default(subscriber, || {
            let open = info_span!("a.outer");
            drop(info_span!("a.inner", a.count = 1));
            telemetry.disable();
            drop(info_span!("a.inner", a.count = 2));
            drop(open);
        });
        assert!(!telemetry.is_on());
    };
    assert_eq!(sent(Builder::build, program).0, ["a.inner() a.count=1"]);
}

#[test]
fn the_status_says_that_the_layer_is_in_no_subscriber() {
    let says = |telemetry: &Telemetry| telemetry.status().to_string().contains("in no subscriber");
    let telemetry = scruple::start(&REGISTRY)
        .rehearsal(Rehearsal::new())
        .export(scruple::Exporter::requests(Format::Json, |_, _| {}))
        .build();
    assert!(says(&telemetry));
    assert_eq!(telemetry.status().hidden, None, "the level is not that of a filter");
    let layer = telemetry.layer();
    assert!(says(&telemetry), "it was only made");
    let subscriber = tracing_subscriber::registry().with(Some(layer));
    assert!(!says(&telemetry));
    drop(subscriber);
    let telemetry = scruple::start(&REGISTRY)
        .rehearsal(Rehearsal::new())
        .export(scruple::Exporter::requests(Format::Json, |_, _| {}))
        .build();
    drop(telemetry.gates());
    assert!(!says(&telemetry));
}

#[test]
fn the_layer_and_the_telemetry_cross_threads() {
    fn crosses<T: Send + Sync>(_: &T) {}
    let telemetry = scruple::start(&REGISTRY).build();
    crosses(&telemetry);
    crosses(&telemetry.layer::<tracing_subscriber::Registry>());
}

/// Each waits in the author's function until the other has arrived there, which a lock around it would prevent.
#[test]
fn recording_threads_do_not_wait_for_each_other() {
    let inside = Arc::new((Mutex::new(0), Condvar::new(), Mutex::new(Vec::new())));
    let seen = Arc::clone(&inside);
    let take = move |_, _: &[u8]| {
        let (count, arrival, met) = &*seen;
        let mut count = count.lock().expect("no panic");
        *count += 1;
        arrival.notify_all();
        let (_count, waited) = arrival.wait_timeout_while(count, PATIENCE, |count| *count < 2).expect("no panic");
        met.lock().expect("no panic").push(!waited.timed_out());
    };
    let builder = scruple::start(&REGISTRY).rehearsal(Rehearsal::new());
    let telemetry = builder.export(scruple::Exporter::requests(Format::Json, take)).build();
    let dispatch = tracing::Dispatch::new(tracing_subscriber::registry().with(telemetry.layer()));
    let record = || {
        tracing::dispatcher::with_default(&dispatch, || event!(name: "a.happened", Severity::INFO, {}));
    };
    std::thread::scope(|scope| [scope.spawn(record), scope.spawn(record)].map(drop));
    assert_eq!(*inside.2.lock().expect("no panic"), [true, true]);
}

//! Where the line stops: open spans, signals, opting in, and the wait at the end.

use scruple::encode::Format;
use scruple::privacy::{Clean, DropReason, Record, Sink};
use scruple::registry::{Attribute, Registry, Source, Treatment};
use scruple::testing::Rehearsal;
use scruple::{Builder, Telemetry};
use scruple_fixtures::tables::{opt_in, service, signal};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use tracing::callsite::{Callsite, Identifier};
use tracing::field::FieldSet;
use tracing::metadata::Kind;
use tracing::subscriber::Interest;
use tracing::{Event, Level as Severity, Metadata, event, info_span};
use tracing_subscriber::prelude::*;

/// The most spans that are open at once.
const MOST: usize = 65_536;

static REGISTRY: Registry<'static> = Registry::new(
    "https://limits.example/schemas/1.0.0",
    service("example.limits", "limits").endpoint("https://telemetry.limits.example"),
)
.attributes(&[Attribute::new(
    "limits.to",
    "",
    Treatment::UriScheme { members: &["file", "none"], otherwise: None, absent: Some(1) },
)])
.spans(&[signal("limits.open", &[]), signal("limits.uri", &[opt_in(0)])])
.events(&[signal("limits.seen", &[])]);

/// The names of the records and how many attributes each has.
#[derive(Clone, Default)]
struct Keep(Arc<Mutex<Vec<(&'static str, usize)>>>);

impl Sink for Keep {
    fn accept(&self, record: &Clean<Record>) {
        self.0.lock().unwrap().push((record.signal().name, record.attributes().count()));
    }
}

#[track_caller]
fn check(change: fn(Builder) -> Builder, program: impl FnOnce(), expected: &[(&str, usize)]) -> Telemetry {
    let keep = Keep::default();
    let telemetry = change(scruple::start(&REGISTRY).rehearsal(Rehearsal::new())).export(keep.clone()).build();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(telemetry.layer()), program);
    assert_eq!(*keep.0.lock().unwrap(), expected);
    telemetry
}

fn kept(registry: &'static Registry<'static>) -> (Keep, Telemetry) {
    let keep = Keep::default();
    let telemetry = scruple::start(registry).rehearsal(Rehearsal::new()).export(keep.clone()).build();
    (keep, telemetry)
}

#[test]
fn nothing_is_sent_for_an_absent_uri_whose_attribute_is_not_opted_in() {
    let program = || drop(info_span!("limits.uri"));
    drop(check(|builder| builder, program, &[("limits.uri", 0)]));
    drop(check(|builder| builder.opt_in("limits.to"), program, &[("limits.uri", 1)]));
}

#[test]
fn spans_that_never_end_do_not_fill_the_memory() {
    let (keep, telemetry) = kept(&REGISTRY);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
        let mut open: Vec<_> = (0..MOST + 10).map(|_| info_span!("limits.open")).collect();
        assert_eq!(telemetry.drop_counts().get(DropReason::TooManyOpen), 10);
        open.clear();
        assert_eq!(keep.0.lock().unwrap().len(), MOST);
        // Each gave its room back, also those that had none.
        open.extend((0..MOST).map(|_| info_span!("limits.open")));
        assert_eq!(telemetry.drop_counts().get(DropReason::TooManyOpen), 10);
    });
}

/// A registry whose first span and first event are limited to one.
static ONCE: Registry<'static> =
    REGISTRY.spans(&[signal("limits.open", &[]).at_most(1)]).events(&[signal("limits.once", &[]).at_most(1)]);

#[test]
fn spans_and_events_of_one_index_have_limits_of_their_own() {
    let (keep, telemetry) = kept(&ONCE);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
        for _ in 0..3 {
            event!(name: "limits.once", Severity::INFO, {});
            drop(info_span!("limits.open"));
        }
    });
    assert_eq!(*keep.0.lock().unwrap(), [("limits.once", 0), ("limits.open", 0)]);
    assert_eq!(telemetry.drop_counts().get(DropReason::OverLimit), 4);
}

#[test]
fn a_span_keeps_128_events_at_most() {
    struct Events(Arc<Mutex<Vec<usize>>>);
    impl Sink for Events {
        fn accept(&self, record: &Clean<Record>) {
            self.0.lock().unwrap().push(record.events().len());
        }
    }
    let seen = Arc::new(Mutex::new(Vec::new()));
    let builder = scruple::start(&REGISTRY).rehearsal(Rehearsal::new()).span_events();
    let telemetry = builder.export(Events(Arc::clone(&seen))).build();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
        let _span = info_span!("limits.open").entered();
        (0..130).for_each(|_| event!(name: "limits.seen", Severity::INFO, {}));
    });
    assert_eq!(seen.lock().unwrap().last(), Some(&128));
    assert_eq!(telemetry.drop_counts().get(DropReason::OverLimit), 2);
}

#[test]
fn nothing_is_recorded_after_the_end() {
    let (keep, telemetry) = kept(&REGISTRY);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
        let open = info_span!("limits.open");
        drop(telemetry);
        drop(open);
        event!(name: "limits.seen", Severity::INFO, {});
    });
    assert_eq!(*keep.0.lock().unwrap(), []);
}

/// A callsite made at run time.
struct Place(OnceLock<Metadata<'static>>);

impl Callsite for Place {
    fn set_interest(&self, _: Interest) {}

    fn metadata(&self) -> &Metadata<'static> {
        self.0.get().unwrap()
    }
}

#[test]
fn a_signal_with_too_many_callsites_is_dropped_and_counted() {
    let (keep, telemetry) = kept(&REGISTRY);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
        for _ in 0..1_030 {
            let place: &'static Place = Box::leak(Box::new(Place(OnceLock::new())));
            let fields = FieldSet::new(&[], Identifier(place));
            let level = Severity::INFO;
            let metadata = place
                .0
                .get_or_init(|| Metadata::new("limits.seen", "limits", level, None, None, None, fields, Kind::EVENT));
            Event::dispatch(metadata, &metadata.fields().value_set::<[_; 0]>(&[]));
        }
    });
    assert_eq!(keep.0.lock().unwrap().len(), 1_024);
    assert_eq!(telemetry.drop_counts().get(DropReason::TooManyCallsites), 6);
}

#[test]
fn the_end_of_the_telemetry_waits_for_the_budget_and_not_longer() {
    #[derive(Clone, Default)]
    struct Close(Arc<Mutex<Vec<Duration>>>);
    impl Sink for Close {
        fn accept(&self, _: &Clean<Record>) {}
        fn close(&self, budget: Duration) {
            self.0.lock().unwrap().push(budget);
        }
    }
    for (set, expected) in
        [(None, Duration::from_millis(200)), (Some(Duration::from_millis(7)), Duration::from_millis(7))]
    {
        let close = Close::default();
        let builder = scruple::start(&REGISTRY).rehearsal(Rehearsal::new());
        let builder = set.into_iter().fold(builder, Builder::shutdown_timeout);
        drop(builder.export(close.clone()).build());
        assert_eq!(*close.0.lock().unwrap(), [expected]);
    }
}

#[test]
fn a_resource_value_is_a_member_of_at_most_256_printable_bytes() {
    const fn given(key: &'static str, source: Source, members: &'static [&'static str]) -> Attribute<'static> {
        Attribute::new(key, "", Treatment::Given { source, members })
    }
    static WITH_RESOURCE: Registry<'static> = REGISTRY
        .attributes(&[
            given("alice", Source::App, &[]),
            given("host.arch", Source::System, &["an architecture of the future"]),
            given("process.runtime.name", Source::Runtime, &["rustc"]),
            given("service.version", Source::App, &[]),
        ])
        .resource(&[0, 1, 2, 3])
        .spans(&[signal("limits.open", &[])])
        .events(&[]);
    let check = |version: &str, expected: &[&str]| {
        let line = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&line);
        let take = move |_, bytes: &[u8]| keep.lock().unwrap().extend_from_slice(bytes);
        let builder = scruple::start(&WITH_RESOURCE).rehearsal(Rehearsal::new()).version(version);
        let telemetry = builder.export(scruple::Exporter::requests(Format::Json, take)).build();
        let subscriber = tracing_subscriber::registry().with(telemetry.layer());
        tracing::subscriber::with_default(subscriber, || drop(info_span!("limits.open")));
        let value: serde_json::Value = serde_json::from_slice(&line.lock().unwrap()).unwrap();
        let span = &value["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
        assert!(span.get("name").is_some() && span.get("status").is_none(), "what says nothing is left out");
        let attributes = value["resourceSpans"][0]["resource"]["attributes"].as_array().unwrap();
        let texts: Vec<_> = attributes.iter().map(|a| a["value"]["stringValue"].as_str().unwrap()).collect();
        assert_eq!(texts, expected, "{version:?}");
        let withheld = telemetry.drop_counts().get(DropReason::NotAProgramVersion);
        assert_eq!(withheld, u64::from(!expected.contains(&version)), "{version:?}");
    };
    for version in ["1.2.3.4", "7", "1.0.0-rc.2"] {
        check(version, &["rustc", version]);
    }
    // What is no version of a program is not sent: the compiled one is.
    let long = "1".repeat(257);
    for version in ["alice-laptop (alice@example.com)", "1.0.0-alice", "1.0.0+alice", "1.0\n", "", &long] {
        check(version, &["rustc", "1.0.0"]);
    }
}

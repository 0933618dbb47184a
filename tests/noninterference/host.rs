//! The host is not harmed, and its own doings do not show: what only a whole process can show, in a second process.

mod panics;

use scruple::encode::Format;
use scruple::registry::{Attribute, Registry, Signal, Treatment};
use scruple::testing::Rehearsal;
use scruple_fixtures::tables::{self, service, used};
use scruple_fixtures::{
    person, process,
    source::{Counting, FixedClock},
};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tracing::level_filters::LevelFilter;
use tracing::{Level as Severity, event, info_span};
use tracing_subscriber::prelude::*;

const fn signal(name: &'static str) -> Signal<'static> {
    tables::signal(name, const { &[used(0)] })
}

static REGISTRY: Registry<'static> = Registry::new(
    "https://host.example/schemas/1.0.0",
    service("example.host", "host").endpoint("https://telemetry.host.example"),
)
.attributes(&[Attribute::new("host.task", "", Treatment::Enum { members: &["one", "two"], otherwise: None })])
.spans(&[signal("host.inner"), signal("host.outer")])
.events(&[signal("host.ended")]);

/// The last part of a home folder that a role may take away.
const HOME: &str = "home-of-a-role";

struct Neighbour;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Neighbour {}

/// A telemetry that writes each request as a line to standard output.
fn telemetry() -> scruple::Telemetry {
    let write = |_, bytes: &[u8]| {
        let mut out = std::io::stdout().lock();
        out.write_all(b"> ").and_then(|()| out.write_all(bytes)).and_then(|()| out.write_all(b"\n")).unwrap();
    };
    let fixed = Rehearsal::new().clock(FixedClock::at(1_790_000_000_000_000_000)).random(Counting::spread());
    scruple::start(&REGISTRY).rehearsal(fixed).export(scruple::Exporter::requests(Format::Json, write)).build()
}

/// Opens declared spans with undeclared ones between them, and exits with all of them open.
fn exit(door: &str, undeclared: usize) {
    let telemetry = telemetry();
    let subscriber = tracing_subscriber::registry().with(Neighbour);
    match door {
        "layer" => subscriber.with(telemetry.layer()).init(),
        _ => subscriber.with(telemetry.otel_layers()).init(),
    }
    let mut open = Vec::new();
    for (number, name) in ["one", "two", "alice", "two", "one"].iter().enumerate() {
        open.push(if number % 2 == 0 {
            info_span!("host.outer", host.task = name)
        } else {
            info_span!("host.inner", host.task = name)
        });
        open.extend((0..undeclared).map(|_| info_span!("undeclared")));
    }
    telemetry.exit(0);
}

/// Records an event while a thread ends, its own thread-locals already gone or going. No span: tracing-subscriber's
/// registry 0.3.23 panics when one is made there.
fn thread_end() {
    struct Last;
    impl Drop for Last {
        fn drop(&mut self) {
            event!(name: "host.ended", Severity::INFO, { host.task = ?String::from("x") });
        }
    }
    thread_local!(static LAST: Last = const { Last });
    let telemetry = telemetry();
    tracing_subscriber::registry().with(telemetry.layer()).init();
    std::thread::spawn(|| {
        LAST.with(|_| ());
        drop(info_span!("host.inner"));
    })
    .join()
    .unwrap();
}

/// A panic whose value panics when it is dropped, thrown by a value's `Debug`.
fn thrown() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("of the payload");
        }
    }
    struct Throws;
    impl std::fmt::Debug for Throws {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            std::panic::panic_any(Bomb)
        }
    }
    let telemetry = telemetry();
    tracing_subscriber::registry().with(telemetry.layer()).init();
    event!(name: "host.ended", Severity::INFO, { host.task = ?Throws });
}

/// A value's `Debug` that turns telemetry off, ends spans and leaves the subscriber, while it is read.
fn meddling() {
    struct Meddles<'a>(std::cell::RefCell<Option<tracing::Span>>, &'a scruple::Telemetry);
    impl std::fmt::Debug for Meddles<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            drop(self.0.borrow_mut().take());
            self.1.disable();
            f.write_str("one")
        }
    }
    let telemetry = telemetry();
    tracing_subscriber::registry().with(telemetry.layer()).init();
    let outer = info_span!("host.outer", host.task = "two");
    let meddles = Meddles(Some(outer.clone()).into(), &telemetry);
    drop(outer);
    drop(info_span!("host.inner", host.task = ?meddles));
    drop(info_span!("host.inner", host.task = "one"));
}

/// A value's `Debug` that records, under a global subscriber: only there does `tracing` let it through.
fn recording() {
    struct Records;
    impl std::fmt::Debug for Records {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            event!(name: "host.ended", Severity::INFO, { host.task = "two" });
            drop(info_span!("host.inner", host.task = ?Records));
            f.write_str("one")
        }
    }
    let telemetry = telemetry();
    tracing_subscriber::registry().with(telemetry.layer()).init();
    let span = info_span!("host.outer", host.task = ?Records);
    span.record("host.task", tracing::field::debug(Records));
    event!(name: "host.ended", Severity::INFO, { host.task = ?Records });
    drop(span);
    // Two for each of the three values.
    assert_eq!(telemetry.drop_counts().get(scruple::privacy::DropReason::Reentrant), 6);
}

/// Turns telemetry off on a thread that has no subscriber, while another thread has the only one.
fn elsewhere() {
    struct Sees(Arc<AtomicU64>);
    impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Sees {
        fn on_event(&self, _: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let telemetry = telemetry();
    let seen = Arc::new(AtomicU64::new(0));
    let subscriber = tracing_subscriber::registry().with(telemetry.layer()).with(Sees(Arc::clone(&seen)));
    tracing::subscriber::with_default(subscriber, || {
        let program = || {
            tracing::error!("the host's own");
            event!(name: "host.ended", Severity::INFO, { host.task = "one" });
        };
        program();
        std::thread::scope(|threads| threads.spawn(|| telemetry.disable()).join()).unwrap();
        program();
    });
    assert_eq!(seen.load(Ordering::Relaxed), 4);
}

/// Whether telemetry's end leaves `tracing` as if it had never been there, however it comes.
fn off(how: &str) {
    let home = std::env::home_dir().expect("a home folder");
    assert!(cfg!(windows) || home.ends_with(HOME), "a home folder of the test's own");
    let builder = scruple::start(&REGISTRY).export(scruple::Exporter::requests(Format::Json, |_, _| ()));
    let telemetry = if how == "home" {
        builder.preset(scruple::Preset::OperatorConsent)
    } else {
        builder.rehearsal(Rehearsal::new())
    }
    .build();
    tracing_subscriber::registry().with(telemetry.layer()).init();
    let declared = || !info_span!("host.outer").is_disabled();
    assert!(declared() && LevelFilter::current() == LevelFilter::TRACE, "{:?}", telemetry.decision());
    match how {
        "disable" => telemetry.disable(),
        _ => {
            // An answer that is not understood is a no.
            let answers = person::answers_of(&home, REGISTRY.service.app_id);
            std::fs::create_dir_all(answers.parent().unwrap()).unwrap();
            std::fs::write(answers, "no").unwrap();
            assert!(!telemetry.is_on());
        }
    }
    assert!(!declared() && LevelFilter::current() == LevelFilter::OFF);
}

/// The second process: what it does is in a variable, so that it does nothing in a run of all tests.
#[test]
fn role() {
    let Ok(role) = std::env::var("HOST_ROLE") else { return };
    match role.split_once(' ') {
        Some(("off", how)) => off(how),
        Some(("panicking", how)) => panics::role(how),
        Some((door, undeclared)) => exit(door, undeclared.parse().unwrap()),
        None if role == "thread_end" => thread_end(),
        None if role == "thrown" => thrown(),
        None if role == "recording" => recording(),
        None if role == "elsewhere" => elsewhere(),
        None if role == "hook" => panics::hook(),
        None => meddling(),
    }
}

/// What a process of this role sends.
#[track_caller]
fn sent(role: &str) -> Vec<String> {
    // One for each role: they run side by side, and one of them takes its own away.
    let around = std::env::temp_dir().join(format!("scruple-host-{}-{}", std::process::id(), role.replace(' ', "-")));
    let home = around.join(HOME);
    std::fs::create_dir_all(&home).unwrap();
    let mut command = process::of_test("host::role");
    let output = command.env_clear().env("HOST_ROLE", role).env("HOME", &home).output().unwrap();
    std::fs::remove_dir_all(&around).unwrap();
    assert!(output.status.success(), "{role}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split_once("> {").map(|(_, line)| format!("{{{line}"))).collect()
}

/// Checks the names and tasks of what a role sends.
#[track_caller]
fn check(role: &str, expected: &[&str]) {
    let short = |line: &String| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let record = [
            &value["resourceSpans"][0]["scopeSpans"][0]["spans"][0],
            &value["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0],
        ]
        .into_iter()
        .find(|record| record.is_object())
        .unwrap()
        .clone();
        let name = record.get("name").or(record.get("eventName")).and_then(|name| name.as_str()).unwrap().to_owned();
        let task = record["attributes"][0]["value"]["stringValue"].as_str().unwrap_or("-").to_owned();
        format!("{name} {task}")
    };
    assert_eq!(sent(role).iter().map(short).collect::<Vec<_>>(), expected, "{role}");
}

#[test]
fn undeclared_spans_do_not_change_the_order_in_which_an_exit_ends_the_declared_ones() {
    // The times of the gate's spans are the SDK's, which asks the system.
    let untimed = |role: &str| -> Vec<serde_json::Value> {
        let untimed = |line: &String| {
            let mut value: serde_json::Value = serde_json::from_str(line).unwrap();
            let span = value["resourceSpans"][0]["scopeSpans"][0]["spans"][0].as_object_mut().unwrap();
            assert!(span.remove("startTimeUnixNano").is_some() && span.remove("endTimeUnixNano").is_some());
            value
        };
        sent(role).iter().map(untimed).collect()
    };
    for door in ["layer", "gate"] {
        let expected = untimed(&format!("{door} 0"));
        assert_eq!(expected.len(), 5);
        for undeclared in [1, 15, 31, 62, 63] {
            assert_eq!(untimed(&format!("{door} {undeclared}")), expected, "{door}, {undeclared} undeclared");
        }
    }
}

/// Tests of one role each, and what it sends.
macro_rules! roles {
    ($($test:ident: $role:literal, $expected:expr;)+) => {
        $(
            #[test]
            fn $test() {
                check($role, &$expected);
            }
        )+
    };
}

roles! {
    an_event_that_a_thread_records_while_it_ends_is_recorded: "thread_end", ["host.inner -", "host.ended -"];
    a_value_that_throws_what_panics_again_is_withheld: "thrown", ["host.ended -"];
    what_a_value_records_while_it_is_read_is_withheld: "recording", ["host.ended one", "host.outer one"];
    a_value_may_end_spans_and_turn_telemetry_off_while_it_is_read: "meddling", ["host.outer two"];
    turning_it_off_on_another_thread_takes_nothing_from_the_host: "elsewhere", ["host.ended one"];
}

#[test]
fn tracing_behaves_as_without_telemetry_once_it_is_off() {
    // On Windows its files are in the profile, and deleted at the end.
    let _turn = person::Turn::take(REGISTRY.service.app_id);
    for how in ["disable", "home"] {
        check(&format!("off {how}"), &[]);
    }
}

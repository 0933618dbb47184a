//! Panics: what is recorded of one, wherever it comes from, and what telemetry does where the program panics.

use super::{check, sent, telemetry};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tracing::span::{Id, Record};
use tracing::{Event, Level, Subscriber, event, info_span};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::LookupSpan;

/// A layer that formats what it is shown while it holds its span, as `tracing_subscriber::fmt` does, and looks at the
/// current span at each event.
struct Formats;

impl<S> Layer<S> for Formats
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        let mut extensions = span.extensions_mut();
        extensions.insert(format!("{values:?}"));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let _ = (
            context.lookup_current().is_some_and(|span| span.extensions().get::<String>().is_some()),
            format!("{event:?}"),
        );
    }
}

struct Panics;

impl fmt::Debug for Panics {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("of a value")
    }
}

/// The program's own hook records a value that panics: to read it would abort the process.
pub fn hook() {
    let telemetry = telemetry();
    tracing_subscriber::registry().with(telemetry.layer()).init();
    std::panic::set_hook(Box::new(|_| event!(name: "host.ended", Level::INFO, { host.task = ?Panics })));
    assert!(catch_unwind(|| panic!("of the program")).is_err());
    event!(name: "host.ended", Level::INFO, { host.task = %"one" });
}

/// Panics in the middle of a layer's work and in a value that is read, then from the program's own.
pub fn role(how: &str) {
    std::thread::spawn(|| {
        std::thread::sleep(std::time::Duration::from_secs(60));
        #[expect(clippy::disallowed_methods, reason = "a host that hangs ends with a signal")]
        std::process::abort();
    });
    let telemetry = telemetry();
    telemetry.on_panic(|_| event!(name: "host.ended", Level::INFO, { host.task = %"one" }));
    let subscriber = tracing_subscriber::registry().with(telemetry.layer()).with(Formats);
    let caught = |act: &dyn Fn()| catch_unwind(AssertUnwindSafe(act)).is_err();
    let program = || {
        let undeclared = info_span!("undeclared", value = tracing::field::Empty);
        let _outer = info_span!("host.outer", host.task = "two").entered();
        match how {
            "span" => assert!(caught(&|| undeclared.in_scope(|| {
                undeclared.record("value", tracing::field::debug(Panics));
            }))),
            "event" | "scoped event" => assert!(caught(&|| tracing::info!(value = ?Panics))),
            _ => drop(info_span!("host.inner", host.task = ?Panics)),
        }
        assert!(caught(&|| panic!("of the program")));
    };
    if how == "scoped event" {
        tracing::subscriber::with_default(subscriber, program);
    } else {
        subscriber.init();
        program();
    }
}

#[test]
fn a_panic_is_recorded_from_any_code() {
    // Of a span that a neighbour holds, an event that it formats, and a value that we read; then the program's own.
    check("panicking span", &["host.ended one", "host.ended one", "host.outer two"]);
    check("panicking event", &["host.ended one", "host.ended one", "host.outer two"]);
    check("panicking value", &["host.ended one", "host.inner -", "host.ended one", "host.outer two"]);
    // In a thread's own subscriber the program's own alone: `tracing` lets nothing through from inside it.
    check("panicking scoped event", &["host.ended one", "host.outer two"]);
    let lines = sent("panicking span");
    let ids = |line: &String| -> serde_json::Value { serde_json::from_str(line).unwrap() };
    let outer = ids(&lines[2])["resourceSpans"][0]["scopeSpans"][0]["spans"][0].clone();
    for line in &lines[..2] {
        let event = ids(line)["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0].clone();
        assert!(event["spanId"] == outer["spanId"] && event["traceId"] == outer["traceId"], "{event} {outer}");
    }
}

#[test]
fn a_value_is_not_read_where_its_panic_would_abort() {
    check("hook", &["host.ended -", "host.ended one"]);
}

//! What the macros of `tracing` carry.

use super::carrier::{Carrier, Plant};
use std::error::Error;
use std::fmt;
use tracing::field::Empty;
use tracing::{Level, event, info_span};

pub fn carriers() -> Vec<Carrier> {
    [names(), values(), texts(), errors(), callsite()].into_iter().flatten().collect()
}

const fn traced(name: &'static str, plant: fn(&'static str)) -> Carrier {
    Carrier::named(name, Plant::Traced(plant))
}

/// Texts that are fixed at the callsite are written out: the control fails where they are not the carrier's own.
fn names() -> Vec<Carrier> {
    vec![
        traced("name of an undeclared span", |_| drop(info_span!("qz-name-of-an-undeclared-span-qz"))),
        traced("value on an undeclared span", |m| drop(info_span!("u.span", s.mode = m))),
        traced("name of an undeclared event", |_| {
            event!(name: "qz-name-of-an-undeclared-event-qz", Level::INFO, { s.flag = true });
        }),
        traced("value on an undeclared event", |m| event!(name: "u.event", Level::INFO, { s.mode = m })),
        traced("key of a span", |_| drop(info_span!("d.all", "qz-key-of-a-span-qz" = 1))),
        traced("key of an event", |_| event!(name: "d.event", Level::INFO, { "qz-key-of-an-event-qz" = 1 })),
        traced("target of a span", |_| drop(info_span!(target: "qz-target-of-a-span-qz", "d.all"))),
        traced("target of an event", |_| {
            event!(name: "d.event", target: "qz-target-of-an-event-qz", Level::INFO, { s.flag = true });
        }),
        traced("otel.name", |m| drop(info_span!("d.all", otel.name = m))),
        traced("otel.name of an undeclared span", |m| drop(info_span!("u.span", otel.name = m))),
        Carrier::shown("otel.kind", KIND, Plant::Traced(|_| drop(info_span!("d.all", otel.kind = "consumer")))),
        traced("otel.status_description", |m| {
            drop(info_span!("d.all", otel.status_code = "error", otel.status_description = m));
        }),
        traced("otel.status_message", |m| {
            drop(info_span!("d.all", otel.status_code = "error", otel.status_message = m));
        }),
        traced("another otel field", |m| drop(info_span!("d.all", otel.anything = m))),
    ]
}

const KIND: &[&str] = &["kind: Consumer", r#""kind":5"#];

macro_rules! rows_of_key {
    ($($key:tt => $span:literal, $later:literal, $event:literal;)*) => {
        vec![$(
            traced($span, |m| drop(info_span!("d.all", $key = m))),
            traced($later, |m| {
                let span = info_span!("d.all", $key = Empty);
                span.record($key, m);
            }),
            traced($event, |m| event!(name: "d.event", Level::INFO, { $key = m })),
        )*]
    };
}

/// A value that is no member, in every declared key and in one that is not declared.
fn values() -> Vec<Carrier> {
    rows_of_key! {
        "s.count" => "count of a span", "count recorded later", "count of an event";
        "s.extra" => "opt-in of a span", "opt-in recorded later", "opt-in of an event";
        "s.flag" => "flag of a span", "flag recorded later", "flag of an event";
        "s.hash" => "hash of a span", "hash recorded later", "hash of an event";
        "s.kind" => "member of a span", "member recorded later", "member of an event";
        "s.mode" => "member or other of a span", "member or other recorded later", "member or other of an event";
        "s.names" => "names of a span", "names recorded later", "names of an event";
        "s.place" => "place of a span", "place recorded later", "place of an event";
        "s.sha" => "SHA-256 of a span", "SHA-256 recorded later", "SHA-256 of an event";
        "size" => "bucket of a span", "bucket recorded later", "bucket of an event";
        "s.uri" => "URI of a span", "URI recorded later", "URI of an event";
        "s.version" => "version of a span", "version recorded later", "version of an event";
        "secret" => "undeclared key of a span", "undeclared key recorded later", "undeclared key of an event";
        "otel.status_code.text" => "status text of a span", "status text recorded later", "status text of an event";
    }
}

/// Texts around what is declared, other forms of values, and a long one.
fn texts() -> Vec<Carrier> {
    vec![
        traced("rest of a URI", |m| drop(info_span!("d.all", s.uri = format!("https://{m}@host/{m}?{m}#{m}")))),
        traced("scheme of a URI", |m| drop(info_span!("d.all", s.uri = format!("{m}://host/")))),
        traced("beside a name", |m| drop(info_span!("d.all", s.names = format!("--data,{m} --label={m}")))),
        traced("after a version", |m| drop(info_span!("d.all", s.version = format!("1.2.3-{m}")))),
        traced("after a place", |m| drop(info_span!("d.all", s.place = format!("src/main.rs:42 {m}")))),
        traced("before a place", |m| drop(info_span!("d.all", s.place = format!("/home/{m}/src/main.rs:42")))),
        traced("after a member", |m| drop(info_span!("d.all", s.mode = format!("fast {m}")))),
        traced("after a number", |m| drop(info_span!("d.all", s.count = format!("7{m}")))),
        traced("Debug form", |m| drop(info_span!("d.all", s.kind = ?vec![Some(m)]))),
        traced("Display form", |m| drop(info_span!("d.all", s.kind = %format_args!("<{m}>")))),
        traced("bytes", |m| drop(info_span!("d.all", s.hash = m.as_bytes()))),
        traced("bytes of an event", |m| event!(name: "d.event", Level::INFO, { s.hash = m.as_bytes() })),
        traced("end of a megabyte", |m| drop(info_span!("d.all", s.hash = megabyte(m)))),
        traced("end of an undeclared megabyte", |m| {
            event!(name: "d.event", Level::INFO, { secret = megabyte(m) });
        }),
        traced("second value of a field", |m| {
            let span = info_span!("d.all", s.mode = "fast");
            span.record("s.mode", m);
        }),
        traced("message of a declared event", |m| event!(name: "d.event", Level::INFO, { s.flag = true }, "{m}")),
        traced("message of an undeclared event", |m| tracing::info!("{m}")),
        traced("message in a span", |m| info_span!("d.all").in_scope(|| tracing::warn!("{m}"))),
        traced("message of an error in a span", |m| info_span!("d.all").in_scope(|| tracing::error!("{m}"))),
        traced("declared event in a span", |m| {
            info_span!("d.all").in_scope(|| event!(name: "d.event", Level::ERROR, { s.mode = m }));
        }),
        traced("message of a span", |m| drop(info_span!("d.all", message = m))),
        traced("undeclared span between declared ones", |m| {
            let outer = info_span!("d.all");
            let between = info_span!(parent: &outer, "u.span", secret = m);
            drop(info_span!(parent: &between, "d.few", s.count = 1));
        }),
    ]
}

fn megabyte(marker: &str) -> String {
    "x".repeat(1 << 20) + marker
}

fn errors() -> Vec<Carrier> {
    vec![
        traced("error of a span", |m| drop(info_span!("d.all", error = dynamic(&Failed(m, None))))),
        traced("cause of an error of a span", |m| {
            drop(info_span!("d.all", error = dynamic(&Failed("x", Some(Box::new(Failed(m, None)))))));
        }),
        traced("error in a declared key", |m| drop(info_span!("d.all", s.mode = dynamic(&Failed(m, None))))),
        traced("error of a declared event", |m| {
            event!(name: "d.event", Level::ERROR, { error = dynamic(&Failed(m, None)) });
        }),
        traced("error of an event in a span", |m| {
            info_span!("d.all").in_scope(|| {
                event!(name: "d.event", Level::ERROR, { error = dynamic(&Failed(m, None)) });
            });
        }),
        traced("cause of an error of an event in a span", |m| {
            info_span!("d.all").in_scope(|| {
                let failed = Failed("x", Some(Box::new(Failed(m, None))));
                event!(name: "u.event", Level::ERROR, { error = dynamic(&failed) });
            });
        }),
        traced("exception.message of an event", |m| {
            event!(name: "d.event", Level::ERROR, { exception.message = m });
        }),
        traced("exception.stacktrace of a span", |m| drop(info_span!("d.all", exception.stacktrace = m))),
    ]
}

fn dynamic<'a>(error: &'a Failed) -> &'a (dyn Error + 'static) {
    error
}

#[derive(Debug)]
struct Failed(&'static str, Option<Box<Failed>>);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Failed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(dynamic)
    }
}

/// What the stock layers add to every span by themselves.
fn callsite() -> Vec<Carrier> {
    let added = |name, shown| Carrier::shown(name, shown, Plant::Traced(|_| drop(info_span!("d.all"))));
    vec![
        Carrier::text_of("module path", module_path!(), Plant::Traced(|_| drop(info_span!("d.all")))),
        Carrier::text_of("source file", file!(), Plant::Traced(|_| drop(info_span!("d.all")))),
        added("source line", &["code.line.number"]),
        added("id of the thread", &["thread.id"]),
        added("level", &[r#""level""#]),
        added("time in a span", &["busy_ns"]),
        Carrier::shown(
            "severity of an event",
            &["severity_number: Error", r#""severityNumber":17"#],
            Plant::Traced(|_| event!(name: "d.event", Level::ERROR, { s.flag = true })),
        ),
    ]
}
